#include <gmock/gmock.h>

#include "rig/steps/generic_steps_fixture.hpp"

namespace blondel {
namespace {

using testing::HasSubstr;

struct Wrong {
  const char* what;
  std::string steps;
  const char* where;  ///< line:column
  const char* says;
};
void PrintTo(const Wrong& wrong, std::ostream* to) {
  *to << wrong.steps;
}

class WrongPlan : public GenericSteps, public testing::WithParamInterface<Wrong> {};

TEST_P(WrongPlan, IsRefusedByLintWhereItIsWrong) {
  const auto& wrong = GetParam();
  const auto result = lint_of(plan(wrong.steps));
  ASSERT_FALSE(result.refusals.empty());
  const auto& first = result.refusals.front();
  EXPECT_EQ(first.fault, Fault::malformed) << first.what;
  EXPECT_THAT(first.where, testing::EndsWith(std::string{"plan.yaml:"} + wrong.where)) << first.what;
  EXPECT_THAT(first.what, HasSubstr(wrong.says));
}

/// A difference of two readings of the same load, with a step between them in line 14.
std::string across(const std::string& step, const std::string& point = "real_energy_f") {
  return GenericSteps::load() + "  - read: {register: " + point + ", as: a}\n  - " + step +
         "\n  - read: {register: " + point + ", as: b}\n  - expect: {that: b - a, is: oracle}\n";
}

const char* const read_power = "  - read: {register: real_power_total_f, as: power}\n";

INSTANTIATE_TEST_SUITE_P(
    All, WrongPlan,
    testing::Values(
        Wrong{"NoSuchRegister", "  - read: real_power_totl\n", "12:11", "real_power_total"},
        Wrong{"RegisterOfASibling", "  - read: log_status\n", "12:11", "siblings"},
        Wrong{"WindowOfRegisters", "  - read: log_window\n", "12:11", "cannot be read as one value"},
        Wrong{"NameNotRead", "  - expect: {that: power, is: 1 kW}\n", "12:20",
              "no reading before this is called 'power'"},
        Wrong{"NameNearlyRead", std::string{read_power} + "  - expect: {that: powr, is: 1 kW}\n", "13:20",
              "'power' was meant"},
        Wrong{"ReadAfterItIsUsed", std::string{"  - expect: {that: power, is: 1 kW}\n"} + read_power, "12:20", "power"},
        Wrong{"NameTakenTwice", std::string{read_power} + "  - read: {register: voltage_an_f, as: power}\n", "13:40",
              "called 'power' already"},
        Wrong{"NameIsNoName", "  - read: {register: voltage_an_f, as: 2nd}\n", "12:40", "expected a name"},
        Wrong{"UnitOfAnotherKind", std::string{read_power} + "  - expect: {that: power, is: 480 V}\n", "13:31",
              "'power' is active power (kW), '480 V' is voltage (V)"},
        Wrong{"UnitMissing", std::string{read_power} + "  - expect: {that: power, is: 480}\n", "13:31", "plain number"},
        Wrong{"UnitOfTheTolerance", std::string{read_power} + "  - expect: {that: power, is: 1 kW, within: 1 V}\n",
              "13:45", "voltage"},
        Wrong{"UnitThroughANamedReading",
              std::string{read_power} + "  - read: {register: apparent_power_total_f, as: other}\n" +
                  "  - expect: {that: power, is: other, within: 1 %}\n",
              "14:31", "'power' is active power (kW), 'other' is apparent power (kVA)"},
        Wrong{"UnitsInADifference",
              std::string{read_power} +
                  "  - read: {register: voltage_an_f, as: u}\n  - expect: {that: u - power, is: 0 V}\n",
              "14:20", "units do not go together"},
        Wrong{"RatioHasNoUnit",
              std::string{read_power} +
                  "  - read: {register: real_power_a_f, as: a}\n  - expect: {that: power / a, is: 3 kW}\n",
              "14:35", "ratio"},
        Wrong{"MoreLanguageThanThere", std::string{read_power} + "  - expect: {that: power * 2, is: 1 kW}\n", "13:20",
              "is a step"},
        Wrong{"NeitherIsNorBounds", std::string{read_power} + "  - expect: {that: power}\n", "13:13", "at_least"},
        Wrong{"NotANumber", std::string{read_power} + "  - expect: {that: power, is: .nan}\n", "13:31", "expected"},
        Wrong{"OracleWithoutALoad", std::string{read_power} + "  - expect: {that: power, is: oracle}\n", "13:31",
              "expected an apply step"},
        Wrong{"OracleOfAnEnergy",
              GenericSteps::load() + "  - read: real_energy_f\n  - expect: {that: real_energy_f, is: oracle}\n",
              "14:39", "difference of two readings"},
        Wrong{"OracleAcrossTwoLoads",
              GenericSteps::load() + "  - read: {register: real_energy_f, as: a}\n" + GenericSteps::load() +
                  "  - read: {register: real_energy_f, as: b}\n  - expect: {that: b - a, is: oracle}\n",
              "16:31", "the load changes between 'a' and 'b'"},
        Wrong{"OracleAcrossAClearing", across("write: {command: clear_energy}"), "16:31",
              "between the readings 'a' and 'b' the step 'write command clear_energy'"},
        Wrong{"OracleAcrossAPowerCut", across("power: {control: off, for: 4 s}"), "16:31",
              "plan.yaml:14:5) takes the control power away"},
        Wrong{"OracleAcrossAnotherCt", across("write: {register: ct_primary, value: 100 A}"), "16:31",
              "writes ct_primary"},
        Wrong{"OracleAcrossABlock", across("repeat: {times: 2, do: [write: {command: clear_energy}]}"), "16:31",
              "the step 'repeat 1 of 2 / write command clear_energy'"},
        Wrong{"OracleOfPulsesAcrossAnotherPulse",
              across("write: {register: pulse_energy, value: 10 Wh}", "pulse_counter_1_real_f"), "16:31",
              "writes pulse_energy"},
        Wrong{"LeastByTheOracle", std::string{read_power} + "  - expect: {that: power, at_least: oracle}\n", "13:37",
              "the oracle says what there is 'at_most'"},
        Wrong{"MostOfOneReadingByTheOracle", std::string{read_power} + "  - expect: {that: power, at_most: oracle}\n",
              "13:36", "at most between two readings"},
        Wrong{"BoundOfAnotherKind",
              std::string{read_power} + "  - read: {register: apparent_power_total_f, as: other}\n" +
                  "  - expect: {that: power, at_most: other}\n",
              "14:36", "'power' is active power (kW), 'other' is apparent power (kVA)"},
        Wrong{"LeastAboveMost",
              std::string{read_power} + "  - expect: {that: power, at_least: 2 kW, at_most: 1999 W}\n", "13:52",
              "at least 2 kW and at most 1999 W"},
        Wrong{"ShareOfZero", std::string{read_power} + "  - expect: {that: power, is: 0 kW, within: 5 %}\n", "13:45",
              "'within: 5 W'"},
        Wrong{"NameIsAWordOfTheLanguage", "  - read: {register: voltage_an_f, as: oracle}\n", "12:40", "a meaning"},
        Wrong{"NameIsAUnit", "  - read: {register: voltage_an_f, as: kW}\n", "12:40", "'kW' is a unit"},
        Wrong{"RatioOfUnlikeThings",
              std::string{read_power} +
                  "  - read: {register: voltage_an_f, as: u}\n  - expect: {that: power / u, is: 3}\n",
              "14:20", "units do not go together"},
        Wrong{"PowerFactorInKilowatts",
              std::string{read_power} +
                  "  - read: {register: apparent_power_total_f, as: s_}\n  - expect: {that: power / s_, is: 1 kW}\n",
              "14:36", "ratio"},
        Wrong{"AngleOfPhaseA", GenericSteps::load(", A: {angle: 10 deg}"), "12:105",
              "phase A is what the other angles"},
        Wrong{"MergeKey", "  - wait: {<<: {for: 1 s}}\n", "12:12", "merge keys"},
        Wrong{"NoSuchStep", "  - repeatt: {times: 2, do: [wait: 1 s]}\n", "12:5", "did you mean 'repeat'? there are:"},
        Wrong{"ValueOfAnotherUnit", "  - write: {register: ct_primary, value: 200 V}\n", "12:42", "in A"},
        Wrong{"ValueBetweenTheSteps", "  - write: {register: ct_primary, value: 200.5 A}\n", "12:42",
              "whole multiples"},
        Wrong{"OutcomeThereIsNot", "  - write: {register: ct_primary, value: 200 A, outcome: clamped}\n", "12:58",
              "'refused'"},
        Wrong{"CommandThereIsNot", "  - write: {command: clear_everything}\n", "12:22", "clear_energy"},
        Wrong{"CommandByItsNumber", "  - write: {register: command, value: 30078}\n", "12:39",
              "'command: clear_energy'"},
        Wrong{"CommandByItsNumberRefused", "  - write: {register: command, value: 21212, outcome: refused}\n", "12:39",
              "'command: reset_max_demand'"},
        Wrong{"NumberOfNoCommandTaken", "  - write: {register: command, value: 7}\n", "12:39", "commands are given"},
        Wrong{"OutcomeTwice", "  - write: {register: ct_primary, value: 5 A, outcome: [accepted, accepted]}\n", "12:67",
              "the outcome 'accepted' stands twice"},
        Wrong{"ReadingMinusItself", std::string{read_power} + "  - expect: {that: power - power, is: 0 kW}\n", "13:20",
              "'power' twice"},
        Wrong{"ReadingByItself", std::string{read_power} + "  - expect: {that: power / power, is: 1}\n", "13:20",
              "that is 1"},
        Wrong{"DifferenceWithoutValue",
              std::string{read_power} +
                  "  - read: {register: real_power_a_f, as: a}\n  - expect: {that: power - a, is: no value}\n",
              "14:35", "which of 'power' and 'a' has none"},
        Wrong{"ValueOfAListTwice", "  - for_each:\n      t: [1 s, 1000 ms]\n      do:\n        - wait: $t\n", "13:16",
              "'1000 ms' is '1 s'"},
        Wrong{"StepNameEmpty", "  - wait: {name: '', for: 1 s}\n", "12:18", "found an empty one"},
        Wrong{"StepNameWithSpace", "  - wait: {name: 'x ', for: 1 s}\n", "12:18", "space at its ends"},
        Wrong{"StepNameOfTwoLines", "  - wait: {name: \"a\\nb\", for: 1 s}\n", "12:18", "that can be seen"},
        Wrong{"StepNameTurned",
              "  - wait: {name: \"\u202e"
              "abc\", for: 1 s}\n",
              "12:18", "that can be seen"},
        Wrong{"BlockNameEmpty", "  - repeat: {name: '', times: 2, do: [wait: 1 s]}\n", "12:20", "found an empty one"},
        Wrong{"StepNameTwice", "  - wait: {name: rest, for: 1 s}\n  - wait: {name: rest, for: 2 s}\n", "13:5",
              "the step name 'rest' stands twice"},
        Wrong{"WordThatIsNotUsed", "  - for_each:\n      ct: [100 A, 200 A]\n      do:\n        - wait: 1 s\n", "13:11",
              "expected '$ct' somewhere under 'do'"},
        Wrong{"TwoLists", "  - for_each:\n      a: [1 s]\n      b: [2 s]\n      do:\n        - wait: $a\n", "13:7",
              "expected one list"},
        Wrong{"ErrorInsideAPass", "  - for_each:\n      t: [1 s, 2 V]\n      do:\n        - wait: $t\n", "15:17",
              "(in for_each t=2 V)"},
        Wrong{"RepeatNever", "  - repeat: {times: 0, do: [wait: 1 s]}\n", "12:21", "at least once"},
        Wrong{"RepeatAMillionTimes", "  - repeat:\n      times: 1000000\n      do:\n        - wait: 1 s\n", "13:14",
              "would run 1000000 times"},
        Wrong{"ForEachAMillionTimes",
              "  - repeat:\n      times: 1000\n      do:\n        - repeat:\n            times: 100\n            do:\n"
              "              - for_each:\n                  t: [1 s, 2 s, 3 s, 4 s, 5 s, 6 s, 7 s, 8 s, 9 s, 10 s]\n"
              "                  do:\n                    - wait: $t\n",
              "16:20", "at most 10000 steps"}),
    [](const auto& wrong) { return std::string{wrong.param.what}; });

TEST_F(GenericSteps, ARegisterThatIsYoungerThanTheOldestFirmwareOfThePlanIsRefused) {
  const std::string read = "  - read: pulse_counter_1_real\n";
  EXPECT_TRUE(lint_of(plan(read)).refusals.empty());
  for (const char* identify : {"{}", "{min_firmware: 1018}"}) {
    const auto result = lint_of(plan(read, identify));
    ASSERT_FALSE(result.refusals.empty());
    EXPECT_THAT(result.refusals.front().where, testing::EndsWith("plan.yaml:12:11"));
    EXPECT_THAT(result.refusals.front().what, HasSubstr("does not exist up to firmware 1.018"));
    EXPECT_THAT(result.refusals.front().what, HasSubstr("min_firmware: 1019"));
  }
}

TEST_F(GenericSteps, WhatChangesNothingThatIsCountedMayStandBetweenTwoReadings) {
  for (const char* step : {"write: {register: ct_primary, value: 0 A, outcome: refused}", "wait: 10 s",
                           "write: {command: clear_pulse_counters}", "write: {command: reset_max_demand}",
                           "write: {register: pulse_energy, value: 10 Wh}", "power: {control: off, for: 60 ms}"})
    EXPECT_TRUE(lint_of(plan(across(step))).refusals.empty()) << step;
  EXPECT_TRUE(lint_of(plan(across("write: {command: clear_energy}", "pulse_counter_1_real_f"))).refusals.empty());
}

TEST_F(GenericSteps, ControlPowerOfMoreOrFewerPositionsThanTheBenchHasIsRefusedWhereItIsSaid) {
  for (const char* positions : {"  positions: 1\n", "  positions: 4\n"}) {
    auto file = load_bench(file_with("bench.yaml", with(bench_text(), "  positions: 3\n", positions)));
    try {
      const auto world = world_of(file, "", 1);
      const Bench bench{std::move(file), *world.around};
      ADD_FAILURE() << "not refused: " << positions;
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.error.fault, Fault::malformed);
      EXPECT_THAT(failure.error.where, testing::MatchesRegex(".*bench.yaml:[0-9]+:14"));
      EXPECT_THAT(failure.error.what, HasSubstr("the bench has 3"));
    }
  }
}

TEST_F(GenericSteps, APlanThatIsPredictedToTakeLongerThanItsLimitIsRefused) {
  const auto text = plan("  - repeat: {times: 10, do: [wait: 1 min]}\n");
  const auto within = lint_of(with(text, "steps:", "time_limit: 20 min\nsteps:"));
  EXPECT_TRUE(within.refusals.empty());
  EXPECT_GT(within.predicted, std::chrono::minutes{11});
  const auto beyond = lint_of(with(text, "steps:", "time_limit: 10 min\nsteps:"));
  ASSERT_FALSE(beyond.refusals.empty());
  EXPECT_THAT(beyond.refusals.front().where, testing::EndsWith("plan.yaml:6:13"));
  EXPECT_THAT(beyond.refusals.front().what, HasSubstr("at most 600 s"));
}

TEST_F(GenericSteps, ALoadOutsideTheEnvelopeIsRefusedBeforeAnythingIsEnergised) {
  const auto result = lint_of(plan(load(", A: {voltage: 330 V}")));
  ASSERT_FALSE(result.refusals.empty());
  EXPECT_EQ(result.refusals.front().fault, Fault::refused);
  EXPECT_THAT(result.refusals.front().where, HasSubstr("plan.yaml:12:"));
}

TEST_F(GenericSteps, ReadingsOfAPassAreKnownInItAndNotAfterIt) {
  const std::string block =
      "  - repeat:\n      times: 2\n      do:\n        - read: {register: voltage_an_f, as: u}\n"
      "        - expect: {that: u, at_most: 500 V}\n";
  EXPECT_TRUE(lint_of(plan(block)).refusals.empty());
  const auto after = lint_of(plan(block + "  - expect: {that: u, at_most: 500 V}\n"));
  ASSERT_FALSE(after.refusals.empty());
  EXPECT_THAT(after.refusals.front().where, testing::EndsWith("plan.yaml:17:20"));
}

TEST_F(GenericSteps, StepsOfPassesCarryThePassInTheirNamesAndUnnamedOnesAreNumbered) {
  const auto read = load_plan(file_with(
      "plan.yaml", plan("  - for_each:\n      t: [1 s, 2 s]\n      do:\n        - repeat: {times: 2, do: [wait: $t]}\n"
                        "  - wait: 3 s\n  - wait: 3 s\n")));
  std::vector<std::string> names;
  for (const auto& step : read.steps) names.push_back(step->name());
  EXPECT_THAT(names, testing::ElementsAre("identify", "configure", "for_each t=1 s / repeat 1 of 2 / wait 1 s",
                                          "for_each t=1 s / repeat 2 of 2 / wait 1 s",
                                          "for_each t=2 s / repeat 1 of 2 / wait 2 s",
                                          "for_each t=2 s / repeat 2 of 2 / wait 2 s", "wait 3 s", "wait 3 s 2"));
}

}  // namespace
}  // namespace blondel
