#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace blondel {

/// One value out of an object of a record.
struct FlatValue {
  std::string quantity;     ///< the way to it, as a JSON pointer (RFC 6901) without the first slash and the last index
  std::int64_t index = -1;  ///< its place in the innermost list it stands in, from 0; -1 when it stands in none
  double value;             ///< NaN for what is no number
  std::string text;         ///< what is no number and not null, and a whole number that `value` cannot hold exactly
};

/// All values of an object in the order they were written: {"mean_w": 5, "phases": [{"v": 1}, {"v": 2}]} gives mean_w
/// (-1) 5, phases/v (0) 1, phases/v (1) 2.
std::vector<FlatValue> flat_values(const nlohmann::ordered_json& object);

}  // namespace blondel
