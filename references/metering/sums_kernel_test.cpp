#include "references/metering/sums_kernel.hpp"

#include <gtest/gtest.h>

#include <array>
#include <random>
#include <vector>

namespace blondel {
namespace {

class SumsKernelTest : public testing::Test {
 protected:
  SumsKernelTest() {
    for (double& v : data_) v = static_cast<double>(engine_() >> 11) * 0x1p-53 - 0.3;
    for (std::size_t k = 0; k < 6; ++k) x_[k] = column(k);
  }
  const double* column(std::size_t k) const { return data_.data() + k * 301; }  // aligned to nothing

  std::mt19937_64 engine_{7};
  std::vector<double> data_ = std::vector<double>(10 * 301);
  std::array<const double*, 6> x_{};
};

TEST_F(SumsKernelTest, SumsWhatItSaysOnEveryPath) {
  for (const SumsKernel* loops : {&portable_sums_kernel(), &sums_kernel()})
    for (const std::size_t rows : {4U, 8U, 12U, 256U}) {
      std::array<double, 21> product{};
      std::array<double, 6> sum{}, re{}, im{};
      loops->weighted_products(x_.data(), column(6), rows, product.data(), sum.data());
      loops->weighted_projections(x_.data(), column(6), column(7), column(8), rows, re.data(), im.data());
      std::size_t at = 0;
      const auto expect = [&](std::size_t j, std::size_t k) {
        long double expected = 0;
        for (std::size_t n = 0; n < rows; ++n) expected += static_cast<long double>(x_[j][n]) * x_[k][n] * column(6)[n];
        EXPECT_NEAR(product[at++], static_cast<double>(expected), 1e-13) << j << k;
      };
      for (const std::size_t first : {0U, 3U})
        for (std::size_t j = 0; j < 3; ++j)
          for (std::size_t k = j; k < 3; ++k) expect(first + j, first + k);
      for (std::size_t j = 0; j < 3; ++j)
        for (std::size_t k = 3; k < 6; ++k) expect(j, k);
      for (std::size_t k = 0; k < 6; ++k) {
        long double s = 0, r = 0, i = 0;
        for (std::size_t n = 0; n < rows; ++n) {
          const long double weighted = static_cast<long double>(x_[k][n]) * column(6)[n];
          s += weighted;
          r += weighted * column(7)[n];
          i += weighted * column(8)[n];
        }
        EXPECT_NEAR(sum[k], static_cast<double>(s), 1e-13);
        EXPECT_NEAR(re[k], static_cast<double>(r), 1e-13);
        EXPECT_NEAR(im[k], static_cast<double>(i), 1e-13);
      }
    }
}

TEST_F(SumsKernelTest, GivesTheSameBitsOnEveryPath) {
  const SumsKernel &old = portable_sums_kernel(), &recent = sums_kernel();
  for (const bool weighted : {false, true}) {
    std::array<double, 21> a{}, b{};
    std::array<double, 6> sum_a{}, sum_b{}, re_a{}, re_b{}, im_a{}, im_b{};
    (weighted ? old.weighted_products : old.products)(x_.data(), column(6), 256, a.data(), sum_a.data());
    (weighted ? recent.weighted_products : recent.products)(x_.data(), column(6), 256, b.data(), sum_b.data());
    EXPECT_EQ(a, b);
    EXPECT_EQ(sum_a, sum_b);
    (weighted ? old.weighted_projections : old.projections)(x_.data(), column(6), column(7), column(8), 256,
                                                            re_a.data(), im_a.data());
    (weighted ? recent.weighted_projections : recent.projections)(x_.data(), column(6), column(7), column(8), 256,
                                                                  re_b.data(), im_b.data());
    EXPECT_EQ(re_a, re_b);
    EXPECT_EQ(im_a, im_b);
    (weighted ? old.weighted_projection : old.projection)(x_[2], column(6), column(7), column(8), 252, re_a.data(),
                                                          im_a.data());
    (weighted ? recent.weighted_projection : recent.projection)(x_[2], column(6), column(7), column(8), 252,
                                                                re_b.data(), im_b.data());
    EXPECT_EQ(re_a, re_b);
    EXPECT_EQ(im_a, im_b);
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
