#include "drivers/sim/circuit/sine_sum.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <random>
#include <vector>

namespace blondel::sim {
namespace {

using Codes = std::vector<std::int32_t>;

/// Six channels with as many terms as their number, on random rows, some with a wave to begin with.
class SineSumTest : public testing::Test {
 protected:
  static constexpr std::size_t rows = 509;

  SineSumTest() {
    for (auto& column : columns_)
      for (std::size_t r = 0; r < rows; ++r) column.push_back(number());
    for (std::size_t c = 0; c < 6; ++c) {
      for (std::size_t k = 0; k < c; ++k)
        terms_[c].push_back({columns_[k].data(), columns_[k + 6].data(), 3e6 * number(), 3e6 * number()});
      channels[c] = {c % 2 == 0 ? nullptr : columns_[c].data(),
                     terms_[c].data(),
                     terms_[c].size(),
                     columns_[c + 3].data(),
                     30,
                     number()};
    }
  }

  double number() { return static_cast<double>(numbers_() >> 11) * 0x1p-52 - 1; }

  /// Channels that begin at a later row.
  std::array<ChannelInput, 6> from(std::size_t row) {
    auto later = channels;
    for (std::size_t c = 0; c < 6; ++c) {
      if (later[c].wave) later[c].wave += row;
      later[c].noise += row;
      for (auto& term : shifted_[c] = terms_[c]) {
        term.cosine += row;
        term.sine += row;
      }
      later[c].terms = shifted_[c].data();
    }
    return later;
  }

  std::array<ChannelInput, 6> channels;

 private:
  std::mt19937_64 numbers_{1};
  std::array<std::vector<double>, 12> columns_;
  std::array<std::vector<SineTerm>, 6> terms_, shifted_;
};

TEST_F(SineSumTest, TheProcessorsWiderVectorsChangeNoCode) {
  Codes wide(6 * rows), portable(6 * rows);
  convert(wide.data(), channels, rows);
  convert_portably(portable.data(), channels, rows);
  EXPECT_EQ(wide, portable);
}

TEST_F(SineSumTest, CodesDoNotDependOnHowRunsAreCut) {
  Codes whole(6 * rows), pieces(6 * rows);
  convert(whole.data(), channels, rows);
  const std::array<std::size_t, 5> cuts{1, 4, 7, 12, 252};
  std::size_t n = 0;
  for (std::size_t row = 0; row < rows; ++n) {
    const auto take = std::min(cuts[n % cuts.size()], rows - row);
    convert(pieces.data() + 6 * row, from(row), take);
    row += take;
  }
  EXPECT_EQ(whole, pieces);
}

TEST_F(SineSumTest, ASineOfHalfTheRangeIsTheNearestCodes) {
  std::vector<double> cosine, sine;
  const std::vector<double> silence(rows, 0.0);
  for (std::size_t r = 0; r < rows; ++r) {
    cosine.push_back(std::cos(2 * std::numbers::pi * static_cast<double>(r) / 42));
    sine.push_back(std::sin(2 * std::numbers::pi * static_cast<double>(r) / 42));
  }
  const SineTerm term{cosine.data(), sine.data(), 0, 4194304};
  channels.fill({nullptr, &term, 1, silence.data(), 30, 0});
  Codes codes(6 * rows);
  convert(codes.data(), channels, rows);
  for (std::size_t r = 0; r < rows; ++r)
    EXPECT_EQ(codes[6 * r + r % 6], std::lround(4194304 * std::sin(2 * std::numbers::pi * static_cast<double>(r) / 42)))
        << r;
}

TEST_F(SineSumTest, WhatIsBeyondTheRangeIsHeldAtItsEnds) {
  const std::vector<double> high(rows, 9e6), low(rows, -9e6), silence(rows, 0.0);
  channels.fill({high.data(), nullptr, 0, silence.data(), 0, 0});
  channels[2].wave = low.data();
  Codes codes(6 * rows);
  convert(codes.data(), channels, rows);
  for (std::size_t r = 0; r < rows; ++r) {
    EXPECT_EQ(codes[6 * r], 8388607);
    EXPECT_EQ(codes[6 * r + 2], -8388608);
  }
}

}  // namespace
}  // namespace blondel::sim
