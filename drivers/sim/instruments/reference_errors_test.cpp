#include "drivers/sim/instruments/reference_errors.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace blondel::sim {
namespace {

/// By how much the power of an element is high, and by how much its current leads, in ppm and urad.
std::pair<double, double> of_power(const InputErrors& errors, std::size_t element) {
  const auto power = errors.factor[element] * std::conj(errors.factor[element + 3]);
  return {(std::abs(power) - 1) * 1e6, -std::arg(power) * 1e6};
}

TEST(ReferenceErrors, ACommonErrorIsThatOfThePowerOfEveryElement) {
  const ReferenceErrors errors{{.gain_ppm = 0,
                                .phase_urad = 0,
                                .power_gain_ppm = ErrorDistribution::even(5000, 0),
                                .power_phase_urad = ErrorDistribution::even(-40, 0)}};
  for (std::size_t k = 0; k < 3; ++k) {
    EXPECT_NEAR(of_power(errors.at(0), k).first, 5000, 1e-6);
    EXPECT_NEAR(of_power(errors.at(0), k).second, -40, 1e-6);
  }
}

TEST(ReferenceErrors, DrawnAtEveryLoadTheyAreIndependentAndHaveTheirDistribution) {
  const ReferenceErrorTraits traits{.seed = 3,
                                    .gain_ppm = 0,
                                    .phase_urad = 0,
                                    .power_gain_ppm = ErrorDistribution::normal(20, 7.5),
                                    .power_phase_urad = {},
                                    .at_every_load = true};
  const ReferenceErrors errors{traits}, again{traits};
  constexpr int loads = 20'000;
  double sum = 0, squares = 0, products = 0, before = 0;
  for (std::uint64_t load = 1; load <= loads; ++load) {
    const double z = (of_power(errors.at(load), 0).first - 20) / 7.5;
    EXPECT_NEAR(of_power(errors.at(load), 2).first, 20 + 7.5 * z, 1e-6);
    sum += z;
    squares += z * z;
    products += z * before;
    before = z;
  }
  // Four standard deviations of each.
  EXPECT_NEAR(sum / loads, 0, 4 / std::sqrt(loads));
  EXPECT_NEAR(squares / loads, 1, 4 * std::sqrt(2.0 / loads));
  EXPECT_NEAR(products / loads, 0, 4 / std::sqrt(loads));
  // Whoever asks, in whatever order.
  EXPECT_EQ(again.at(7).factor, errors.at(7).factor);
  EXPECT_NE(again.at(8).factor, errors.at(7).factor);
}

TEST(ReferenceErrors, DrawnOnceTheyAreTheSameAtEveryLoad) {
  const ReferenceErrors errors{{.seed = 3, .power_gain_ppm = 100, .power_phase_urad = 100}};
  const auto first = errors.at(1).factor;
  EXPECT_EQ(errors.at(99).factor, first);
}

TEST(ReferenceErrors, AnAverageOverTwoLoadsTakesEachWithItsOwnErrors) {
  Stretch one{Time{}, Time{Duration{1'000'000'000}}, 50, {}};
  one.channels[ua][1] = 100;
  one.channels[ia][1] = 10;
  one.load = 1;
  auto two = one;
  two.from = one.to;
  two.to = Time{Duration{4'000'000'000}};
  two.load = 2;
  const auto a = average({one, two}, [](std::uint64_t load) {
    InputErrors errors;
    errors.factor[ia] = load == 1 ? 1.01 : 1.02;
    return errors;
  });
  EXPECT_NEAR(a.active[0], (1010 + 3 * 1020) / 4.0, 1e-9);
}

}  // namespace
}  // namespace blondel::sim
