#include "reports/measurement_record.hpp"

namespace blondel {
namespace {

std::string text_or_none(const RecordFields& f, const char* key) {
  return f.maybe_text(key).value_or("");
}

BudgetLine budget_line_of(const RecordFields& f) {
  BudgetLine line{f.text("source"), f.number("standard_uncertainty"), text_or_none(f, "evaluation")};
  line.distribution = text_or_none(f, "distribution");
  line.degrees_of_freedom = f.maybe_number("degrees_of_freedom");
  line.value = f.maybe_number("value");
  line.unit = text_or_none(f, "unit");
  line.sensitivity = f.maybe_number("sensitivity");
  line.group = text_or_none(f, "group");
  return line;
}

/// What stands around a number: what it was measured for, and how.
void take_circumstances(MeasurementView& one, const RecordFields& f) {
  one.name = f.text("name");
  one.point = text_or_none(f, "point");
  one.power_factor = text_or_none(f, "power_factor");
  one.load = f.maybe_text("load").value_or("balanced");
  one.energy = text_or_none(f, "energy");
  one.requirement = text_or_none(f, "requirement");
  one.method = text_or_none(f, "method");
  one.method_why = text_or_none(f, "method_why");
  one.current_ratio = f.maybe_number("current_ratio");
  if (const auto measuring = f.maybe_object("measuring"))
    one.measuring =
        MeasuringView{measuring->number("seconds"), measuring->maybe_integer("looks").value_or(0),
                      measuring->maybe_integer("most_looks").value_or(0), text_or_none(*measuring, "stopped")};
}

void take_judgement(MeasurementView& one, const RecordFields& f) {
  one.lower = f.maybe_number("lower");
  one.upper = f.maybe_number("upper");
  one.resolution = f.maybe_number("resolution");
  one.rule = text_or_none(f, "rule");
  if (const auto guard = f.maybe_object("guard")) {
    one.guard_accept = guard->maybe_number("accept");
    one.guard_reject = guard->maybe_number("reject");
  }
  if (const auto risk = f.maybe_object("risk")) {
    one.pfa = risk->maybe_number("pfa");
    one.pfr = risk->maybe_number("pfr");
    one.tur = risk->maybe_number("tur");
  }
  one.statement = text_or_none(f, "statement");
  one.informative = text_or_none(f, "informative");
  one.no_measurement = text_or_none(f, "no_measurement");
  one.verdict = f.verdict("verdict");
  one.standard = text_or_none(f, "standard");
  one.edition = text_or_none(f, "edition");
  one.clause = text_or_none(f, "clause");
  one.mark = text_or_none(f, "mark");
}

}  // namespace

MeasurementView measurement_of(const RecordFields& f) {
  MeasurementView one;
  one.step = f.maybe_integer("step").value_or(0);
  take_circumstances(one, f);
  one.value = f.maybe_number("value");
  one.raw = f.maybe_number("raw");
  one.unit = text_or_none(f, "unit");
  one.expanded_uncertainty = f.maybe_number("expanded_uncertainty");
  one.coverage_factor = f.maybe_number("coverage_factor");
  for (const auto& line : f.objects("budget")) one.budget.push_back(budget_line_of(line));
  take_judgement(one, f);
  return one;
}

}  // namespace blondel
