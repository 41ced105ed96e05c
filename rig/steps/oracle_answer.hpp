#pragma once

#include <optional>

#include "references/series_4000_k/expectation.hpp"
#include "references/uncertainty/budget.hpp"
#include "rig/run.hpp"

namespace blondel {

/// What the oracle says of one reading, in the unit of the register map (pulses for a count).
struct OracleAnswer {
  series_4000_k::Expectation expectation;  ///< of the reading, or of the difference of two where there was one before
  std::optional<Budget> budget;            ///< the doubt about the truth, for what is measured
};

/// Whether a register tells what went through the meter, so that only a difference of two readings says anything.
bool counts_up(const std::string& point);

/// What a reading must be at the position of that place, by the reference meter's readings of the same moment and the
/// configuration the meter told with it.
/// @param before  an earlier reading of the same register under the same load, for those that count up; else null
/// @param most    only the upper limit of a difference is wanted, which holds even where the meter restarted between
///                the two readings and counted less
/// @pre both were read at that place
OracleAnswer ask_oracle(const Run& run, std::size_t place, const NamedReading& reading, const NamedReading* before,
                        bool most = false);

}  // namespace blondel
