#pragma once

#include <array>
#include <complex>
#include <optional>
#include <string_view>

#include "references/metering/spectrum.hpp"
#include "references/quantity.hpp"

namespace blondel {

/// What "reactive power" may mean. On sinusoids at nominal frequency all agree; on distorted waveforms no two do.
/// All but the last are sums over the orders, Σ Re(w_h·V_h·I_h*), and differ in the weight w_h alone.
enum class ReactiveMethod {
  fundamental,  ///< Q1 = Im(V_1·I_1*); the definition of IEC 62053-24
  budeanu,      ///< Σ Im(V_h·I_h*): every order turned by 90 degrees, as an ideal Hilbert filter does (Budeanu, 1927)
  quarter_period,  ///< <v(t - T/4)·i>: orders 3, 7, ... count negative, even orders and DC leak active power
  fixed_delay,  ///< <v(t - 1/(4·f0))·i> with f0 nominal: off nominal frequency the shift is wrong by 90·(f/f0 - 1) deg
  integrator,      ///< v integrated and scaled at the fundamental: sin(θ_h)/h; DC is blocked
  differentiator,  ///< v differentiated and scaled at the fundamental: h·sin(θ_h)
  fryze,           ///< sqrt(S² - P²): everything nonactive, unsigned (Fryze, 1932)
};

inline constexpr std::array<ReactiveMethod, 7> reactive_methods{
    ReactiveMethod::fundamental, ReactiveMethod::budeanu,    ReactiveMethod::quarter_period,
    ReactiveMethod::fixed_delay, ReactiveMethod::integrator, ReactiveMethod::differentiator,
    ReactiveMethod::fryze};

/// "fundamental", "budeanu", "quarter_period", "fixed_delay", "integrator", "differentiator", "fryze"
std::string_view name(ReactiveMethod method);

/// The weight of one order.
/// @param delay_periods  of the fundamental, for fixed_delay: f/(4·f0)
/// @pre order >= 0, and not fryze, which weighs no orders; std::logic_error otherwise
std::complex<double> reactive_weight(ReactiveMethod method, int order, double delay_periods = 0.25);

/// Reactive power of one voltage with one current. Positive where the current lags, for imported power.
/// @pre as reactive_weight
ReactivePower reactive_power(ReactiveMethod method, const Spectrum& voltage, const Spectrum& current,
                             double delay_periods = 0.25);

}  // namespace blondel
