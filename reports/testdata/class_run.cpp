#include "reports/testdata/class_run.hpp"

#include <fmt/format.h>

#include <cmath>
#include <string>
#include <vector>

#include "references/uncertainty/decision.hpp"
#include "references/uncertainty/risk.hpp"

namespace blondel {
namespace {

using Json = nlohmann::ordered_json;

struct ClassPointSample {
  double ratio;
  const char* factor;
  const char* load;
  double first, second;  ///< error of either meter, in %
};

const std::vector<ClassPointSample> active_points = {
    {0.01, "1", "balanced", 0.12, 0.10},       {0.1, "1", "balanced", 0.05, 0.195},
    {1.0, "1", "balanced", 0.02, 0.03},        {0.1, "0.5 ind", "balanced", 0.06, 0.25},
    {1.0, "0.5 ind", "balanced", 0.04, 0.36},  {1.0, "0.8 cap", "balanced", 0.01, -0.10},
    {1.0, "1", "element 1 alone", 0.03, 0.05}, {1.0, "1", "element 2 alone", 0.01, 0.02},
    {1.0, "1", "element 3 alone", 0.02, 0.03}};
const std::vector<ClassPointSample> reactive_points = {{0.05, "sin 1 ind", "balanced", 0.4, 0.5},
                                                       {1.0, "sin 1 ind", "balanced", 0.2, 0.3},
                                                       {1.0, "sin 0.5 cap", "balanced", -0.3, -0.4}};

constexpr double half_width_of_certificate = 0.006, expanded = 0.02, factor_k = 2;

class ClassRun {
 public:
  explicit ClassRun(Journal& journal) : journal_{journal} {}

  void write() {
    head();
    begin(1, "active energy");
    for (const auto& point : active_points) measure(point, 1);
    difference();
    end(1);
    begin(2, "reactive energy");
    for (const auto& point : reactive_points) measure(point, 2);
    end(2);
    finish();
  }

 private:
  void add(const char* kind, Json fields) { journal_.add(kind, now_, std::move(fields)); }

  static Json coverage(const char* standard, Json requirements) {
    return {{"standard", standard},
            {"edition", "2020"},
            {"title", "Meters of an example"},
            {"requirements", std::move(requirements)}};
  }
  static Json requirement(const char* name, const char* clause, int points, Json gaps = Json::array()) {
    return {{"requirement", name}, {"clause", clause}, {"points", points}, {"not_covered", std::move(gaps)}};
  }

  void head() {
    add("run",
        {{"plan", {{"name", "Accuracy classes"}, {"file", "accuracy.yaml"}, {"sha256", "11"}}},
         {"bench", {{"name", "Example bench"}, {"file", "bench.yaml"}, {"sha256", "22"}}},
         {"meter", "Series 4000-K"},
         {"seed", 1},
         {"decision_rule", name(DecisionRule::ilac_g8_non_binary)},
         {"positions", {{{"position", 1}, {"judged", true}}, {{"position", 2}, {"judged", true}}}},
         {"not_covered", {"Example 1 class A, 7.2, starting current: 0.001 In: not in the plan", "the odd one"}}});
    classes();
    add("traceability", {{"date", "2026-11-20"},
                         {"certificates",
                          {{{"number", "K-2025-7"},
                            {"instrument", "zera-com5003"},
                            {"serial", "050012345"},
                            {"quantity", "active power"},
                            {"laboratory", "Example calibration laboratory"},
                            {"date", "2025-10-01"},
                            {"due", "2026-10-01"},
                            {"overdue", true},
                            {"coverage_factor", 2.0}},
                           {{"number", "K-2026-8"},
                            {"instrument", "CT substitute"},
                            {"serial", "7"},
                            {"quantity", "ratio"},
                            {"laboratory", "Example calibration laboratory"},
                            {"date", "2026-03-02"},
                            {"due", "2027-03-02"},
                            {"overdue", false},
                            {"coverage_factor", 1.65}}}}});
    for (const int position : {1, 2})
      add("position", {{"position", position}, {"serial", fmt::format("EX-{}", position)}});
  }

  void classes() {
    const Json above = {{{"what", "1.2 In, PF 1"}, {"why", "8.4 A is above the bench's envelope of 7 A"}}};
    const Json unplanned = {{{"what", "0.001 In"}, {"why", "not in the plan"}}};
    auto first = coverage("Example 1 class A",
                          {requirement("limits of error, balanced load", "Table 4", 6, above),
                           requirement("limits of error, single-phase load", "Table 5", 3),
                           requirement("difference", "8.1", 1), requirement("starting current", "7.2", 0, unplanned)});
    first["scope"] = {"Current sensors are simulated: the result is not one of the whole meter."};
    first["lacks"] = {{{"what", "repeatability"}, {"why", "no figure is known"}}};
    first["marks"] = {{"M", 9}, {"V", 1}};
    first["connection"] = "CT";
    first["imax"] = "1.2 In";
    add("class_coverage", std::move(first));
    auto second = coverage("Example 1 class B", {requirement("limits of error, balanced load", "Table 4", 6)});
    second["informative"] = neighbour_;
    add("class_coverage", std::move(second));
    add("class_coverage", coverage("Example 2 class C", {requirement("limits of error, balanced load", "Table 3", 3)}));
  }

  void begin(int step, const char* name) {
    add("step_begin", {{"step", step}, {"name", name}, {"step_kind", "accuracy"}, {"predicted_s", 60}});
  }
  void end(int step) {
    add("step_end", {{"step", step}, {"verdicts", {{"1", "pass"}, {"2", step == 1 ? "fail" : "pass"}}}});
  }

  /// Two lines of one certificate, which add up before they are squared, and the readings.
  static Json budget() {
    const double each = half_width_of_certificate / 2, rest = std::sqrt(0.01 * 0.01 - 4 * each * each);
    return {{{"source", "CT substitute, ratio"},
             {"standard_uncertainty", each},
             {"evaluation", "B"},
             {"distribution", "normal"},
             {"value", 0.0},
             {"unit", "1"},
             {"sensitivity", 100.0},
             {"group", "K-2026-8"}},
            {{"source", "CT substitute, phase"},
             {"standard_uncertainty", each},
             {"evaluation", "B"},
             {"distribution", "normal"},
             {"value", 1e-5},
             {"unit", "rad"},
             {"sensitivity", 57.7},
             {"group", "K-2026-8"}},
            {{"source", "the meter's readings"},
             {"standard_uncertainty", rest},
             {"evaluation", "A"},
             {"distribution", "normal"},
             {"degrees_of_freedom", 9},
             {"value", 0.0},
             {"unit", "%"},
             {"sensitivity", 1.0}}};
  }

  void judge(Json fields, double value, double limit, const char* standard, const std::string& informative) {
    const auto rule = DecisionRule::ilac_g8_non_binary;
    const auto bands = guard_bands(rule, expanded, -limit, limit);
    const auto risk = specific_risk(value, expanded, factor_k, -limit, limit);
    const auto said = state(value, expanded, -limit, limit, rule);
    fields.update(
        Json{{"value", value},
             {"raw", value + 0.004},
             {"unit", "%"},
             {"expanded_uncertainty", expanded},
             {"coverage_factor", factor_k},
             {"budget", budget()},
             {"lower", -limit},
             {"upper", limit},
             {"rule", name(rule)},
             {"guard", {{"accept", bands.accept}, {"reject", bands.reject}}},
             {"risk", {{"pfa", risk.false_accept}, {"pfr", risk.false_reject}, {"tur", *risk.test_uncertainty_ratio}}},
             {"verdict", name(decide(value, expanded, -limit, limit, rule))}});
    if (said == Statement::conditional_pass || said == Statement::conditional_fail) fields["statement"] = name(said);
    if (!informative.empty()) fields["informative"] = informative;
    fields.update(Json{{"standard", standard}, {"edition", "2020"}, {"clause", "Table 4"}, {"mark", "M"}});
    add("measurement", std::move(fields));
  }

  void measure(const ClassPointSample& point, int step) {
    now_ += 12'000'000'000;
    for (const int position : {1, 2}) {
      const double value = position == 1 ? point.first : point.second;
      const bool alone = std::string_view{point.load} != "balanced";
      const std::string factor = point.factor;
      const Json fields = {
          {"step", step},
          {"position", position},
          {"name", "percentage_error"},
          {"point", fmt::format("{} In, {}{}{}", point.ratio, step == 1 ? "PF " : "", factor,
                                alone ? fmt::format(", {}", point.load) : "")},
          {"current_ratio", point.ratio},
          {"power_factor", factor},
          {"load", point.load},
          {"energy", step == 1 ? "active energy" : "reactive energy"},
          {"requirement", alone ? "limits of error, single-phase load" : "limits of error, balanced load"},
          {"method", "pulses"},
          {"method_why", "quickest, 12 s expected"},
          {"measuring", {{"seconds", 12.0}, {"looks", 2}, {"most_looks", 6}, {"stopped", "decided"}}}};
      if (step == 2) {
        judge(fields, value, 2.0, "Example 2 class C", "");
        continue;
      }
      const double limit = factor == "1" ? 0.2 : 0.3;
      judge(fields, value, limit, "Example 1 class A", "");
      if (!alone) judge(fields, value, limit / 2, "Example 1 class B", neighbour_);
    }
  }

  void difference() {
    for (const int position : {1, 2})
      judge({{"step", 1},
             {"position", position},
             {"name", "difference"},
             {"point", "1 In, element 1 less balanced"},
             {"current_ratio", 1.0},
             {"load", "element 1 alone"},
             {"energy", "active energy"},
             {"requirement", "difference"},
             {"method", "pulses"}},
            0.01, 0.4, "Example 1 class A", "");
  }

  void finish() {
    add("safe", {{"reason", "end of plan"}, {"off", true}, {"proof", {{"current", "0 A"}}}});
    add("run_end", {{"verdict", "fail"},
                    {"why", "all steps done"},
                    {"exit_code", 1},
                    {"positions",
                     {{{"position", 1}, {"serial", "EX-1"}, {"verdict", "pass"}},
                      {{"position", 2}, {"serial", "EX-2"}, {"verdict", "fail"}, {"cause", "active energy"}}}}});
    journal_.close();
  }

  const std::string neighbour_ = "a neighbouring class that the meter does not claim";
  Journal& journal_;
  std::int64_t now_ = 0;
};

}  // namespace

void write_class_run(Journal& journal) {
  ClassRun{journal}.write();
}

}  // namespace blondel
