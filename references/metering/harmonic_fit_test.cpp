#include "references/metering/harmonic_fit.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "references/metering/steady_samples.hpp"

namespace blondel {
namespace {

/// How far the phasors are from those of the truth, turned back from the middle of the record, in V and A.
double largest_error(const HarmonicEstimate& found, const PhasorSet& truth, double rate_hz, std::size_t rows) {
  const double middle = (static_cast<double>(rows) - 1) / 2 / rate_hz;
  double most = 0;
  for (std::size_t k = 0; k < 6; ++k)
    for (const auto& [order, phasor] : k < 3 ? truth.voltage[k] : truth.current[k - 3]) {
      const double turned = -2 * std::numbers::pi * order * truth.frequency.si() * middle;
      const auto then = found.phasor(order, static_cast<Eigen::Index>(k)) * std::polar(1.0, turned);
      most = std::max(most, std::abs(then - phasor));
    }
  return most;
}

TEST(HarmonicFitTest, FindsEveryPhasorAtAnyRateAndAnyCountOfSamples) {
  std::mt19937_64 engine{1};
  const std::pair<double, std::size_t> records[] = {{2520, 2520}, {2520, 2519}, {4000, 1000}, {12800, 6401}};
  for (const auto& [rate, rows] : records) {
    const PhasorSet truth = rough_lines(engine, uniform(engine, 45, 61.9));
    const auto samples = samples_of(truth, rate, rows);
    HarmonicFit fit{rate, rows};
    ASSERT_TRUE(fit.fit(block_of(samples)));
    EXPECT_NEAR(fit.estimate().frequency_hz, truth.frequency.si(), 1e-11) << rate << " " << rows;
    EXPECT_LT(largest_error(fit.estimate(), truth, rate, rows), 3e-10) << rate << " " << rows;
    EXPECT_LT(fit.estimate().residual.cwiseAbs().maxCoeff(), 1e-20);
    EXPECT_LT(fit.residual().cwiseAbs().maxCoeff(), 1e-9);
    EXPECT_LT(fit.estimate().condition, 2);
  }
}

TEST(HarmonicFitTest, LeavesOutWhatHalfTheRateCannotCarry) {
  std::mt19937_64 engine{2};
  const auto samples = samples_of(rough_lines(engine, 60), 2520, 2520);
  HarmonicFit fit{2520, 2520, {.orders = 30}};
  ASSERT_TRUE(fit.fit(block_of(samples)));
  EXPECT_EQ(fit.estimate().orders, 20);
  EXPECT_EQ(fit.estimate().dropped, std::vector<int>{21}) << "the 21st at 60 Hz is half of 2520 exactly";
}

TEST(HarmonicFitTest, TheResidualHoldsWhatTheModelHasNot) {
  std::mt19937_64 engine{3};
  const PhasorSet truth = rough_lines(engine, 50);
  auto samples = samples_of(truth, 2520, 2520);
  for (std::size_t n = 0; n < 2520; ++n) {
    const double x = std::numbers::sqrt2 * std::cos(2 * std::numbers::pi * 77 * static_cast<double>(n) / 2520);
    samples[0][n] += 2 * x;
    samples[4][n] -= 0.3 * x;
  }
  HarmonicFit fit{2520, 2520};
  ASSERT_TRUE(fit.fit(block_of(samples)));
  EXPECT_NEAR(fit.estimate().residual(0, 0), 4, 0.02);
  EXPECT_NEAR(fit.estimate().residual(4, 4), 0.09, 0.0005);
  EXPECT_NEAR(fit.estimate().residual(0, 4), -0.6, 0.003);
  const double from_samples = fit.residual().col(0).dot(fit.residual().col(4)) / 2520;
  EXPECT_NEAR(from_samples, fit.estimate().residual(0, 4), 1e-12);
}

TEST(HarmonicFitTest, TakesCountsInterleavedAndScalesThem) {
  std::mt19937_64 engine{4};
  const PhasorSet truth = rough_lines(engine, 57.3);
  const auto samples = samples_of(truth, 2520, 2520);
  ChannelScale scale;
  std::vector<std::int32_t> counts(6 * 2520);
  SampleBlock<std::int32_t> block{.channel = {}, .stride = 6, .rows = 2520};
  for (std::size_t k = 0; k < 6; ++k) {
    scale.gain[k] = k < 3 ? 1e-6 : 1e-7;
    scale.offset[k] = 1000;
    block.channel[k] = &counts[k];
    for (std::size_t n = 0; n < 2520; ++n)
      counts[6 * n + k] = static_cast<std::int32_t>(std::lround(samples[k][n] / scale.gain[k])) + 1000;
  }
  HarmonicFit fit{2520, 2520};
  ASSERT_TRUE(fit.fit(block, scale));
  EXPECT_LT(largest_error(fit.estimate(), truth, 2520, 2520), 1e-7);
}

TEST(HarmonicFitTest, AChannelThatIsNotThereHasNoLinesAndTheStrongestVoltageTellsTheFrequency) {
  std::mt19937_64 engine{5};
  PhasorSet truth = rough_lines(engine, 52.1);
  truth.voltage[0].clear();
  const auto samples = samples_of(truth, 2520, 2520);
  auto block = block_of(samples);
  block.channel[5] = nullptr;
  HarmonicFit fit{2520, 2520};
  ASSERT_TRUE(fit.fit(block));
  EXPECT_NEAR(fit.estimate().frequency_hz, 52.1, 1e-11);
  EXPECT_TRUE(fit.estimate().phasors().current[2].empty());
  EXPECT_FALSE(fit.fit(block, {}, 0)) << "no alternating signal";
  EXPECT_FALSE(fit.fit(block, {}, 5)) << "not there";
  EXPECT_TRUE(fit.fit(block, {}, 3)) << "a current";
}

TEST(HarmonicFitTest, SaysWhyItCannot) {
  std::mt19937_64 engine{6};
  auto samples = samples_of(rough_lines(engine, 50), 2520, 2520);
  EXPECT_NE(HarmonicFit(2520, 2519).fit(block_of(samples)).error().what.find("made for 2519"), std::string::npos);
  auto slow = samples_of(rough_lines(engine, 39.5), 2520, 2520);
  EXPECT_NE(HarmonicFit(2520, 2520).fit(block_of(slow)).error().what.find("found 39.5"), std::string::npos);
  auto brief = samples_of(rough_lines(engine, 50), 2520, 200);
  EXPECT_NE(HarmonicFit(2520, 200).fit(block_of(brief)).error().what.find("too short"), std::string::npos);
  samples[2][1234] = std::numeric_limits<double>::quiet_NaN();
  EXPECT_NE(HarmonicFit(2520, 2520).fit(block_of(samples)).error().what.find("channel vc"), std::string::npos);
  SixChannels noise;
  for (auto& channel : noise)
    for (int n = 0; n < 2520; ++n) channel.push_back(uniform(engine, -1, 1));
  EXPECT_NE(HarmonicFit(2520, 2520).fit(block_of(noise)).error().what.find("expected a fundamental"),
            std::string::npos);
}

}  // namespace
}  // namespace blondel
