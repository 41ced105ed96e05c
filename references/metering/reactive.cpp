#include "references/metering/reactive.hpp"

#include <cmath>
#include <numbers>
#include <stdexcept>

namespace blondel {
namespace {

/// What a delay by so many periods does to an order. Quarters are exact.
std::complex<double> delayed(int order, double periods) {
  const double turns = order * periods;
  const double rest = turns - std::floor(turns);
  constexpr std::complex<double> quarters[] = {{1, 0}, {0, -1}, {-1, 0}, {0, 1}};
  if (const double quarter = 4 * rest; quarter == std::floor(quarter)) return quarters[static_cast<int>(quarter)];
  return std::polar(1.0, -2 * std::numbers::pi * rest);
}

}  // namespace

std::string_view name(ReactiveMethod method) {
  switch (method) {
    case ReactiveMethod::fundamental: return "fundamental";
    case ReactiveMethod::budeanu: return "budeanu";
    case ReactiveMethod::quarter_period: return "quarter_period";
    case ReactiveMethod::fixed_delay: return "fixed_delay";
    case ReactiveMethod::integrator: return "integrator";
    case ReactiveMethod::differentiator: return "differentiator";
    case ReactiveMethod::fryze: return "fryze";
  }
  throw std::logic_error{"unknown reactive method"};
}

std::complex<double> reactive_weight(ReactiveMethod method, int order, double delay_periods) {
  if (order < 0) throw std::logic_error{"a spectrum has no negative orders"};
  // Re(-j·V·I*) = Im(V·I*)
  constexpr std::complex<double> quadrature{0, -1};
  switch (method) {
    case ReactiveMethod::fundamental: return order == 1 ? quadrature : 0.0;
    case ReactiveMethod::budeanu: return order == 0 ? 0.0 : quadrature;
    case ReactiveMethod::quarter_period: return delayed(order, 0.25);
    case ReactiveMethod::fixed_delay: return delayed(order, delay_periods);
    case ReactiveMethod::integrator: return order == 0 ? 0.0 : quadrature / static_cast<double>(order);
    case ReactiveMethod::differentiator: return quadrature * static_cast<double>(order);
    case ReactiveMethod::fryze: break;
  }
  throw std::logic_error{"this reactive power is no sum over orders"};
}

ReactivePower reactive_power(ReactiveMethod method, const Spectrum& voltage, const Spectrum& current,
                             double delay_periods) {
  double sum = 0;
  for (const auto& [order, u] : voltage) {
    const auto i = current.find(order);
    if (i != current.end()) sum += (reactive_weight(method, order, delay_periods) * u * std::conj(i->second)).real();
  }
  return ReactivePower{sum};
}

}  // namespace blondel
