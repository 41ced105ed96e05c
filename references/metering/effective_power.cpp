#include "references/metering/effective_power.hpp"

#include <cmath>
#include <limits>

namespace blondel {

EffectiveSquares effective_squares(const LineSquares& sums, bool four_wire, double neutral_weight) {
  if (!four_wire) return {sums.between_lines / 9, sums.lines / 3};
  return {(3 * sums.to_neutral + sums.between_lines) / 18, (sums.lines + neutral_weight * sums.neutral) / 3};
}

EffectivePower effective_power(const EffectiveSquares& all) {
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  EffectivePower e;
  e.voltage = Voltage{std::sqrt(all.voltage)};
  e.current = Current{std::sqrt(all.current)};
  e.apparent = 3 * (e.voltage * e.current);
  e.fundamental_voltage = e.harmonic_voltage = Voltage{none};
  e.fundamental_current = e.harmonic_current = Current{none};
  for (auto* part : {&e.fundamental_apparent, &e.nonfundamental, &e.current_distortion, &e.voltage_distortion,
                     &e.harmonic_apparent, &e.harmonic_distortion, &e.positive_apparent, &e.unbalance})
    *part = ApparentPower{none};
  e.positive_active = ActivePower{none};
  e.positive_reactive = ReactivePower{none};
  return e;
}

EffectivePower effective_power(const EffectiveSquares& all, const EffectiveSquares& harmonic,
                               ActivePower harmonic_active, const SymmetricalComponents& voltage,
                               const SymmetricalComponents& current, bool four_wire, double neutral_weight) {
  EffectivePower e = effective_power(all);
  const double v_positive = std::norm(voltage.positive), i_positive = std::norm(current.positive);
  double v_rest = std::norm(voltage.negative);
  if (four_wire) v_rest += std::norm(voltage.zero) / 2;
  // On three wires a zero sequence is what leaks away beside them: their currents have it, and so has Ie.
  const double i_rest =
      std::norm(current.negative) + (four_wire ? 1 + 3 * neutral_weight : 1) * std::norm(current.zero);
  e.fundamental_voltage = Voltage{std::sqrt(v_positive + v_rest)};
  e.fundamental_current = Current{std::sqrt(i_positive + i_rest)};
  e.harmonic_voltage = Voltage{std::sqrt(harmonic.voltage)};
  e.harmonic_current = Current{std::sqrt(harmonic.current)};

  e.fundamental_apparent = 3 * (e.fundamental_voltage * e.fundamental_current);
  e.current_distortion = 3 * (e.fundamental_voltage * e.harmonic_current);
  e.voltage_distortion = 3 * (e.harmonic_voltage * e.fundamental_current);
  e.harmonic_apparent = 3 * (e.harmonic_voltage * e.harmonic_current);
  e.nonfundamental =
      ApparentPower{std::hypot(e.current_distortion.si(), e.voltage_distortion.si(), e.harmonic_apparent.si())};
  const double s = e.harmonic_apparent.si(), p = std::abs(harmonic_active.si());
  e.harmonic_distortion = ApparentPower{s > p ? std::sqrt((s - p) * (s + p)) : 0};

  const auto positive = 3.0 * voltage.positive * std::conj(current.positive);
  e.positive_apparent = ApparentPower{std::abs(positive)};
  e.positive_active = ActivePower{positive.real()};
  e.positive_reactive = ReactivePower{positive.imag()};
  e.unbalance = ApparentPower{3 * std::sqrt(v_positive * i_rest + v_rest * i_positive + v_rest * i_rest)};
  return e;
}

}  // namespace blondel
