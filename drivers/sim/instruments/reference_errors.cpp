#include "drivers/sim/instruments/reference_errors.hpp"

#include <cmath>

#include "drivers/sim/circuit/keyed_random.hpp"

namespace blondel::sim {

namespace {
/// Words of keys, apart from Purpose and from what else a bench draws.
enum ReferenceDraw : std::uint64_t { reference_power_gain = 120, reference_power_phase, reference_load };
}  // namespace

ReferenceErrors::ReferenceErrors(const ReferenceErrorTraits& traits) : traits_{traits}, last_{drawn(0)} {}

const InputErrors& ReferenceErrors::at(std::uint64_t load) const {
  if (traits_.at_every_load && load != load_) {
    last_ = drawn(load);
    load_ = load;
  }
  return last_;
}

InputErrors ReferenceErrors::drawn(std::uint64_t load) const {
  const auto seed = traits_.at_every_load ? keyed_bits({traits_.seed, reference_load, load}) : traits_.seed;
  auto errors = InputErrors::drawn(seed, traits_.gain_ppm, traits_.phase_urad);
  const double power = 1 + traits_.power_gain_ppm.at(keyed_bits({seed, reference_power_gain})) * 1e-6;
  const double lead = traits_.power_phase_urad.at(keyed_bits({seed, reference_power_phase})) * 1e-6;
  for (std::size_t c = 0; c < 6; ++c) {
    errors.factor[c] *= 1 + traits_.common_gain_ppm * 1e-6;
    errors.factor[c] *= std::polar(std::sqrt(power), c < 3 ? 0 : lead);
  }
  return errors;
}

}  // namespace blondel::sim
