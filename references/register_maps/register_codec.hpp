#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "references/error.hpp"
#include "references/register_maps/register_map.hpp"

namespace blondel {

/// The raw number in the words of one value, unscaled. NaN where the meter says "no value": a float that is not a
/// number, and 0x8000 in a point that may say so (see may_have_no_value).
/// @pre as many words as the format takes; std::logic_error otherwise
double decode(const RegisterPoint& point, std::span<const std::uint16_t> words);

/// Whether 0x8000 means "no value" here. It does in read-only 16-bit unsigned points that carry a scale, which are
/// the measured ones and never exceed 32767, and in those whose default is 0x8000. It does not in bit fields
/// (0x8000 is bit 15), commands, counters, versions, signed numbers and the halves of 32-bit numbers.
bool may_have_no_value(const RegisterPoint& point);

/// The powers of ten that the meter tells in its scale factor registers.
struct ScaleExponents {
  int current{}, voltage{}, power{}, energy{};
  bool operator==(const ScaleExponents&) const = default;
};

/// The value in the unit of the map: the raw number times the point's factor or power of ten.
double scaled(const RegisterPoint& point, double raw, const ScaleExponents& exponents);

/// The words that write a value, given in the unit of the map.
/// @returns an Error (refused) for a point that cannot be written, a value outside minimum and maximum, and one the
///          register cannot hold exactly (4.5 in a whole number, a ratio of 1.005 in hundredths).
Result<std::vector<std::uint16_t>> encode(const RegisterPoint& point, double value);

/// The words of a raw number that need not be sensible, only fit the format: for asking a meter what it must refuse.
Result<std::vector<std::uint16_t>> encode_raw(const RegisterPoint& point, double raw);

}  // namespace blondel
