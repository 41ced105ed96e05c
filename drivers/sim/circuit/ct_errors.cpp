#include "drivers/sim/circuit/ct_errors.hpp"

#include "drivers/sim/circuit/keyed_random.hpp"

namespace blondel::sim {

namespace {
/// Words of keys, apart from Purpose and from what else a bench draws.
enum CtDraw : std::uint64_t { ct_ratio = 100, ct_phase, common_ct_ratio = 106, common_ct_phase };
}  // namespace

CtSubstitute with_errors(CtSubstitute ct, const CtErrors& errors, std::uint64_t seed, int position, int phase,
                         std::optional<std::uint64_t> load) {
  const auto p = static_cast<std::uint64_t>(position), k = static_cast<std::uint64_t>(phase);
  const auto own = [&](std::uint64_t what) {
    return load ? keyed_bits({seed, what, p, k, *load}) : keyed_bits({seed, what, p, k});
  };
  const auto common = [&](std::uint64_t what) {
    return load ? keyed_bits({seed, what, p, *load}) : keyed_bits({seed, what, p});
  };
  ct.ratio_error_ppm += errors.ratio_ppm.at(own(ct_ratio));
  ct.phase_urad += errors.phase_urad.at(own(ct_phase));
  if (!errors.common_ratio_ppm.none()) ct.ratio_error_ppm += errors.common_ratio_ppm.at(common(common_ct_ratio));
  if (!errors.common_phase_urad.none()) ct.phase_urad += errors.common_phase_urad.at(common(common_ct_phase));
  return ct;
}

}  // namespace blondel::sim
