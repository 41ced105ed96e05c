#include "references/metering/sums_kernel.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <random>
#include <vector>

namespace blondel {
namespace {

constexpr std::size_t stride = 301;

/// 21 products and 6 each of sums, projections (re, im) and moments (re, im).
using Sums = std::array<double, 51>;

Sums sums(const SumsKernel& loops, const std::array<const double*, 6>& x, const double* weight, const double* re,
          const double* im, bool weighted, std::size_t rows) {
  Sums s{};
  (weighted ? loops.weighted_products : loops.products)(x.data(), weight, rows, s.data(), s.data() + 21);
  (weighted ? loops.weighted_projections : loops.projections)(x.data(), weight, re, im, rows, s.data() + 27,
                                                              s.data() + 33);
  for (std::size_t k = 0; k < 6; ++k)
    (weighted ? loops.weighted_moment : loops.moment)(x[k], weight, re, im, rows, &s[39 + k], &s[45 + k]);
  return s;
}

class SumsKernelTest : public testing::Test {
 protected:
  SumsKernelTest() {
    for (double& v : data_) v = static_cast<double>(engine_() >> 11) * 0x1p-53 - 0.3;
    for (std::size_t k = 0; k < 6; ++k) x_[k] = column(k);
  }
  const double* column(std::size_t k) const { return data_.data() + k * stride; }  // aligned to nothing

  std::mt19937_64 engine_{7};
  std::vector<double> data_ = std::vector<double>(10 * stride);
  std::array<const double*, 6> x_{};
};

TEST_F(SumsKernelTest, SumsWhatItSaysOnEveryPath) {
  const auto weight = [&](bool weighted, std::size_t n) { return weighted ? column(6)[n] : 1.0L; };
  for (const SumsKernel* loops : {&portable_sums_kernel(), &sums_kernel()})
    for (const bool weighted : {false, true})
      for (const std::size_t rows : {4U, 8U, 12U, 256U}) {
        const Sums found = sums(*loops, x_, column(6), column(7), column(8), weighted, rows);
        std::size_t at = 0;
        const auto expect = [&](std::size_t j, std::size_t k) {
          long double expected = 0;
          for (std::size_t n = 0; n < rows; ++n) expected += weight(weighted, n) * x_[j][n] * x_[k][n];
          EXPECT_NEAR(found[at++], static_cast<double>(expected), 1e-13) << j << k;
        };
        for (const std::size_t first : {0U, 3U})
          for (std::size_t j = 0; j < 3; ++j)
            for (std::size_t k = j; k < 3; ++k) expect(first + j, first + k);
        for (std::size_t j = 0; j < 3; ++j)
          for (std::size_t k = 3; k < 6; ++k) expect(j, k);
        for (std::size_t k = 0; k < 6; ++k) {
          std::array<long double, 5> expected{};
          for (std::size_t n = 0; n < rows; ++n) {
            const long double v = weight(weighted, n) * x_[k][n], number = static_cast<long double>(n);
            const std::array<long double, 5> term{v, v * column(7)[n], v * column(8)[n], number * v * column(7)[n],
                                                  number * v * column(8)[n]};
            for (std::size_t q = 0; q < 5; ++q) expected[q] += term[q];
          }
          for (std::size_t q = 0; q < 5; ++q)
            EXPECT_NEAR(found[21 + 6 * q + k], static_cast<double>(expected[q]), q < 3 ? 1e-13 : 1e-11) << q << k;
        }
      }
}

TEST_F(SumsKernelTest, ThePathsDifferByNoMoreThanRounding) {
  auto magnitude = data_;
  for (double& v : magnitude) v = std::abs(v);
  std::array<const double*, 6> sizes{};
  for (std::size_t k = 0; k < 6; ++k) sizes[k] = magnitude.data() + k * stride;
  for (const bool weighted : {false, true}) {
    const Sums old = sums(portable_sums_kernel(), x_, column(6), column(7), column(8), weighted, 252);
    const Sums recent = sums(sums_kernel(), x_, column(6), column(7), column(8), weighted, 252);
    const Sums size = sums(portable_sums_kernel(), sizes, magnitude.data() + 6 * stride, magnitude.data() + 7 * stride,
                           magnitude.data() + 8 * stride, weighted, 252);
    for (std::size_t n = 0; n < old.size(); ++n) EXPECT_NEAR(recent[n], old[n], 4 * 0x1p-52 * size[n]) << n;
  }
}

TEST_F(SumsKernelTest, TheSameSamplesGiveTheSameBits) {
  for (const SumsKernel* loops : {&portable_sums_kernel(), &sums_kernel()}) {
    const Sums once = sums(*loops, x_, column(6), column(7), column(8), true, 256);
    auto moved = data_;
    moved.insert(moved.begin(), 0.0);  // at another alignment
    std::array<const double*, 6> x{};
    for (std::size_t k = 0; k < 6; ++k) x[k] = moved.data() + 1 + k * stride;
    const double* rest = moved.data() + 1 + 6 * stride;
    EXPECT_EQ(sums(*loops, x, rest, rest + stride, rest + 2 * stride, true, 256), once);
  }
}

template <class T>
void gathers_every_layout(const Gather<T>& gather) {
  std::vector<T> samples(6 * 23);
  for (std::size_t n = 0; n < samples.size(); ++n)
    samples[n] = static_cast<T>(static_cast<int>(n * 977) % 30000 - 15000);
  const std::array<double, 6> offset{0, 1, 2, 3, 4, 5};
  for (const std::size_t rows : {1U, 3U, 4U, 8U, 23U}) {
    std::vector<double> out(6 * 28, -1);
    std::array<double*, 6> columns{};
    for (std::size_t k = 0; k < 6; ++k) columns[k] = out.data() + 28 * k;
    gather.interleaved(samples.data(), rows, offset.data(), columns.data());
    std::vector<double> planar(28, -1);
    gather.column(samples.data() + 1, 1, rows, 7, planar.data());
    for (std::size_t n = 0; n < 28; ++n) {
      const bool padding = n >= rows && n < (rows + 3) / 4 * 4;
      for (std::size_t k = 0; k < 6; ++k)
        if (n < rows || padding) {
          EXPECT_EQ(columns[k][n], padding ? 0 : static_cast<double>(samples[6 * n + k]) - offset[k]);
        }
      if (n < rows || padding) {
        EXPECT_EQ(planar[n], padding ? 0 : static_cast<double>(samples[1 + n]) - 7);
      }
    }
    EXPECT_EQ(out[(rows + 3) / 4 * 4], -1) << "wrote too far";
  }
}

TEST(GatherTest, ReadsEveryLayoutAndTypeOnEveryPath) {
  for (const SumsKernel* loops : {&portable_sums_kernel(), &sums_kernel()}) {
    gathers_every_layout(loops->real);
    gathers_every_layout(loops->short_counts);
    gathers_every_layout(loops->counts);
  }
}

}  // namespace
}  // namespace blondel
