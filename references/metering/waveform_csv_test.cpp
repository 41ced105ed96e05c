#include "references/metering/waveform_csv.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "references/error.hpp"

namespace blondel {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

const std::array<bool, 6> phase_a_only{true, false, false, true, false, false};

Recording read_csv(const std::string& text, std::optional<double> rate = 2520) {
  return parse_waveform_csv(text, "wave.csv", {phase_a_only, rate, {}});
}

/// "where: what" of the refusal, or "accepted".
std::string refusal_of_csv(const std::string& text, std::optional<double> rate = 2520) {
  try {
    read_csv(text, rate);
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.error.fault, Fault::malformed) << text;
    return failure.error.where + ": " + failure.error.what;
  }
  return "accepted";
}

const std::vector<double>& column(const Recording& r, std::size_t channel) {
  return std::get<ChannelSamples<double>>(r.samples)[channel];
}

TEST(WaveformCsvTest, ReadsTheNeededColumnsInAnyOrder) {
  const auto r = read_csv("ia,vb,va\n1,2,3\n-4.5e0,5,+6\n.5,8,9e-1\n");
  EXPECT_EQ(r.rows, 3u);
  EXPECT_EQ(r.rate_hz, 2520);
  EXPECT_EQ(r.has, phase_a_only);
  EXPECT_THAT(column(r, 0), ElementsAre(3, 6, 0.9));
  EXPECT_THAT(column(r, 3), ElementsAre(1, -4.5, 0.5));
  EXPECT_TRUE(column(r, 1).empty());
  EXPECT_EQ(value(r, 3, 1), -4.5);
}

TEST(WaveformCsvTest, TakesCrlfAByteOrderMarkBlanksAndNoLastLineBreak) {
  const auto r = read_csv("\xEF\xBB\xBFva , ia\r\n 1,2\t\r\n3 , 4");
  EXPECT_THAT(column(r, 0), ElementsAre(1, 3));
  EXPECT_THAT(column(r, 3), ElementsAre(2, 4));
  EXPECT_EQ(read_csv("va,ia\r\n1,2\r\n3,4\r\n\r\n").rows, 2u);
}

TEST(WaveformCsvTest, TakesTheRateFromEquidistantInstants) {
  // To a microsecond, as an oscilloscope writes them: 1/2520 s is 396.825 us.
  std::string text = "t,va,ia\n";
  for (int k = 0; k < 2520; ++k) text += fmt::format("{:.6f},1,1\n", 0.25 + k / 2520.0);
  EXPECT_NEAR(read_csv(text, std::nullopt).rate_hz, 2520, 2520 * 1e-7);
  EXPECT_EQ(read_csv(text, 2520).rate_hz, 2520) << "what is told is exact, what was written was rounded";
  EXPECT_THAT(refusal_of_csv(text, 2521), HasSubstr("the rate given is 2521"));
}

TEST(WaveformCsvTest, RefusesInstantsThatAreNotEquidistant) {
  std::string lost = "va,t,ia\n";
  for (int k = 0; k < 50; ++k) lost += fmt::format("1, {:.6f},1\n", (k < 30 ? k : k + 1) / 2520.0);
  EXPECT_THAT(refusal_of_csv(lost, std::nullopt), AllOf(StartsWith("wave.csv:32:4: "), HasSubstr("equidistant")));
  EXPECT_THAT(refusal_of_csv("t,va,ia\n0,1,1\n0,1,1\n0,1,1\n", std::nullopt), HasSubstr("grow from row to row"));
  EXPECT_THAT(refusal_of_csv("t,va,ia\n3,1,1\n2,1,1\n1,1,1\n", std::nullopt), HasSubstr("grow from row to row"));
  // Each step is within its tolerance, all together are not: a clock that drifts.
  std::string drifts = "t,va,ia\n";
  for (int k = 0; k < 100; ++k) drifts += fmt::format("{:.9f},1,1\n", k * 1e-3 * (1 + 1e-4 * k));
  EXPECT_THAT(refusal_of_csv(drifts, std::nullopt), HasSubstr("from its place"));
}

TEST(WaveformCsvTest, RefusesARateThatIsMissingOrCannotBeOne) {
  EXPECT_THAT(refusal_of_csv("va,ia\n1,2\n3,4\n", std::nullopt), HasSubstr("the sampling rate must be given"));
  EXPECT_THAT(refusal_of_csv("va,ia\n1,2\n3,4\n", 0.0), HasSubstr("found 0"));
  EXPECT_THAT(refusal_of_csv("va,ia\n1,2\n3,4\n", std::numeric_limits<double>::quiet_NaN()), HasSubstr("found nan"));
  EXPECT_THAT(refusal_of_csv("t,va,ia\n0,1,2\n1,3,4\n", std::nullopt), HasSubstr("from 500 to 1000000"));
}

TEST(WaveformCsvTest, RefusesEachSlipWithItsPlace) {
  EXPECT_THAT(refusal_of_csv("va,ia\n1,2\n3,x\n"), StartsWith("wave.csv:3:3: expected a number, found 'x'"));
  EXPECT_THAT(refusal_of_csv("va,ia\n1,2\n3,4V\n"), StartsWith("wave.csv:3:3: expected a number, found '4V'"));
  EXPECT_THAT(refusal_of_csv("va,ia\n1,nan\n"), StartsWith("wave.csv:2:3: expected a finite number, found 'nan'"));
  EXPECT_THAT(refusal_of_csv("va,ia\n-inf,1\n"), StartsWith("wave.csv:2:1: expected a finite number, found '-inf'"));
  EXPECT_THAT(refusal_of_csv("va,ia\n1,1e400\n"), StartsWith("wave.csv:2:3: expected a number that a double can hold"));
  EXPECT_THAT(refusal_of_csv("va,ia\n1,1e10\n"), HasSubstr("at most 1000000000"));
  EXPECT_THAT(refusal_of_csv("va,ia\n1,0x10\n"), HasSubstr("found '0x10'"));
  EXPECT_THAT(refusal_of_csv("va,ia\n1,+-1\n"), HasSubstr("found '+-1'"));
  EXPECT_THAT(refusal_of_csv("va,ia\n1,2\n3\n"), StartsWith("wave.csv:3:2: this row has 1 cell, the header has 2"));
  EXPECT_THAT(refusal_of_csv("va,ia\n1,2,\n"), StartsWith("wave.csv:2:4: this row has more cells than the header's 2"));
  EXPECT_THAT(refusal_of_csv("va,ia\n1,\n"), StartsWith("wave.csv:2:3: expected a number, found the end of the line"));
  EXPECT_THAT(refusal_of_csv("va,ia\n,2\n"), StartsWith("wave.csv:2:1: expected a number, found an empty cell"));
  EXPECT_THAT(refusal_of_csv("va,ia\n1,2\n\n3,4\n"), StartsWith("wave.csv:3:1: "));
  EXPECT_THAT(refusal_of_csv("va,ia\n1;5,2\n"), HasSubstr("found '1;5'"));
  EXPECT_THAT(refusal_of_csv("va,ia\r1,2\r3,4\r"), StartsWith("wave.csv:1:6: "));
  EXPECT_THAT(refusal_of_csv(std::string{"va,ia\n1,2\0\n", 11}), HasSubstr("found '2\\x00'"));
}

TEST(WaveformCsvTest, RefusesAHeaderThatIsNone) {
  EXPECT_THAT(refusal_of_csv(""), HasSubstr("there is nothing in it"));
  EXPECT_THAT(refusal_of_csv(" \r\n\n"), HasSubstr("there is nothing in it"));
  EXPECT_THAT(refusal_of_csv("1,2\n3,4\n"), StartsWith("wave.csv:1:1: expected a column named t, va, vb"));
  EXPECT_THAT(refusal_of_csv("va;ia\n1;2\n"), HasSubstr("found 'va;ia'"));
  EXPECT_THAT(refusal_of_csv("va,ia,temperature\n"), StartsWith("wave.csv:1:7: "));
  EXPECT_THAT(refusal_of_csv("va,ia,va\n"), StartsWith("wave.csv:1:7: the column 'va' stands twice"));
  EXPECT_THAT(refusal_of_csv("va,\n"), StartsWith("wave.csv:1:4: "));
  EXPECT_THAT(refusal_of_csv("va,ib\n1,2\n"), HasSubstr("the column 'ia' is missing"));
  EXPECT_THAT(refusal_of_csv("va,ia\n"), HasSubstr("expected at least two rows of numbers, found 0"));
  EXPECT_THAT(refusal_of_csv("va,ia\n1,2\n"), HasSubstr("expected at least two rows of numbers, found 1"));
}

TEST(WaveformCsvTest, RefusesWhatIsNoFile) {
  const RecordingRequest request{phase_a_only, 2520, {}};
  EXPECT_THROW(load_waveform_csv("/nonexistent/wave.csv", request), Failure);
  EXPECT_THROW(load_waveform_csv("references", request), Failure);
}

}  // namespace
}  // namespace blondel
