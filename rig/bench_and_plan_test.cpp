#include <gmock/gmock.h>

#include "rig/lint.hpp"
#include "rig/rig_fixture.hpp"

namespace blondel {
namespace {

using testing::HasSubstr;

struct BadText {
  const char* what;
  const char* part;   ///< of the good file
  const char* other;  ///< in its place
  Fault fault;
  const char* where;  ///< "line:column" or empty
  const char* says;
};

void PrintTo(const BadText& bad, std::ostream* to) {
  *to << bad.part << " -> " << bad.other;
}

class BadBench : public RigTest, public testing::WithParamInterface<BadText> {};
class BadPlan : public RigTest, public testing::WithParamInterface<BadText> {};

std::string test_name(const testing::TestParamInfo<BadText>& info) {
  return info.param.what;
}

/// The first thing that is refused, whether while reading or by lint.
Error refusal(const std::string& plan_text, const std::string& bench_text) {
  try {
    const auto plan = load_plan(RigTest::file_with("plan.yaml", plan_text));
    auto file = load_bench(RigTest::file_with("bench.yaml", bench_text));
    const auto world = world_of(file, "", 1);
    const Bench bench{std::move(file), *world.around};
    const auto result = lint(plan, bench);
    if (result.findings.refusals.empty()) return {Fault::usage, "nobody", "nothing was refused"};
    const auto& first = result.findings.refusals.front();
    return {first.fault, first.where, first.what};
  } catch (const Failure& failure) {
    return failure.error;
  }
}

TEST_P(BadBench, IsRefusedWhereItStands) {
  const auto& bad = GetParam();
  const auto error = refusal(short_plan(), with(bench_text(), bad.part, bad.other));
  EXPECT_EQ(error.fault, bad.fault) << error.where << ": " << error.what;
  EXPECT_THAT(error.where, HasSubstr(std::string{"bench.yaml:"} + bad.where));
  EXPECT_THAT(error.what, HasSubstr(bad.says));
}

INSTANTIATE_TEST_SUITE_P(
    All, BadBench,
    testing::Values(
        BadText{"UnknownKeyInSimulation", "meters: {gain", "meters: {colour: red, gain", Fault::malformed, "",
                "colour"},
        BadText{"UnknownKeyInEnvelope", "  check_voltage: 120 V", "  check_voltage: 120 V\n  chek: 1 V",
                Fault::malformed, "", "chek"},
        BadText{"DuplicateKey", "meter: series-4000-k", "meter: series-4000-k\nmeter: series-4000-k", Fault::malformed,
                "", "meter"},
        BadText{"MissingKey", "system: 40 ", "# system: 40 ", Fault::malformed, "", "system"},
        BadText{"MissingUnit", "voltage: 320 V", "voltage: 320", Fault::malformed, "", "320"},
        BadText{"WrongUnit", "voltage: 320 V", "voltage: 320 A", Fault::malformed, "", "320 A"},
        BadText{"NotANumber", "voltage: 320 V", "voltage: .nan", Fault::malformed, "", ""},
        BadText{"NotANumberWithUnit", "voltage: 320 V", "voltage: nan V", Fault::malformed, "", ""},
        BadText{"PortTwice", "port: /dev/ttyUSB1", "port: /dev/ttyUSB0", Fault::malformed, "", "/dev/ttyUSB0"},
        BadText{"CalculatorTwice", "calculator: SC2", "calculator: SC1", Fault::malformed, "", "SC1"},
        BadText{"CalculatorNobodyHas", "calculator: SC2", "calculator: SC22", Fault::malformed, "", "SC22"},
        BadText{"SerialTwice", "serial: 4K-100002", "serial: 4K-100001", Fault::malformed, "", "4K-100001"},
        BadText{"UnknownDriver", "driver: fluke-6105a", "driver: fluke-6100z", Fault::malformed, "", "fluke-6105a"},
        BadText{"NoSuchSystem", "system: 40 ", "system: 41 ", Fault::malformed, "", "41"},
        BadText{"AddressNobodyKnows", "TCPIP::127.0.0.1::1234::SOCKET", "GPIB0::17::INSTR", Fault::malformed, "",
                "GPIB0"}),
    test_name);

TEST_P(BadPlan, IsRefusedWhereItStands) {
  const auto& bad = GetParam();
  const auto error = refusal(with(short_plan(), bad.part, bad.other), bench_text());
  EXPECT_EQ(error.fault, bad.fault) << error.where << ": " << error.what;
  EXPECT_THAT(error.where, HasSubstr(std::string{"plan.yaml:"} + bad.where));
  EXPECT_THAT(error.what, HasSubstr(bad.says));
}

INSTANTIATE_TEST_SUITE_P(
    All, BadPlan,
    testing::Values(
        BadText{"UnknownStep", "- identify:", "- identfy:", Fault::malformed, "", "identify"},
        BadText{"UnknownKey", "window: 8 s", "windows: 8 s", Fault::malformed, "", "window"},
        BadText{"MissingUnit", "window: 8 s", "window: 8", Fault::malformed, "", "8"},
        BadText{"NameTwice", "name: pulses", "name: registers", Fault::malformed, "", "registers"},
        BadText{"NoSuchStandard", "IEC 62053-22 class 0.5S", "IEC 62053-22 class 0.6S", Fault::malformed, "", "0.5S"},
        BadText{"PointWithoutLimit", "{current: 1 In, power_factor: 1}", "{current: 0.001 In, power_factor: 1}",
                Fault::malformed, "", "no limit"},
        BadText{"PointWithoutUnit", "{current: 1 In, power_factor: 1}", "{current: 1, power_factor: 1}",
                Fault::malformed, "", "In"},
        BadText{"PowerFactorWithoutSide", "power_factor: 0.5 ind", "power_factor: 0.5", Fault::malformed, "", "0.5"},
        BadText{"VoltageAboveTheEnvelope", "system_voltage: 480 V\n      frequency",
                "system_voltage: 600 V\n      frequency", Fault::refused, "", "envelope"},
        BadText{"CheckAboveTheCheckVoltage", "{voltage: 180 V", "{voltage: 400 V", Fault::refused, "",
                "before phase order"},
        BadText{"FrequencyOutsideTheEnvelope", "frequency: 60 Hz\n      window", "frequency: 400 Hz\n      window",
                Fault::refused, "", "400 Hz"},
        BadText{"OtherMeter", "plan: short\nmeter: series-4000-k", "plan: short\nmeter: series-9000", Fault::malformed,
                "", "series-9000"}),
    test_name);

TEST_F(RigTest, APointBelowTheSourcesLeastCurrentIsBeyondItsCapability) {
  // 0.01 of 1 A are 10 mA; the source's current terminals begin at 50 mA.
  const auto bench = with(bench_text(), "primary: 5 A", "primary: 1 A");
  const auto plan = with(short_plan(), "{current: 1 In, power_factor: 1}", "{current: 0.01 In, power_factor: 1}");
  const auto error = refusal(plan, bench);
  EXPECT_EQ(error.fault, Fault::incapable) << error.what;
  EXPECT_THAT(error.where, HasSubstr("plan.yaml:"));
}

TEST_F(RigTest, AccuracyWithoutTheCheckOfPhaseOrderIsRefused) {
  const auto plan = short_plan();
  const auto from = plan.find("  - configure:");
  const auto to = plan.find("  - accuracy:");
  const auto error = refusal(plan.substr(0, from) + plan.substr(to), bench_text());
  EXPECT_EQ(error.fault, Fault::malformed);
  EXPECT_THAT(error.what, HasSubstr("configure"));
}

TEST_F(RigTest, WhatAClassAsksAndThePlanLeavesOutIsListed) {
  const auto plan = load_plan(file_with("plan.yaml", short_plan()));
  auto file = load_bench(file_with("bench.yaml", bench_text()));
  const auto world = world_of(file, "", 1);
  const Bench bench{std::move(file), *world.around};
  const auto result = lint(plan, bench);
  EXPECT_TRUE(result.findings.refusals.empty());
  EXPECT_THAT(result.findings.not_covered(), testing::Contains(HasSubstr("0.1 In, PF 0.8 cap")));
  EXPECT_THAT(result.findings.not_covered(), testing::Not(testing::Contains(HasSubstr(": 1 In, PF 1;"))));
}

}  // namespace
}  // namespace blondel
