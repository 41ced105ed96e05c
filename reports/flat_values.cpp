#include "reports/flat_values.hpp"

#include <fmt/format.h>

#include <limits>
#include <optional>

namespace blondel {
namespace {

using Json = nlohmann::ordered_json;

/// A name as it stands in a JSON pointer (RFC 6901, 3).
std::string token_of(const std::string& name) {
  std::string token;
  for (const char c : name) {
    if (c == '~')
      token += "~0";
    else if (c == '/')
      token += "~1";
    else
      token += c;
  }
  return token;
}

std::string joined(const std::vector<std::string>& way, std::optional<std::size_t> without) {
  std::string text;
  for (std::size_t i = 0; i < way.size(); ++i) {
    if (i == without) continue;
    if (!text.empty()) text += '/';
    text += way[i];
  }
  return text;
}

/// Whether a double holds it to the last digit: 53 bits of it do.
bool exact(const Json& whole) {
  constexpr std::int64_t most = std::int64_t{1} << 53;
  if (whole.is_number_unsigned()) return whole.get<std::uint64_t>() <= static_cast<std::uint64_t>(most);
  const auto number = whole.get<std::int64_t>();
  return -most <= number && number <= most;
}

class Flattener {
 public:
  void take(const Json& value) {
    if (value.is_object()) {
      for (const auto& [name, inner] : value.items()) descend(token_of(name), inner);
    } else if (value.is_array()) {
      const auto outer_place = place_;
      const auto outer_index = index_;
      place_ = way_.size();
      index_ = 0;
      for (const auto& inner : value) {
        descend(std::to_string(index_), inner);
        ++index_;
      }
      place_ = outer_place;
      index_ = outer_index;
    } else {
      values_.push_back(leaf(value));
    }
  }

  std::vector<FlatValue> values() { return std::move(values_); }

 private:
  void descend(std::string token, const Json& inner) {
    way_.push_back(std::move(token));
    take(inner);
    way_.pop_back();
  }

  FlatValue leaf(const Json& value) const {
    FlatValue flat{joined(way_, place_), index_, std::numeric_limits<double>::quiet_NaN(), {}};
    if (value.is_number()) flat.value = value.get<double>();
    if (value.is_string()) flat.text = value.get<std::string>();
    if (value.is_boolean() || (value.is_number_integer() && !exact(value))) flat.text = value.dump();
    return flat;
  }

  std::vector<std::string> way_;
  std::optional<std::size_t> place_;  ///< where on the way the innermost list's index stands
  std::int64_t index_ = -1;
  std::vector<FlatValue> values_;
};

}  // namespace

std::vector<FlatValue> flat_values(const Json& object) {
  Flattener flattener;
  flattener.take(object);
  return flattener.values();
}

}  // namespace blondel
