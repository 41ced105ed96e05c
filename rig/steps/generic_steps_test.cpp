#include <gmock/gmock.h>

#include <cmath>

#include "rig/steps/generic_steps_fixture.hpp"

namespace blondel {
namespace {

using testing::HasSubstr;

TEST_F(GenericSteps, ReadingsAgreeWithTheOracleTheNumberAndEachOtherOnGoodMeters) {
  const auto outcome = run(
      plan(
          load() +
          R"(  - read: {registers: [real_power_total_f, apparent_power_total_f, voltage_an, real_energy_f, alert_bitmap], as: a}
  - expect: {that: a.real_power_total_f, is: oracle}
  - expect: {that: a.voltage_an, is: oracle}
  - expect: {that: a.alert_bitmap, is: oracle}
  - expect: {that: a.real_power_total_f, is: 33255 W, within: 1 %}
  - wait: 20 s
  - read: {registers: [real_power_a_f, real_power_total_f, real_energy_f], as: b}
  - expect: {that: b.real_energy_f - a.real_energy_f, is: oracle}
  - expect: {that: b.real_power_total_f, is: a.real_power_total_f, within: 0.1 %}
  - expect: {that: b.real_power_total_f / b.real_power_a_f, is: 3, within: 1 %}
)"),
      bench_text());
  EXPECT_EQ(outcome.ending.verdict, Verdict::pass) << causes(outcome);
  // Half of 100 A at 480 V with a cosine of 0.8: √3 · 480 · 50 · 0.8 W.
  int measured = 0;
  for (const auto& m : records(outcome, "measurement"))
    if (m.at("name") == "a.real_power_total_f" && m.at("position") == 1) {
      ++measured;
      EXPECT_NEAR(m.at("value").get<double>(), 33.255, 0.2);
      EXPECT_EQ(m.at("unit"), "kW");
    }
  EXPECT_EQ(measured, 2);
  EXPECT_TRUE(outcome.source_dead);
}

/// A load with harmonics, and what the oracle says of the readings under it.
std::string distorted(const std::string& harmonic) {
  std::string steps = GenericSteps::load(", harmonics: [" + harmonic + "]");
  steps +=
      "  - read: {registers: [voltage_an_f, voltage_ab_f, current_a_f, real_power_total_f, reactive_power_total_f, "
      "apparent_power_total_f, power_factor_total_f], as: a}\n";
  for (const char* point : {"voltage_an_f", "voltage_ab_f", "current_a_f", "real_power_total_f",
                            "reactive_power_total_f", "apparent_power_total_f", "power_factor_total_f"})
    steps += "  - expect: {that: a." + std::string{point} + ", is: oracle}\n";
  return steps;
}

TEST_F(GenericSteps, TheOracleKnowsTheTruthUnderHarmonics) {
  for (const char* harmonic : {"{order: 3, current: 5 %}", "{order: 3, current: 30 %, voltage: 5 %}",
                               "{order: 5, current: 15 %, voltage: 2 %, angle: 180 deg}"}) {
    const auto outcome = run(plan(distorted(harmonic)), bench_text());
    EXPECT_EQ(outcome.ending.verdict, Verdict::pass) << harmonic << causes(outcome);
    EXPECT_EQ(records(outcome, "measurement").size(), 21u) << harmonic;
  }
}

TEST_F(GenericSteps, AMeterThatMeasuresWrongFailsUnderHarmonicsToo) {
  const auto bench = bench_text() + "  faults:\n    - {part: meter, position: 2, fault: high by 1 %}\n";
  const auto outcome = run(plan(distorted("{order: 3, current: 30 %, voltage: 5 %}")), bench);
  EXPECT_EQ(outcome.positions[0].verdict, Verdict::pass) << causes(outcome);
  EXPECT_EQ(outcome.positions[1].verdict, Verdict::fail);
}

TEST_F(GenericSteps, AboveTheFifteenthHarmonicTheOracleIsSilent) {
  const auto outcome = run(plan(distorted("{order: 17, current: 5 %}")), bench_text());
  EXPECT_EQ(outcome.ending.verdict, Verdict::inconclusive) << causes(outcome);
}

TEST_F(GenericSteps, TheOracleFollowsWhatThePlanWritesIntoTheConfiguration) {
  struct Written {
    const char *point, *value, *reading;
    double expected;
  };
  // 480 V between the lines of a wye and half of 100 A at a cosine of 0.8.
  const double phase = 480 / std::sqrt(3.0) * 50 * 0.8 / 1000;
  for (const auto& written : {Written{"pt_ratio", "2", "real_power_total_f", 6 * phase},
                              Written{"system_type", "10", "real_power_total_f", phase},
                              Written{"system_type", "12", "real_power_total_f", 2 * phase},
                              Written{"system_type", "31", "real_power_total_f", 3 * phase}}) {
    SCOPED_TRACE(std::string{written.point} + " " + written.value);
    const auto outcome =
        run(plan(load() + "  - write: {register: " + written.point + ", value: " + written.value +
                 "}\n  - read: {registers: [real_power_total_f, voltage_an_f, current_a_f, "
                 "alert_bitmap, system_type, ct_secondary, pt_ratio], as: a}\n"
                 "  - for_each:\n      r: [real_power_total_f, voltage_an_f, current_a_f, alert_bitmap, "
                 "system_type, ct_secondary, pt_ratio]\n      do:\n"
                 "        - expect: {that: a.$r, is: oracle}\n"),
            bench_text());
    EXPECT_EQ(outcome.ending.verdict, Verdict::pass) << causes(outcome);
    int seen = 0;
    for (const auto& m : records(outcome, "measurement"))
      if (m.at("name") == std::string{"a."} + written.reading) {
        ++seen;
        EXPECT_NEAR(m.at("value").get<double>(), written.expected, 0.01 * written.expected);
      }
    EXPECT_EQ(seen, 3);
  }
}

TEST_F(GenericSteps, TheOracleIsSilentWhereAMeterHoldsAgainWhatItHeldBeforeTheRun) {
  const auto outcome = run(plan(load() + "  - write: {register: ct_secondary, value: 1}\n"
                                         "  - read: current_a_f\n  - expect: {that: current_a_f, is: oracle}\n"),
                           bench_text());
  EXPECT_EQ(outcome.ending.verdict, Verdict::inconclusive) << causes(outcome);
  EXPECT_THAT(outcome.positions[0].cause, HasSubstr("ct_secondary: reads 1 again"));
}

TEST_F(GenericSteps, AFailedExpectationStopsNeitherTheOtherPositionsNorTheStepsAfterIt) {
  const auto bench = bench_text() + "  faults:\n    - {part: meter, position: 2, fault: high by 1 %}\n";
  const auto outcome = run(plan(load() + "  - read: voltage_an_f\n  - expect: {that: voltage_an_f, is: oracle}\n"
                                         "  - expect: {that: voltage_an_f, at_least: 200 V}\n"),
                           bench);
  EXPECT_EQ(outcome.positions[0].verdict, Verdict::pass) << causes(outcome);
  EXPECT_EQ(outcome.positions[1].verdict, Verdict::fail);
  EXPECT_THAT(outcome.positions[1].cause, HasSubstr("voltage_an_f at expect voltage_an_f"));
  EXPECT_EQ(outcome.positions[2].verdict, Verdict::pass) << causes(outcome);
  EXPECT_EQ(records(outcome, "measurement").size(), 6u);
}

TEST_F(GenericSteps, TheRecordSaysWhichOfSeveralPermittedReadingsItWas) {
  const auto outcome = run(plan("  - read: {registers: [reserved_25, reserved_136], as: r}\n"
                                "  - expect: {name: none, that: r.reserved_25, is: [0, no value]}\n"
                                "  - expect: {name: zero, that: r.reserved_136, is: [7, 0]}\n"
                                "  - expect: {name: other, that: r.reserved_136, is: [7, 8]}\n"),
                           bench_text());
  EXPECT_EQ(noted(outcome, 1, "none: which permitted reading").at("seen"), "no value");
  EXPECT_EQ(noted(outcome, 1, "zero: which permitted reading").at("seen"), "0");
  EXPECT_EQ(outcome.ending.verdict, Verdict::fail);
}

TEST_F(GenericSteps, WritesAreJudgedByAnswerAndReadingBackAndPutBackAtTheEnd) {
  const std::string steps =
      "  - write: {name: taken, register: phase_loss_voltage_threshold, value: 99 %}\n"
      "  - write: {name: beyond, register: phase_loss_voltage_threshold, value: 100 %, outcome: [exception 03, "
      "unchanged]}\n"
      "  - read: {register: phase_loss_voltage_threshold, as: held}\n"
      "  - expect: {that: held, is: 99 %}\n";
  const auto by_exception = run(plan(steps), bench_text());
  EXPECT_EQ(by_exception.ending.verdict, Verdict::pass) << causes(by_exception);
  EXPECT_EQ(noted(by_exception, 2, "taken").at("seen"), "accepted");
  EXPECT_EQ(noted(by_exception, 2, "beyond").at("seen"), "exception 03");
  std::map<int, double> restored;
  for (const auto& r : records(by_exception, "restored"))
    if (r.at("point") == "phase_loss_voltage_threshold")
      restored[r.at("position").get<int>()] = r.at("value").get<double>();
  EXPECT_EQ(restored, (std::map<int, double>{{1, 10}, {2, 10}, {3, 10}}));

  const auto echoing = with(bench_text(), "variants: {", "variants: {refusal: echo, ");
  const auto by_echo = run(plan(steps), echoing);
  EXPECT_EQ(by_echo.ending.verdict, Verdict::pass) << causes(by_echo);
  EXPECT_EQ(noted(by_echo, 2, "beyond").at("seen"), "unchanged");

  const auto refused = run(plan("  - write: {register: phase_loss_voltage_threshold, value: 100 %}\n"), bench_text());
  EXPECT_EQ(refused.ending.verdict, Verdict::fail);
  EXPECT_THAT(refused.positions[0].cause, HasSubstr("exception 03, expected accepted"));
}

TEST_F(GenericSteps, WhatWasRefusedChangedNothingAndIsNotPutBack) {
  const auto refused = run(plan("  - write: {register: power_up_count, value: 3000, outcome: refused}\n"
                                "  - power: {control: off, for: 4 s}\n"
                                "  - write: {register: firmware_version_os, value: 3, outcome: refused}\n"),
                           bench_text());
  EXPECT_EQ(refused.ending.verdict, Verdict::pass) << causes(refused);

  // The register that some meters let be written: it was to be refused, was taken, and holds the old value at the end.
  const auto taking = with(bench_text(), "variants: {", "variants: {register_152_access: read_write, ");
  const auto taken = run(plan("  - write: {register: power_up_count, value: 3000, outcome: refused}\n"), taking);
  EXPECT_EQ(taken.ending.verdict, Verdict::fail);
  EXPECT_THAT(taken.positions[0].cause, HasSubstr("accepted, expected refused"));
  bool restored = false;
  for (const auto& r : records(taken, "restored"))
    restored = restored || (r.at("point") == "power_up_count" && r.at("position") == 1 && r.at("value") < 3000);
  EXPECT_TRUE(restored);
}

TEST_F(GenericSteps, WhatAMetersHardwareFixesNeedNotBePutBack) {
  const auto one_volt = with(bench_text(), "secondary: 0.333 V", "secondary: 1 V");
  const auto fixed = with(one_volt, "variants: {", "variants: {ct_secondary_fixed: yes, ");
  const auto outcome =
      run(plan("  - write: {register: ct_secondary, value: 3, outcome: [accepted, refused]}\n"), fixed);
  EXPECT_EQ(outcome.ending.verdict, Verdict::pass) << causes(outcome);
  EXPECT_EQ(noted(outcome, 1, "write ct_secondary = 3").at("seen"), "exception 03");
}

TEST_F(GenericSteps, TheOracleIsSilentAboutWhatWasCountedAcrossARestart) {
  Options options;
  options.before = [](sim::SimulatedBench& bench) { bench.restart_meter(2, Time{std::chrono::seconds{245}}); };
  const auto outcome = run(plan(load() + "  - read: {register: real_energy_f, as: first}\n  - wait: 60 s\n"
                                         "  - read: {register: real_energy_f, as: second}\n"
                                         "  - expect: {that: second - first, is: oracle}\n"),
                           bench_text(), options);
  EXPECT_EQ(outcome.positions[0].verdict, Verdict::pass) << causes(outcome);
  bool silent = false;
  for (const auto& f : records(outcome, "finding"))
    silent = silent || (f.at("position") == 2 && f.at("verdict") == "inconclusive" &&
                        f.at("cause").get<std::string>().find("the meter restarted between") != std::string::npos);
  EXPECT_TRUE(silent) << causes(outcome);
}

TEST_F(GenericSteps, WhatWentThroughIsTheMostThatMayBeCountedAcrossAPowerCut) {
  Options options;
  options.before = [](sim::SimulatedBench& bench) {
    sim::AnalogFaults faults;
    faults.gain_ppm = {0, 0, 0, 4e5, 4e5, 4e5};
    bench.break_meter(2, faults);
  };
  const auto outcome =
      run(plan(load() + "  - read: {registers: [real_energy_f, real_power_total_f], as: first}\n"
                        "  - power: {control: off, for: 4 s}\n"
                        "  - read: {registers: [real_energy_f, real_power_total_f], as: last}\n"
                        "  - expect: {that: last.real_energy_f - first.real_energy_f, at_most: oracle}\n"
                        "  - expect: {that: last.real_energy_f, at_least: first.real_energy_f}\n"),
          bench_text(), options);
  EXPECT_EQ(outcome.positions[0].verdict, Verdict::pass) << causes(outcome);
  double from = 0, to = 0;
  for (const auto& begun : records(outcome, "step_begin")) {
    if (begun.at("step_kind") == "power") from = begun.at("t").get<double>();
    if (begun.at("step_kind") == "expect" && to == 0) to = begun.at("t").get<double>();
  }
  // Half of 100 A at 480 V with a cosine of 0.8 from the beginning of one reading to that of the other, which take
  // alike; and for some seconds more, in which the meter counts once.
  const double kwh = 33.255 * (to - from) / 1e9 / 3600;
  for (const auto& m : records(outcome, "measurement"))
    if (m.at("name") == "last.real_energy_f - first.real_energy_f") {
      EXPECT_GT(m.at("upper").get<double>(), kwh);
      EXPECT_LT(m.at("upper").get<double>(), kwh + 33.255 * 5 / 3600);
      EXPECT_EQ(m.at("verdict"), m.at("position") == 2 ? "fail" : "pass");
    }
}

TEST_F(GenericSteps, ARatioOfActiveAndApparentPowerIsAPowerFactor) {
  const auto outcome = run(plan(load() + "  - read: {registers: [real_power_total_f, apparent_power_total_f, "
                                         "power_factor_total_f], as: r}\n"
                                         "  - expect: {that: r.real_power_total_f / r.apparent_power_total_f, "
                                         "is: [0.8, r.power_factor_total_f], within: 1 %}\n"),
                           bench_text());
  EXPECT_EQ(outcome.ending.verdict, Verdict::pass) << causes(outcome);
}

TEST_F(GenericSteps, PulsesAreCountedAgainstTheReferenceMeter) {
  const std::string steps = "  - write: {register: pulse_energy, value: 10 Wh}\n" + load() +
                            "  - count_pulses: {for: 60 s, as: pulses}\n  - expect: {that: pulses, is: oracle}\n";
  const auto good = run(plan(steps), bench_text());
  EXPECT_EQ(good.ending.verdict, Verdict::pass) << causes(good);
  // 33.255 kW for 60 s are 554 Wh.
  for (const auto& m : records(good, "measurement")) EXPECT_NEAR(m.at("value").get<double>(), 55.4, 1.5);

  const auto bench = bench_text() + "  faults:\n    - {part: meter, position: 3, fault: pulses stop}\n";
  const auto stopped = run(plan(steps), bench);
  EXPECT_EQ(stopped.positions[0].verdict, Verdict::pass) << causes(stopped);
  EXPECT_EQ(stopped.positions[2].verdict, Verdict::fail);
}

TEST_F(GenericSteps, AnInterruptionIsCountedADipIsNotAndAnythingBetweenMayBeEither) {
  const auto outcome = run(plan("  - power: {control: off, for: 60 ms}\n  - power: {control: off, for: 4 s}\n"
                                "  - power: {control: off, for: 300 ms}\n"),
                           bench_text());
  EXPECT_EQ(outcome.ending.verdict, Verdict::pass) << causes(outcome);
  std::vector<double> ups;
  for (const auto& m : records(outcome, "measurement"))
    if (m.at("position") == 1) ups.push_back(m.at("value").get<double>());
  ASSERT_EQ(ups.size(), 3u);
  EXPECT_EQ(ups[0], 0);
  EXPECT_EQ(ups[1], 1);
}

TEST_F(GenericSteps, APositionWhoseFirmwareLacksARegisterIsSkippedWithItsReason) {
  const auto old = with(bench_text(), "variants: {", "variants: {version: 1018, ");
  const auto outcome =
      run(plan("  - read: real_energy_a_f\n  - expect: {that: real_energy_a_f, at_least: 0 kWh}\n"), old);
  bool skipped = false;
  for (const auto& f : records(outcome, "finding"))
    skipped = skipped || (f.at("verdict") == "skipped" && f.at("cause").get<std::string>().find(
                                                              "does not exist in firmware 1.018") != std::string::npos);
  EXPECT_TRUE(skipped) << causes(outcome);
}

TEST_F(GenericSteps, TheOutputGoesOffInTheMiddleOfAPlanAndComesBack) {
  const auto outcome = run(plan(load() +
                                "  - apply: off\n  - read: {register: current_a_f, as: dark}\n"
                                "  - expect: {that: dark, at_most: 0.1 A}\n" +
                                load() + "  - read: current_a_f\n  - expect: {that: current_a_f, is: oracle}\n"),
                           bench_text());
  EXPECT_EQ(outcome.ending.verdict, Verdict::pass) << causes(outcome);
  EXPECT_GE(records(outcome, "safe").size(), 2u);
}

TEST_F(GenericSteps, ThePredictionOfEveryStepIsExact) {
  const auto text = plan(load() +
                         "  - read: voltage_an_f\n  - wait: 7 s\n  - write: {register: display_units, value: 0}\n"
                         "  - write: {command: clear_energy}\n  - count_pulses: {for: 10 s, as: p}\n"
                         "  - power: {control: off, for: 3 s}\n  - modbus_conformance: {}\n");
  const auto read = load_plan(file_with("plan.yaml", text));
  auto file = load_bench(file_with("bench.yaml", bench_text()));
  const auto world = world_of(file, "", 1);
  const Bench bench{std::move(file), *world.around};
  Outlook outlook{.source = bench.source().forecast()};
  std::vector<double> predicted;
  for (const auto& step : read.steps) predicted.push_back(in_seconds(step->predict(bench, outlook)));
  const auto outcome = run(text, bench_text());
  EXPECT_EQ(outcome.ending.verdict, Verdict::pass) << causes(outcome);
  const auto ends = records(outcome, "step_end");
  ASSERT_EQ(ends.size(), predicted.size());
  for (std::size_t i = 2; i < ends.size(); ++i)
    EXPECT_NEAR(ends[i].at("duration_s").get<double>(), predicted[i], 1e-6) << read.steps[i]->name();
}

/// All that was measured at positions 1 and 3, and when the steps began.
std::string numbers_beside_two(const RigTest::Outcome& outcome) {
  std::string text;
  for (auto m : RigTest::records(outcome, "measurement"))
    if (m.at("position") != 2) {
      for (const char* chain : {"n", "prev", "hash"}) m.erase(chain);
      text += m.dump() + "\n";
    }
  for (const char* kind : {"step_begin", "applied"})
    for (const auto& r : RigTest::records(outcome, kind)) text += r.at("t").dump() + "\n";
  return text;
}

TEST_F(GenericSteps, ADeadNeighbourMovesNoNumberWheneverItDies) {
  const std::string steps = load() + R"(  - read: {registers: [real_power_total_f, real_energy_f], as: a}
  - expect: {that: a.real_power_total_f, is: oracle}
  - write: {register: demand_subintervals, value: 3}
  - write: {command: clear_energy}
  - power: {control: off, for: 4 s}
  - count_pulses: {for: 10 s, as: pulses}
  - expect: {that: pulses, at_least: 0 pulses}
  - modbus_conformance: {}
  - wait: 5 s
  - read: {registers: [current_a_f, real_energy_f], as: b}
  - expect: {that: b.current_a_f, is: oracle}
)";
  const auto whole = run(plan(steps), bench_text());
  ASSERT_EQ(whole.ending.verdict, Verdict::pass) << causes(whole);
  int told = 0;
  for (const auto& begun : records(whole, "step_begin")) {
    if (told++ % thinned != 0) continue;
    const Time at = Time{Duration{begun.at("t").get<std::int64_t>()}} + std::chrono::milliseconds{300};
    SCOPED_TRACE(begun.at("name").get<std::string>());
    Options dead;
    dead.before = [at](sim::SimulatedBench& bench) { bench.break_line(2, {sim::LineFaultKind::drop_answer, {}}, at); };
    const auto outcome = run(plan(steps), bench_text(), dead);
    EXPECT_EQ(numbers_beside_two(outcome), numbers_beside_two(whole));
    for (const auto& e : records(outcome, "event"))
      EXPECT_THAT(e.at("text").get<std::string>(), testing::Not(HasSubstr("overran")));
    if (outcome.positions[1].verdict != Verdict::pass) {
      EXPECT_THAT(outcome.positions[1].cause, testing::AnyOf(HasSubstr("communication"), HasSubstr("silence")));
    }
  }
}

TEST_F(GenericSteps, AMeterThatFallsSilentInAStepIsLostAndTheOthersGoOn) {
  Options options;
  options.before = [](sim::SimulatedBench& bench) {
    bench.break_line(3, {sim::LineFaultKind::drop_answer, {}}, Time{std::chrono::seconds{100}});
  };
  const auto outcome =
      run(plan("  - wait: 20 s\n  - read: voltage_an_f\n  - expect: {that: voltage_an_f, at_most: 120 V}\n"),
          bench_text(), options);
  EXPECT_THAT(outcome.positions[2].cause, HasSubstr("communication"));
  EXPECT_EQ(outcome.positions[0].verdict, Verdict::pass) << causes(outcome);
  EXPECT_TRUE(outcome.source_dead);
}

TEST_F(GenericSteps, ASourceThatTripsUnderALoadIsTheBenchsFaultAndTheWayDownIsTaken) {
  const auto bench = bench_text() + "  faults:\n    - {part: source, fault: trip, at: 200 s}\n";
  const auto outcome = run(plan(load() + "  - wait: 60 s\n  - read: voltage_an_f\n"
                                         "  - expect: {that: voltage_an_f, is: oracle}\n"),
                           bench);
  EXPECT_EQ(outcome.ending.verdict, Verdict::error);
  EXPECT_TRUE(outcome.source_dead);
  EXPECT_TRUE(outcome.all_dark);
}

TEST_F(GenericSteps, AnOperatorMayStopInTheMiddleOfAStep) {
  Options options;
  options.stop_after = std::chrono::seconds{150};
  const auto outcome = run(plan(load() + "  - wait: 60 s\n"), bench_text(), options);
  EXPECT_EQ(outcome.ending.verdict, Verdict::aborted);
  EXPECT_TRUE(outcome.source_dead);
}

TEST_F(GenericSteps, ACurrentTurnedRoundAndAThirdHarmonicReachTheMeters) {
  const auto outcome =
      run(plan(load(", B: {reversed: true}, harmonics: [{order: 3, current: 15 %}]") +
               R"(  - read: {registers: [real_power_a_f, real_power_b_f, current_b_f, real_power_total_f], as: r}
  - expect: {that: r.real_power_b_f, is: r.real_power_a_f, within: 0.5 %}
  - expect: {that: r.current_b_f, is: 50.559 A, within: 0.5 %}
)"),
          bench_text());
  EXPECT_EQ(outcome.ending.verdict, Verdict::pass) << causes(outcome);
  // The reference meter's own angle: B's current lags by 37 degrees less half a turn.
  const auto seen = noted(outcome, 0, "read 4 registers, by the reference meter").at("lag_rad");
  EXPECT_NEAR(std::cos(seen[0].get<double>()), 0.8, 0.01);
  EXPECT_NEAR(std::cos(seen[1].get<double>()), -0.8, 0.01);
}

TEST_F(GenericSteps, AMeterThatSpoilsEveryFifthAnswerIsNotPassedForItsRepeats) {
  const auto bench =
      bench_text() + "  faults:\n    - {part: meter, position: 2, fault: every fifth answer with bad crc}\n";
  const auto outcome = run(plan("  - modbus_conformance: {}\n"), bench);
  EXPECT_EQ(outcome.positions[0].verdict, Verdict::pass) << causes(outcome);
  EXPECT_EQ(outcome.positions[1].verdict, Verdict::inconclusive) << causes(outcome);
  EXPECT_THAT(outcome.positions[1].cause, HasSubstr("were spoilt: the meter, or its line"));
}

TEST_F(GenericSteps, AMeterThatGivesAnotherFamilysNumberFails) {
  const auto bench = bench_text() + "  faults:\n    - {part: meter, position: 1, fault: report of another family}\n";
  const auto outcome = run(plan("  - modbus_conformance: {}\n"), bench);
  EXPECT_EQ(outcome.positions[0].verdict, Verdict::fail);
  EXPECT_THAT(outcome.positions[0].cause,
              HasSubstr("report of the family: byte 2 of the data is F6 hex, expected F7 hex"));
}

}  // namespace
}  // namespace blondel
