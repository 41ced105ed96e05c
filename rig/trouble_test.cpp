#include <gmock/gmock.h>

#include "rig/rig_fixture.hpp"

namespace blondel {
namespace {

using testing::HasSubstr;
using namespace std::chrono_literals;

TEST_F(RigTest, StoppedAtAnyInstantTheSourceIsOffAndProvedOff) {
  // Instants spread over the whole run, including those in which nothing but traffic happens.
  const auto whole = run(short_plan(), bench_text()).bench_time;
  for (int i = 0; i <= 24; i += thinned) {
    Options options;
    options.stop_after = i * (whole / 24) + std::chrono::microseconds{i * 7919};
    const auto outcome = run(short_plan(), bench_text(), options);
    SCOPED_TRACE(in_seconds(*options.stop_after));
    EXPECT_TRUE(outcome.source_dead);
    EXPECT_EQ(outcome.ending.proved_off, outcome.ending.touched);
    EXPECT_TRUE(outcome.all_dark);
    if (options.stop_after < whole) {
      EXPECT_EQ(outcome.ending.verdict, Verdict::aborted) << outcome.ending.why;
      EXPECT_EQ(outcome.ending.exit_code, 5);
    }
  }
}

TEST_F(RigTest, AMeterThatRefusesACtThatBreaksItsPulseEnergyGetsBothBack) {
  // Put back first, the rated current would meet a pulse energy that is too small for it.
  const auto outcome =
      run(short_plan(), with(bench_text(), "one_third_volt: 0.333", "one_third_volt: 0.333, ct_breaks_pulse: refused"));
  for (const auto& p : outcome.positions) EXPECT_EQ(p.verdict, Verdict::pass) << p.number << ": " << p.cause;
  EXPECT_FALSE(records(outcome, "restored").empty());
}

TEST_F(RigTest, StoppingHasATimeToOffInTheRecord) {
  Options options;
  options.stop_after = 100s;
  const auto safe = records(run(short_plan(), bench_text(), options), "safe");
  ASSERT_EQ(safe.size(), 1u);
  EXPECT_GT(safe[0].at("stop_to_off_ms").get<double>(), 0);
  EXPECT_LT(safe[0].at("stop_to_off_ms").get<double>(), 2000);
}

TEST_F(RigTest, ADiskThatFillsLeavesTheSourceOffAndEveryEarlierRecordReadable) {
  const auto whole = run(short_plan(), bench_text()).journal;
  std::vector<std::size_t> ends;
  for (std::size_t at = whole.find('\n'); at != std::string::npos; at = whole.find('\n', at + 1))
    ends.push_back(at + 1);
  for (std::size_t i = 0; i + 1 < ends.size(); i += thinned * (1 + ends.size() / 25)) {
    Options options;
    options.room_on_disk = ends[i] + 10;
    SCOPED_TRACE(i);
    const auto outcome = run(short_plan(), bench_text(), options);
    EXPECT_TRUE(outcome.source_dead);
    EXPECT_EQ(outcome.journal.substr(0, ends[i]), whole.substr(0, ends[i]));
    if (i + 3 < ends.size()) {
      EXPECT_EQ(outcome.ending.exit_code, 3) << outcome.ending.why;
    }
  }
}

TEST_F(RigTest, ASourceThatTripsIsTheBenchsFaultAndNamed) {
  Options options;
  options.before = [](sim::SimulatedBench& bench) {
    sim::SourceFaults faults;
    faults.trip_at = Time{130s};
    bench.source().inject(faults);
  };
  const auto outcome = run(short_plan(), bench_text(), options);
  EXPECT_EQ(outcome.ending.exit_code, 3);
  EXPECT_EQ(outcome.ending.verdict, Verdict::error);
  EXPECT_THAT(outcome.ending.why, HasSubstr("fluke-6105a"));
  EXPECT_TRUE(outcome.source_dead);
  for (const auto& p : outcome.positions) EXPECT_EQ(p.verdict, Verdict::error) << p.number;
}

TEST_F(RigTest, ASourceThatDoesNotObeyOffIsToldByTheReferenceMeter) {
  Options options;
  options.before = [](sim::SimulatedBench& bench) {
    sim::SourceFaults faults;
    faults.stays_on = true;
    bench.source().inject(faults);
  };
  const auto outcome = run(short_plan(), bench_text(), options);
  EXPECT_FALSE(outcome.ending.proved_off);
  EXPECT_EQ(outcome.ending.exit_code, 3);
}

TEST_F(RigTest, InstrumentsThatAnswerNothingGarbageOrNoNumberAreTheBenchsFault) {
  for (const auto& [what, set] : std::vector<std::pair<std::string, std::function<void(sim::SourceFaults&)>>>{
           {"silent", [](auto& f) { f.answers.silent = true; }},
           {"dead", [](auto& f) { f.answers.dead = true; }},
           {"garbage", [](auto& f) { f.answers.garbage = true; }},
           {"not a number", [](auto& f) { f.not_a_number = true; }}}) {
    SCOPED_TRACE(what);
    Options options;
    options.before = [&set = set](sim::SimulatedBench& bench) {
      sim::SourceFaults faults;
      set(faults);
      bench.source().inject(faults);
    };
    const auto outcome = run(short_plan(), bench_text(), options);
    EXPECT_EQ(outcome.ending.exit_code, 3) << outcome.ending.why;
    EXPECT_THAT(outcome.ending.why, HasSubstr("fluke-6105a"));
    EXPECT_TRUE(outcome.source_dead);
  }
}

TEST_F(RigTest, AMeterThatDoesNotAnswerFailsForCommunicationAndTheOthersGoOn) {
  Options options;
  options.before = [](sim::SimulatedBench& bench) {
    bench.break_line(2, {sim::LineFaultKind::drop_answer, {}}, Time{});
  };
  const auto outcome = run(short_plan(), bench_text(), options);
  EXPECT_EQ(outcome.positions[0].verdict, Verdict::pass);
  EXPECT_EQ(outcome.positions[1].verdict, Verdict::fail);
  EXPECT_THAT(outcome.positions[1].cause, HasSubstr("communication"));
  EXPECT_EQ(outcome.positions[2].verdict, Verdict::pass);
  EXPECT_EQ(outcome.ending.exit_code, 1);
}

TEST_F(RigTest, AMeterThatFallsSilentInTheMiddleFailsForCommunication) {
  Options options;
  options.before = [](sim::SimulatedBench& bench) {
    bench.break_line(3, {sim::LineFaultKind::drop_answer, {}}, Time{120s});
  };
  const auto outcome = run(short_plan(), bench_text(), options);
  EXPECT_EQ(outcome.positions[2].verdict, Verdict::fail);
  EXPECT_THAT(outcome.positions[2].cause, HasSubstr("communication"));
  EXPECT_EQ(outcome.positions[0].verdict, Verdict::pass);
}

TEST_F(RigTest, AMeterThatRestartsByItselfFails) {
  Options options;
  options.before = [](sim::SimulatedBench& bench) { bench.restart_meter(2, Time{80s}); };
  const auto outcome = run(short_plan(), bench_text(), options);
  EXPECT_EQ(outcome.positions[0].verdict, Verdict::pass);
  EXPECT_EQ(outcome.positions[1].verdict, Verdict::fail);
  EXPECT_THAT(outcome.positions[1].cause, testing::AnyOf(HasSubstr("restarted by itself"), HasSubstr("communication")));
}

TEST_F(RigTest, SwappedPortsAreTheBenchsFault) {
  Options options;
  options.before = [](sim::SimulatedBench& bench) { bench.swap_ports(1, 2); };
  const auto outcome = run(short_plan(), bench_text(), options);
  EXPECT_EQ(outcome.positions[0].verdict, Verdict::error);
  EXPECT_EQ(outcome.positions[1].verdict, Verdict::error);
  EXPECT_THAT(outcome.positions[0].cause, HasSubstr("wiring"));
}

TEST_F(RigTest, SwappedCurrentLeadsAreFoundBeforeFullOutput) {
  Options options;
  options.before = [](sim::SimulatedBench& bench) {
    sim::AnalogFaults faults;
    faults.fed_by = {sim::ua, sim::ub, sim::uc, sim::ib, sim::ia, sim::ic};
    bench.break_meter(1, faults);
  };
  const auto outcome = run(short_plan(), bench_text(), options);
  EXPECT_EQ(outcome.ending.exit_code, 3);
  EXPECT_THAT(outcome.positions[0].cause, HasSubstr("wiring"));
  for (const auto& a : records(outcome, "applied"))
    EXPECT_LE(a.at("load").at("phases")[0].at("voltage_v").get<double>(), 120.0);
}

TEST_F(RigTest, PulsesThatStopInAWindowAreNoMeasurement) {
  // The pulse window of the short plan is its last one; two seconds before its end the contact dies.
  const auto whole = run(short_plan(), bench_text());
  Time last{};
  for (const auto& m : records(whole, "measurement")) last = Time{Duration{m.at("t").get<std::int64_t>()}};
  Options options;
  options.before = [last](sim::SimulatedBench& bench) { bench.stop_pulses(2, last - 5s); };
  const auto outcome = run(short_plan(), bench_text(), options);
  EXPECT_EQ(outcome.positions[1].verdict, Verdict::fail);
  EXPECT_THAT(outcome.positions[1].cause, HasSubstr("pulses"));
  EXPECT_EQ(outcome.positions[0].verdict, Verdict::pass);
}

TEST_F(RigTest, AMeterThatFallsSilentWhileItsNeighbourIsDarkIsNotBlamedOnTheWiring) {
  Options options;
  options.before = [](sim::SimulatedBench& bench) {
    bench.break_line(2, {sim::LineFaultKind::drop_answer, {}}, Time{22500ms});
  };
  const auto outcome = run(short_plan(), bench_text(), options);
  EXPECT_EQ(outcome.ending.exit_code, 1);
  EXPECT_EQ(outcome.positions[1].verdict, Verdict::fail);
  EXPECT_THAT(outcome.positions[1].cause, HasSubstr("communication"));
}

TEST_F(RigTest, OnePositionsSilenceDoesNotTouchTheNumbersOfAnother) {
  Options silent, alone;
  silent.before = [](sim::SimulatedBench& bench) {
    bench.break_line(3, {sim::LineFaultKind::drop_answer, {}}, Time{120s});
  };
  alone.positions = {1};
  const auto with_neighbours = records(run(short_plan(), bench_text(), silent), "measurement");
  const auto without = records(run(short_plan(), bench_text(), alone), "measurement");
  std::vector<double> a, b;
  for (const auto& m : with_neighbours)
    if (m.at("position") == 1) a.push_back(m.at("value").get<double>());
  for (const auto& m : without) b.push_back(m.at("value").get<double>());
  EXPECT_EQ(a.size(), 3u);
  EXPECT_EQ(a, b);
}

/// When the output changed and the steps began, and what position 1 measured.
std::string timetable(const RigTest::Outcome& outcome) {
  std::string text;
  for (const char* kind : {"step_begin", "applied", "safe"})
    for (const auto& r : RigTest::records(outcome, kind)) text += kind + (" " + r.at("t").dump()) + "\n";
  for (const auto& m : RigTest::records(outcome, "measurement"))
    if (m.at("position") == 1) text += m.at("value").dump() + "\n";
  return text;
}

TEST_F(RigTest, WheneverAMeterFallsSilentTheTimetableStaysAsItWas) {
  const auto whole = run(short_plan(), bench_text());
  ASSERT_EQ(whole.ending.exit_code, 0) << whole.ending.why;
  for (int i = 1; i < 12; i += thinned) {
    const Time at = Time{whole.bench_time * i / 12};
    SCOPED_TRACE(in_seconds(at));
    Options silent;
    silent.before = [at](sim::SimulatedBench& bench) {
      bench.break_line(3, {sim::LineFaultKind::drop_answer, {}}, at);
    };
    const auto outcome = run(short_plan(), bench_text(), silent);
    EXPECT_EQ(timetable(outcome), timetable(whole));
    for (const auto& e : records(outcome, "event"))
      EXPECT_THAT(e.at("text").get<std::string>(), testing::Not(HasSubstr("overran")));
  }
}

TEST_F(RigTest, AnInstrumentThatBreaksWhileTheOutputIsOnEndsTheRunWithTheSourceOff) {
  for (const char* part : {"source", "reference", "control power"})
    for (const char* fault : {"silent", "garbage", "dead"}) {
      SCOPED_TRACE(std::string{part} + " " + fault);
      const auto bench = bench_text() + "  faults: [{part: " + part + ", fault: " + fault + ", at: 120 s}]\n";
      const auto outcome = run(short_plan(), bench);
      EXPECT_EQ(outcome.ending.exit_code, 3);
      EXPECT_EQ(outcome.ending.verdict, Verdict::error);
      // A source that is dead to every word stays on; then nobody may claim that it is off.
      const bool deaf = std::string{part} == "source" && std::string{fault} == "dead";
      EXPECT_EQ(outcome.source_dead, !deaf);
      if (deaf) {
        EXPECT_FALSE(outcome.ending.proved_off);
      }
    }
}

TEST_F(RigTest, AGainErrorOfFivePercentIsTheMetersAndNotTheWirings) {
  Options options;
  options.before = [](sim::SimulatedBench& bench) {
    sim::AnalogFaults faults;
    faults.gain_ppm = {0, 53000, 0, 0, 0, 0};  // B then shows what C has
    bench.break_meter(1, faults);
  };
  const auto outcome = run(short_plan(), bench_text(), options);
  EXPECT_EQ(outcome.positions[0].verdict, Verdict::fail) << outcome.positions[0].cause;
  EXPECT_EQ(outcome.positions[1].verdict, Verdict::pass) << outcome.positions[1].cause;
}

TEST_F(RigTest, AFirmwareThatCannotBeLoadedIsNamed) {
  auto bench = with(bench_text(), "one_third_volt: 0.333", "one_third_volt: 0.5");
  const auto outcome = run(short_plan(), bench);
  EXPECT_EQ(outcome.positions[0].verdict, Verdict::fail);
  EXPECT_THAT(outcome.positions[0].cause, HasSubstr("firmware"));
  EXPECT_THAT(outcome.positions[0].cause, HasSubstr("one_third_volt"));
}

}  // namespace
}  // namespace blondel
