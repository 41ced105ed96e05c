#pragma once

#include <string>

#include "rig/lint.hpp"
#include "rig/rig_fixture.hpp"

namespace blondel {

/// Runs generic steps behind identify and configure on the simulated bench, and lints them.
class GenericSteps : public RigTest {
 public:
  /// A whole plan; `steps` are lines of the list under `steps`, from line 12 on.
  static std::string plan(const std::string& steps, const std::string& identify = "{min_firmware: 1019}") {
    return "plan: generic\nmeter: series-4000-k\non_fail: go on\nleave_meter: as found\n"
           "decision_rule: simple acceptance\nsteps:\n  - identify: " +
           identify +
           "\n  - configure:\n      system_voltage: 480 V\n      ct_primary: 100 A\n"
           "      check: {voltage: 180 V, current: 1 A, frequency: 60 Hz}\n" +
           steps;
  }
  static std::string load(const std::string& more = "") {
    return "  - apply: {system_voltage: 480 V, frequency: 60 Hz, current: 0.5 In, power_factor: 0.8 ind" + more + "}\n";
  }

  struct Linted {
    std::vector<Findings::Finding> refusals;
    Duration predicted{};
  };
  /// What lint says, reading the plan included.
  static Linted lint_of(const std::string& text) {
    try {
      const auto read = load_plan(file_with("plan.yaml", text));
      auto file = load_bench(file_with("bench.yaml", bench_text()));
      const auto world = world_of(file, "", 1);
      const Bench bench{std::move(file), *world.around};
      const auto result = lint(read, bench);
      return {result.findings.refusals, result.predicted};
    } catch (const Failure& failure) {
      return {{{failure.error.fault, failure.error.where, failure.error.what}}, {}};
    }
  }

  /// What the record says of a position under that title.
  static nlohmann::ordered_json noted(const Outcome& outcome, int position, const std::string& what) {
    for (const auto& r : records(outcome, "reading"))
      if (r.at("position") == position && r.at("what") == what) return r.at("values");
    return {};
  }
  static std::string causes(const Outcome& outcome) {
    std::string text = outcome.ending.why;
    for (const auto& f : records(outcome, "finding")) text += "\n" + f.at("cause").get<std::string>();
    for (const auto& m : records(outcome, "measurement"))
      if (m.at("verdict") != "pass") text += "\n" + m.dump();
    return text;
  }
};

}  // namespace blondel
