#pragma once

#include <cmath>
#include <compare>
#include <numbers>

namespace blondel {

/// A physical quantity: one double in the SI unit of its kind. Kinds that share a dimension (W, var, VA) are
/// different types, because the slips of this trade are VA for W and degrees for radians.
template <class Kind>
class Quantity {
 public:
  constexpr Quantity() = default;
  constexpr explicit Quantity(double si) : si_{si} {}

  /// The value in the SI unit of the kind (V, A, W, var, VA, J, Hz, rad, ohm, s, K; 1 for ratios).
  constexpr double si() const { return si_; }

  constexpr auto operator<=>(const Quantity&) const = default;
  constexpr Quantity operator-() const { return Quantity{-si_}; }
  constexpr Quantity operator+(Quantity b) const { return Quantity{si_ + b.si_}; }
  constexpr Quantity operator-(Quantity b) const { return Quantity{si_ - b.si_}; }
  constexpr Quantity operator*(double k) const { return Quantity{si_ * k}; }
  constexpr Quantity operator/(double k) const { return Quantity{si_ / k}; }
  constexpr double operator/(Quantity b) const { return si_ / b.si_; }
  friend constexpr Quantity operator*(double k, Quantity a) { return a * k; }

 private:
  double si_{};
};

using Voltage = Quantity<struct VoltageKind>;                ///< V, rms
using Current = Quantity<struct CurrentKind>;                ///< A, rms
using ActivePower = Quantity<struct ActivePowerKind>;        ///< W
using ReactivePower = Quantity<struct ReactivePowerKind>;    ///< var
using ApparentPower = Quantity<struct ApparentPowerKind>;    ///< VA
using ActiveEnergy = Quantity<struct ActiveEnergyKind>;      ///< J; see watt_hours
using ReactiveEnergy = Quantity<struct ReactiveEnergyKind>;  ///< var s
using ApparentEnergy = Quantity<struct ApparentEnergyKind>;  ///< VA s
using Frequency = Quantity<struct FrequencyKind>;            ///< Hz
using Angle = Quantity<struct AngleKind>;                    ///< rad
using Resistance = Quantity<struct ResistanceKind>;          ///< ohm
using Ratio = Quantity<struct RatioKind>;                    ///< 1; see percent
using Seconds = Quantity<struct SecondsKind>;                ///< s
using Temperature = Quantity<struct TemperatureKind>;        ///< degrees Celsius, as instruments and data sheets say it

constexpr ApparentPower operator*(Voltage u, Current i) {
  return ApparentPower{u.si() * i.si()};
}
constexpr Ratio percent(double p) {
  return Ratio{p / 100.0};
}
constexpr double in_percent(Ratio r) {
  return r.si() * 100.0;
}
constexpr ActiveEnergy watt_hours(double wh) {
  return ActiveEnergy{wh * 3600.0};
}
constexpr double in_watt_hours(ActiveEnergy e) {
  return e.si() / 3600.0;
}
constexpr Angle degrees(double d) {
  return Angle{d * std::numbers::pi / 180.0};
}
constexpr double in_degrees(Angle a) {
  return a.si() * 180.0 / std::numbers::pi;
}

}  // namespace blondel
