#include "rig/waveform_witness.hpp"

#include <gtest/gtest.h>

#include "reports/sha256.hpp"
#include "reports/waveform_capture.hpp"
#include "rig/rig_fixture.hpp"

namespace blondel {
namespace {

class WaveformWitnessTest : public RigTest {
 protected:
  static std::string with_recorder(std::string bench) {
    return with(std::move(bench), "\npositions:", "\nrecorder: {rate: 10 kHz, uncertainty: 100 ppm}\n\npositions:");
  }
};

TEST_F(WaveformWitnessTest, EverySteadyPointIsKeptWithItsHashAndAgrees) {
  const auto outcome = run(short_plan(), with_recorder(bench_text()));
  EXPECT_EQ(outcome.ending.exit_code, 0) << outcome.ending.why;
  const auto kept = records(outcome, "waveform");
  // One of the check at low voltage, and one a point of the plan.
  ASSERT_GE(kept.size(), 3u);
  for (const auto& record : kept) {
    const auto path = folder() / record.at("file").get<std::string>();
    EXPECT_EQ(value_or_throw(sha256_of_file(path)), record.at("sha256"));
    const auto facts = value_or_throw(capture_facts(path));
    EXPECT_TRUE(facts.finished);
    EXPECT_EQ(facts.rate_hz, 10e3);
    EXPECT_EQ(facts.rows, 12'500u);
  }
}

TEST_F(WaveformWitnessTest, TheRecorderChangesNoNumberOfAMeter) {
  const auto without = records(run(short_plan(), bench_text()), "measurement");
  const auto recorded = records(run(short_plan(), with_recorder(bench_text())), "measurement");
  ASSERT_EQ(without.size(), recorded.size());
  for (std::size_t i = 0; i < without.size(); ++i) EXPECT_EQ(without[i].at("value"), recorded[i].at("value")) << i;
}

TEST_F(WaveformWitnessTest, AReferenceThatIsWrongInAllItSaysIsTheBenchsFault) {
  // Its spectrum and its powers come from the same wrong inputs and agree; only another instrument can tell.
  const auto bench = with(with_recorder(bench_text()), "reference: {gain: 15 ppm", "reference: {gain: 0.3 %");
  const auto outcome = run(short_plan(), bench);
  EXPECT_EQ(outcome.ending.exit_code, 3);
  EXPECT_NE(outcome.ending.why.find("reference and waveform disagree"), std::string::npos) << outcome.ending.why;
  EXPECT_TRUE(outcome.source_dead);
}

TEST_F(WaveformWitnessTest, HonestInstrumentsNeverDisagree) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    Options options;
    options.seed = seed;
    options.positions = {1};
    const auto outcome = run(short_plan(), with_recorder(bench_text()), options);
    EXPECT_EQ(outcome.ending.exit_code, 0) << seed << ": " << outcome.ending.why;
    std::filesystem::remove_all(folder() / "waveforms");
  }
}

}  // namespace
}  // namespace blondel
