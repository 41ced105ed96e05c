#include "references/metering/sampled_accuracy.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "references/metering/phasor_metering.hpp"
#include "references/metering/quantity_list.hpp"
#include "references/metering/sampled_metering.hpp"
#include "references/metering/steady_samples.hpp"

namespace blondel {
namespace {

constexpr double rate_hz = 2520;

void note(SampledErrors& errors, const std::string& name, double error) {
  double& worst = errors.worst[name];
  worst = std::max(worst, std::isfinite(error) ? std::abs(error) : HUGE_VAL);
}

/// "active_power_ab" is "active_power", of element ab.
struct Place {
  std::string quantity;
  const Element* element;
};
Place placed(const std::string& name, const Quantities& truth) {
  const auto wirings = elements(truth.service);
  auto wiring = wirings.begin();
  for (const auto& e : truth.phase) {
    if (!e) continue;
    const std::string ending = "_" + (wiring++)->name;
    if (name.ends_with(ending)) return {name.substr(0, name.size() - ending.size()), &*e};
  }
  return {name, nullptr};
}

/// What a million parts are of.
double scale(const std::string& unit, const Quantities& truth, const Element* element) {
  if (unit.empty()) return 1e6;  // absolute
  if (unit == "Hz") return truth.frequency.si();
  if (unit == "V")
    return element != nullptr ? element->voltage.si()
                              : truth.voltage_ll_average.value_or(truth.voltage_ln_average.value_or(Voltage{})).si();
  if (unit == "A") return element != nullptr ? element->current.si() : truth.current_average.si();
  return element != nullptr ? element->apparent.si() : truth.apparent_arithmetic.si();
}

void compare(SampledErrors& errors, const Quantities& truth, const SampledReading& reading) {
  const auto expected = quantity_list(truth);
  const auto found = quantity_list(reading);
  for (std::size_t n = 0; n < expected.size(); ++n) {
    const auto& [name, unit, value, withheld] = expected[n];
    if (unit == "deg") continue;  // of sequences, which may be next to nothing
    const auto [quantity, element] = placed(name, truth);
    if (quantity == "nonactive_power" && std::abs(element->power_factor()) > 0.99) continue;
    if (quantity == "reactive_power_fryze_total" && std::abs(truth.power_factor()) > 0.99) continue;
    if (n >= found.size() || found[n].name != name || !value || !found[n].value) {
      note(errors, quantity, HUGE_VAL);
    } else {
      note(errors, quantity, 1e6 * (*found[n].value - *value) / scale(unit, truth, element));
    }
  }
}

/// Lines of the spectra, turned back to the instant of the truth's angles.
void compare(SampledErrors& errors, const PhasorSet& truth, const SampledReading& reading) {
  const double middle = (std::round(reading.begin.si() * rate_hz) + (rate_hz - 1) / 2) / rate_hz;
  for (std::size_t k = 0; k < 6; ++k) {
    const Spectrum& found = k < 3 ? reading.spectra->voltage[k] : reading.spectra->current[k - 3];
    const Spectrum& expected = k < 3 ? truth.voltage[k] : truth.current[k - 3];
    if (found.empty()) continue;  // the service does not need it
    for (const auto& [order, phasor] : expected) {
      const double turns = order * truth.frequency.si() * middle;
      const auto then = line(found, order) * std::polar(1.0, -2 * std::numbers::pi * (turns - std::round(turns)));
      const char* name = order == 1 ? "phasor of the fundamental" : "phasor of a harmonic or DC";
      note(errors, name, 1e6 * std::abs(then - phasor) / std::abs(line(expected, 1)));
    }
  }
}

}  // namespace

SampledErrors sampled_errors(int cases, std::uint64_t seed) {
  std::mt19937_64 engine{seed};
  SampledErrors errors;
  for (int n = 0; n < cases; ++n) {
    const Service service = services[static_cast<std::size_t>(n) % services.size()];
    const PhasorSet set = rough_lines(engine, uniform(engine, 45, 61.9));
    const auto samples = samples_of(set, rate_hz, 3025);
    const SampledOptions options{.fit = {}, .metering = {.nominal = Frequency{50}}, .step = {}, .reference = {}};
    const auto readings = sampled_metering(block_of(samples), {}, rate_hz, service, options);
    if (!readings || readings->empty()) {
      ++errors.failed;
      continue;
    }
    const SampledReading& reading = readings->front();
    if (!reading.steady()) {
      ++errors.flagged;
      continue;
    }
    compare(errors, phasor_metering(set, service, options.metering), reading);
    compare(errors, set, reading);
  }
  return errors;
}

}  // namespace blondel
