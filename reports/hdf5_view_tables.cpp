#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>
#include <type_traits>

#include "reports/hdf5_tables.hpp"

namespace blondel {
namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

double seconds(std::int64_t nanoseconds) {
  return static_cast<double>(nanoseconds) / 1e9;
}

std::string json_of(const Pairs& pairs) {
  auto object = nlohmann::ordered_json::object();
  for (const auto& [word, text] : pairs) object[word] = text;
  return object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

/// The number that a text is, from its first to its last character.
double number_in(const std::string& text) {
  double number{};
  const auto* end = text.data() + text.size();
  const auto [stop, why] = std::from_chars(text.data(), end, number);
  return why == std::errc{} && stop == end && std::isfinite(number) ? number : nothing;
}

/// A table whose rows are given, and whose columns are what a function or a member says of each row.
template <class Row>
class Table {
 public:
  Table(Hdf5Group& root, const std::string& name, const std::vector<Row>& rows)
      : group_{root.group(name)}, rows_{rows} {}

  template <class Of>
  void texts(const char* name, Of of) {
    group_.texts(name, column<std::string>([&](const Row& row) { return std::string{std::invoke(of, row)}; }));
  }
  template <class Of>
  void integers(const char* name, Of of) {
    group_.integers(
        name, column<std::int64_t>([&](const Row& row) { return static_cast<std::int64_t>(std::invoke(of, row)); }));
  }
  template <class Of>
  void flags(const char* name, Of of) {
    group_.flags(name, column<bool>([&](const Row& row) { return std::invoke(of, row); }));
  }
  /// Of a number, or of an optional one: then NaN stands for none.
  template <class Of>
  void numbers(const char* name, Of of, const Pairs& about) {
    group_.numbers(name, column<double>([&](const Row& row) { return as_number(std::invoke(of, row)); }), about);
  }
  template <class Of>
  void times(const char* name, Of of) {
    numbers(name, of, {{"unit", "s"}});
  }

 private:
  static double as_number(std::optional<double> number) { return number.value_or(nothing); }

  template <class Value, class Of>
  std::vector<Value> column(Of of) const {
    std::vector<Value> values;
    values.reserve(rows_.size());
    for (const auto& row : rows_) values.push_back(of(row));
    return values;
  }

  Hdf5Group group_;
  const std::vector<Row>& rows_;
};

/// Something that was said of a position.
template <class Said>
struct OfPosition {
  int position;
  const Said* said;
};

/// All of them, over all positions, in the order of the journal.
template <class Said>
std::vector<OfPosition<Said>> in_order(const RunView& run, std::vector<Said> PositionView::*list) {
  std::vector<OfPosition<Said>> all;
  for (const auto& position : run.positions)
    for (const auto& one : position.*list) all.push_back({position.position, &one});
  std::ranges::stable_sort(all, {}, [](const auto& one) { return one.said->record; });
  return all;
}

/// What a row says of itself, by a member of what was said.
template <class Said, class Member>
auto its(Member Said::*member) {
  return [member](const OfPosition<Said>& row) -> const Member& { return row.said->*member; };
}

void write_instruments(Hdf5Group& root, const RunView& run) {
  Table table{root, "instruments", run.instruments};
  table.texts("role", &InstrumentView::role);
  table.texts("driver", &InstrumentView::driver);
  table.texts("address", &InstrumentView::address);
  table.texts("maker", &InstrumentView::maker);
  table.texts("model", &InstrumentView::model);
  table.texts("serial", &InstrumentView::serial);
  table.texts("firmware", &InstrumentView::firmware);
}

void write_positions(Hdf5Group& root, const RunView& run) {
  Table table{root, "positions", run.positions};
  table.integers("position", &PositionView::position);
  table.flags("judged", &PositionView::judged);
  table.texts("serial", &PositionView::serial);
  table.texts("verdict", [](const PositionView& p) { return name(p.verdict); });
  table.texts("cause", &PositionView::cause);
  table.texts("firmware_version", &PositionView::firmware_version);
  table.texts("port", &PositionView::port);
  table.texts("identity", [](const PositionView& p) { return json_of(p.identity); });
  const auto of_build = [&table](const char* column, std::string HashedFile::*part) {
    table.texts(column, [part](const PositionView& p) { return p.build ? (*p.build).*part : std::string{}; });
  };
  of_build("build_file", &HashedFile::file);
  of_build("build_sha256", &HashedFile::sha256);
  of_build("build_name", &HashedFile::name);
}

using Measured = OfPosition<MeasurementView>;

/// How long was measured; NaN, 0 and nothing where that is not recorded.
void write_measuring(Table<Measured>& table) {
  const auto of = [](const Measured& m) { return m.said->measuring.value_or(MeasuringView{}); };
  table.times("measuring_s",
              [](const Measured& m) { return m.said->measuring ? m.said->measuring->seconds : nothing; });
  table.integers("looks", [of](const Measured& m) { return of(m).looks; });
  table.integers("most_looks", [of](const Measured& m) { return of(m).most_looks; });
  table.texts("stopped", [of](const Measured& m) { return of(m).stopped; });
}

void write_measurements(Hdf5Group& root, const std::vector<Measured>& rows) {
  using M = MeasurementView;
  const Pairs in_unit = {{"unit_column", "unit"}};
  const Pairs ratio = {{"unit", "1"}};
  Table table{root, "measurements", rows};
  table.integers("record", its(&M::record));
  table.times("bench_time_s", [](const Measured& m) { return seconds(m.said->bench_time_ns); });
  table.integers("step", its(&M::step));
  table.integers("position", &Measured::position);
  table.texts("name", its(&M::name));
  table.texts("point", its(&M::point));
  table.numbers("current_ratio", its(&M::current_ratio), ratio);
  table.texts("power_factor", its(&M::power_factor));
  table.texts("load", its(&M::load));
  table.texts("energy", its(&M::energy));
  table.texts("requirement", its(&M::requirement));
  table.texts("method", its(&M::method));
  table.texts("method_why", its(&M::method_why));
  table.numbers("value", its(&M::value), in_unit);
  table.numbers("raw", its(&M::raw), in_unit);
  table.numbers("lower", its(&M::lower), in_unit);
  table.numbers("upper", its(&M::upper), in_unit);
  table.numbers("expanded_uncertainty", its(&M::expanded_uncertainty), in_unit);
  table.numbers("coverage_factor", its(&M::coverage_factor), ratio);
  table.texts("unit", its(&M::unit));
  table.texts("rule", its(&M::rule));
  table.numbers("guard_accept", its(&M::guard_accept), in_unit);
  table.numbers("guard_reject", its(&M::guard_reject), in_unit);
  table.numbers("pfa", its(&M::pfa), ratio);
  table.numbers("pfr", its(&M::pfr), ratio);
  table.numbers("tur", its(&M::tur), ratio);
  write_measuring(table);
  table.texts("statement", its(&M::statement));
  table.texts("informative", its(&M::informative));
  table.texts("no_measurement", its(&M::no_measurement));
  table.texts("verdict", [](const Measured& m) { return name(m.said->verdict); });
  table.texts("standard", its(&M::standard));
  table.texts("edition", its(&M::edition));
  table.texts("clause", its(&M::clause));
  table.texts("mark", its(&M::mark));
}

void write_budgets(Hdf5Group& root, const std::vector<Measured>& measured) {
  struct Row {
    std::size_t measurement;
    const BudgetLine* line;
  };
  std::vector<Row> rows;
  for (std::size_t i = 0; i < measured.size(); ++i)
    for (const auto& line : measured[i].said->budget) rows.push_back({i, &line});
  Table table{root, "budgets", rows};
  table.integers("measurement", &Row::measurement);
  table.texts("source", [](const Row& row) { return row.line->source; });
  table.numbers("standard_uncertainty", [](const Row& row) { return row.line->standard_uncertainty; },
                {{"unit_column", "/measurements/unit"}});
  table.texts("evaluation", [](const Row& row) { return row.line->evaluation; });
  table.texts("distribution", [](const Row& row) { return row.line->distribution; });
  table.numbers("degrees_of_freedom", [](const Row& row) { return row.line->degrees_of_freedom; }, {{"unit", "1"}});
  table.numbers("value", [](const Row& row) { return row.line->value; }, {{"unit_column", "unit"}});
  table.texts("unit", [](const Row& row) { return row.line->unit; });
  table.numbers("sensitivity", [](const Row& row) { return row.line->sensitivity; },
                {{"unit", "that of the measurement by that of the input"}});
  table.texts("group", [](const Row& row) { return row.line->group; });
}

void write_certificates(Hdf5Group& root, const RunView& run) {
  using C = CertificateView;
  Table table{root, "certificates", run.traceability.certificates};
  table.texts("number", &C::number);
  table.texts("instrument", &C::instrument);
  table.texts("serial", &C::serial);
  table.texts("quantity", &C::quantity);
  table.texts("laboratory", &C::laboratory);
  table.texts("date", &C::date);
  table.texts("due", &C::due);
  table.numbers("coverage_factor", [](const C& one) { return number_in(one.coverage_factor); }, {{"unit", "1"}});
  table.flags("overdue", &C::overdue);
}

void write_classes(Hdf5Group& root, const RunView& run) {
  struct Row {
    const ClassView* of;
    std::string requirement, clause;
    int points;
    NotCovered gap;
  };
  std::vector<Row> requirements, gaps;
  for (const auto& one : run.classes) {
    for (const auto& row : one.requirements) {
      requirements.push_back({&one, row.requirement, row.clause, row.points, {}});
      for (const auto& gap : row.not_covered) gaps.push_back({&one, row.requirement, row.clause, 0, gap});
    }
    for (const auto& gap : one.lacks) gaps.push_back({&one, "", "", 0, gap});
  }
  const auto begin = [](Table<Row>& table) {
    table.texts("standard", [](const Row& row) { return row.of->standard; });
    table.texts("edition", [](const Row& row) { return row.of->edition; });
    table.texts("requirement", &Row::requirement);
    table.texts("clause", &Row::clause);
  };
  Table classes{root, "class_requirements", requirements};
  begin(classes);
  classes.integers("points", &Row::points);
  Table left_out{root, "class_not_covered", gaps};
  begin(left_out);
  left_out.texts("what", [](const Row& row) { return row.gap.what; });
  left_out.texts("why", [](const Row& row) { return row.gap.why; });
}

void write_findings(Hdf5Group& root, const RunView& run) {
  using Found = OfPosition<FindingView>;
  const auto rows = in_order(run, &PositionView::findings);
  Table table{root, "findings", rows};
  table.integers("record", its(&FindingView::record));
  table.times("bench_time_s", [](const Found& f) { return seconds(f.said->bench_time_ns); });
  table.integers("step", its(&FindingView::step));
  table.integers("position", &Found::position);
  table.texts("verdict", [](const Found& f) { return name(f.said->verdict); });
  table.texts("cause", its(&FindingView::cause));
  table.texts("text", its(&FindingView::text));
}

void write_changes(Hdf5Group& root, const RunView& run) {
  using Change = OfPosition<ChangeView>;
  const auto rows = in_order(run, &PositionView::changes);
  const auto put_back = [](const Change& c) { return c.said->put_back.value_or(""); };
  const Pairs by_point = {{"unit_from", "that of the point in the meter's register map"}};
  Table table{root, "changes", rows};
  table.integers("record", its(&ChangeView::record));
  table.integers("step", its(&ChangeView::step));
  table.integers("position", &Change::position);
  table.texts("point", its(&ChangeView::point));
  table.numbers(
      "old", [](const Change& c) { return number_in(c.said->before); }, by_point);
  table.numbers(
      "new", [](const Change& c) { return number_in(c.said->after); }, by_point);
  table.numbers(
      "put_back", [&](const Change& c) { return number_in(put_back(c)); }, by_point);
  table.texts("old_text", its(&ChangeView::before));
  table.texts("new_text", its(&ChangeView::after));
  table.texts("put_back_text", put_back);
}

void write_steps(Hdf5Group& root, const RunView& run) {
  Table table{root, "steps", run.steps};
  table.integers("step", &StepView::number);
  table.texts("name", &StepView::name);
  table.texts("kind", &StepView::kind);
  table.times("predicted_s", &StepView::predicted_s);
  table.times("begin_s", [](const StepView& s) { return seconds(s.begin_ns); });
  table.times("end_s", [](const StepView& s) { return s.end_ns ? seconds(*s.end_ns) : nothing; });

  struct Row {
    std::size_t row;
    int position;
    Verdict verdict;
  };
  std::vector<Row> rows;
  for (std::size_t i = 0; i < run.steps.size(); ++i)
    for (const auto& [position, verdict] : run.steps[i].verdicts) rows.push_back({i, position, verdict});
  Table verdicts{root, "step_verdicts", rows};
  verdicts.integers("steps_row", &Row::row);
  verdicts.integers("position", &Row::position);
  verdicts.texts("verdict", [](const Row& row) { return name(row.verdict); });
}

void write_events(Hdf5Group& root, const RunView& run) {
  Table events{root, "events", run.events};
  events.integers("record", &EventView::record);
  events.times("bench_time_s", [](const EventView& e) { return seconds(e.bench_time_ns); });
  events.texts("level", &EventView::level);
  events.texts("text", &EventView::text);

  Table safe{root, "safe", run.safe};
  safe.integers("record", &SafeView::record);
  safe.times("bench_time_s", [](const SafeView& s) { return seconds(s.bench_time_ns); });
  safe.texts("reason", &SafeView::reason);
  safe.flags("off", &SafeView::off);
  safe.numbers("stop_to_off_ms", &SafeView::stop_to_off_ms, {{"unit", "ms"}});
  safe.texts("proof", [](const SafeView& s) { return json_of(s.proof); });
}

}  // namespace

void write_view_tables(Hdf5Group& root, const RunView& run) {
  write_instruments(root, run);
  write_positions(root, run);
  const auto measured = in_order(run, &PositionView::measurements);
  write_measurements(root, measured);
  write_budgets(root, measured);
  write_certificates(root, run);
  write_classes(root, run);
  write_findings(root, run);
  write_changes(root, run);
  write_steps(root, run);
  write_events(root, run);
}

}  // namespace blondel
