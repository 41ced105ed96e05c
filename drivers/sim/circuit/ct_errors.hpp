#pragma once

#include <cstdint>
#include <optional>

#include "drivers/sim/circuit/circuit_settings.hpp"

namespace blondel::sim {

/// A converter with its own errors and those of its position on top: for good, or those of one load where `load` is
/// named (the number of the source's set-point, see SourceHistory).
/// @param position  from 1  @param phase  from 0
CtSubstitute with_errors(CtSubstitute ct, const CtErrors& errors, std::uint64_t seed, int position, int phase,
                         std::optional<std::uint64_t> load = std::nullopt);

}  // namespace blondel::sim
