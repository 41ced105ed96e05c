#pragma once

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "rig/steps/generic_steps_fixture.hpp"

namespace blondel {

/// One step behind identify and configure, run on the simulated bench, for tests.
class OneStepTest : public GenericSteps {
 public:
  static std::string plan_of(const std::string& step) {
    return R"(plan: one step
meter: series-4000-k
on_fail: go on
leave_meter: as found
decision_rule: simple acceptance
steps:
  - identify: {min_firmware: 1019}
  - configure:
      system_voltage: 480 V
      ct_primary: 100 A
      check: {voltage: 120 V, current: 1 A, frequency: 60 Hz}
)" + step;
  }

  static std::string bench_with(const std::string& fault) { return bench_text() + "  faults: [" + fault + "]\n"; }

  static std::vector<nlohmann::ordered_json> measured(const Outcome& outcome, int position, const std::string& name) {
    std::vector<nlohmann::ordered_json> found;
    for (auto& m : records(outcome, "measurement"))
      if (m.at("position") == position && m.at("name") == name) found.push_back(std::move(m));
    return found;
  }

  /// What the last step of a plan is predicted to take, in s, and how many measurements it promises.
  static std::pair<double, std::size_t> foretold(const std::string& plan_text) {
    const auto plan = load_plan(file_with("plan.yaml", plan_text));
    auto file = load_bench(file_with("bench.yaml", bench_text()));
    const auto world = world_of(file, "", 1);
    const Bench bench{std::move(file), *world.around};
    Outlook outlook{.source = bench.source().forecast()};
    double last = 0;
    for (const auto& step : plan.steps) last = in_seconds(step->predict(bench, outlook));
    return {last, plan.steps.back()->promises(bench).size()};
  }

  /// That the last step of a run took as long as it was predicted to, and made what it promised.
  static void expect_foretold(const std::string& plan_text, const Outcome& outcome) {
    const auto [seconds, promised] = foretold(plan_text);
    const auto ends = records(outcome, "step_end");
    ASSERT_FALSE(ends.empty());
    EXPECT_NEAR(ends.back().at("duration_s").get<double>(), seconds, 1e-3);
    std::size_t made = 0;
    for (const auto& m : records(outcome, "measurement"))
      if (m.at("position") == 1 && m.at("step") == ends.back().at("step")) ++made;
    EXPECT_EQ(made, promised);
  }

  /// That lint refuses a plan at a place, with words.
  static void expect_refused(const std::string& plan_text, const std::string& where, const std::string& what) {
    const auto linted = lint_of(plan_text);
    ASSERT_FALSE(linted.refusals.empty()) << what;
    EXPECT_THAT(linted.refusals.front().where, testing::HasSubstr(where)) << linted.refusals.front().what;
    EXPECT_THAT(linted.refusals.front().what, testing::HasSubstr(what));
  }
};

}  // namespace blondel
