#include "reports/class_view.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "references/error.hpp"
#include "reports/record_fields.hpp"

namespace blondel {
namespace {

std::vector<NotCovered> gaps_in(const RecordFields& f, const char* key) {
  std::vector<NotCovered> gaps;
  for (const auto& one : f.objects(key)) gaps.push_back({one.text("what"), one.maybe_text("why").value_or("")});
  return gaps;
}

template <class Value>
void add_new(std::vector<Value>& to, const std::vector<Value>& from) {
  for (const auto& one : from)
    if (std::ranges::find(to, one) == to.end()) to.push_back(one);
}

/// What two steps say of one requirement: a point that one of them covers is covered.
void merge_requirement(RequirementView& known, const RequirementView& more) {
  known.points += more.points;
  if (known.clause.empty()) known.clause = more.clause;
  std::erase_if(known.not_covered, [&](const NotCovered& gap) {
    return std::ranges::find(more.not_covered, gap.what, &NotCovered::what) == more.not_covered.end();
  });
}

/// "connection CT, Imax 1.2 In"; empty where the record says neither.
std::string chosen_for(const RecordFields& f) {
  std::string text;
  if (const auto connection = f.maybe_text("connection")) text = "connection " + *connection;
  if (const auto imax = f.maybe_text("imax")) text += (text.empty() ? "Imax " : ", Imax ") + *imax;
  return text;
}

int count_in(const RecordFields& f, const char* key) {
  const int count = f.integer(key);
  if (count < 0) throw Failure{Fault::malformed, f.where(), fmt::format("\"{}\" should not be negative", key)};
  return count;
}

}  // namespace

bool TraceabilityView::has_overdue() const {
  return std::ranges::any_of(certificates, &CertificateView::overdue);
}

std::string ClassView::name() const {
  return edition.empty() ? standard : fmt::format("{} ({})", standard, edition);
}

bool ClassView::leaves_out() const {
  return !lacks.empty() || std::ranges::any_of(requirements, [](const RequirementView& row) {
    return row.points == 0 || !row.not_covered.empty();
  });
}

TraceabilityView traceability_of(const RecordFields& f) {
  TraceabilityView view;
  view.date = f.maybe_text("date").value_or("");
  for (const auto& one : f.objects("certificates")) {
    CertificateView certificate;
    certificate.number = one.text("number");
    certificate.instrument = one.maybe_text("instrument").value_or("");
    certificate.serial = one.maybe_text("serial").value_or("");
    certificate.quantity = one.maybe_text("quantity").value_or("");
    certificate.laboratory = one.maybe_text("laboratory").value_or("");
    certificate.date = one.maybe_text("date").value_or("");
    certificate.due = one.maybe_text("due").value_or("");
    if (one.maybe_number("coverage_factor")) certificate.coverage_factor = one.scalar("coverage_factor");
    certificate.overdue = one.maybe_flag("overdue").value_or(false);
    view.certificates.push_back(std::move(certificate));
  }
  return view;
}

void add_coverage(std::vector<ClassView>& classes, const RecordFields& f) {
  const auto standard = f.text("standard");
  const auto edition = f.maybe_text("edition").value_or("");
  auto one = std::ranges::find_if(
      classes, [&](const ClassView& known) { return known.standard == standard && known.edition == edition; });
  if (one == classes.end()) {
    one = classes.insert(classes.end(), ClassView{});
    one->standard = standard;
    one->edition = edition;
  }
  if (one->title.empty()) one->title = f.maybe_text("title").value_or("");
  if (one->informative.empty()) one->informative = f.maybe_text("informative").value_or("");
  if (const auto step = f.maybe_integer("step")) add_new(one->steps, {*step});
  if (const auto meter = chosen_for(f); !meter.empty()) add_new(one->chosen_for, {meter});
  add_new(one->scope, f.texts("scope"));
  add_new(one->lacks, gaps_in(f, "lacks"));
  if (const auto marks = f.maybe_object("marks"))
    for (const auto& [mark, count] : f.pairs("marks"))
      one->marks[mark] = std::max(one->marks[mark], count_in(*marks, mark.c_str()));
  for (const auto& row : f.objects("requirements")) {
    RequirementView said{row.text("requirement"), row.maybe_text("clause").value_or(""), count_in(row, "points"),
                         gaps_in(row, "not_covered")};
    const auto known = std::ranges::find(one->requirements, said.requirement, &RequirementView::requirement);
    if (known == one->requirements.end())
      one->requirements.push_back(std::move(said));
    else
      merge_requirement(*known, said);
  }
}

}  // namespace blondel
