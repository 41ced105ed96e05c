#include "rig/unit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "references/quantity_text.hpp"

namespace blondel {

namespace {

struct Base {
  std::string_view symbol, dimension;
};
constexpr std::array<Base, 10> prefixed{{{"V", "voltage"},
                                         {"A", "current"},
                                         {"W", "active power"},
                                         {"var", "reactive power"},
                                         {"VA", "apparent power"},
                                         {"Wh", "active energy"},
                                         {"varh", "reactive energy"},
                                         {"VAh", "apparent energy"},
                                         {"Hz", "frequency"},
                                         {"s", "time"}}};

struct Prefix {
  std::string_view symbol;
  double factor;
};
constexpr std::array<Prefix, 4> prefixes{{{"", 1}, {"m", 1e-3}, {"k", 1e3}, {"M", 1e6}}};

struct Whole {
  std::string_view symbol, dimension;
  double factor;
};
constexpr std::array<Whole, 7> others{{{"", "plain number", 1},
                                       {"ratio", "ratio", 1},
                                       {"%", "ratio", 0.01},
                                       {"ppm", "ratio", 1e-6},
                                       {"pulses", "count", 1},
                                       {"min", "time", 60},
                                       {"h", "time", 3600}}};

}  // namespace

Result<Unit> parse_unit(std::string_view symbol, const std::string& where) {
  for (const auto& unit : others)
    if (unit.symbol == symbol) return Unit{std::string{symbol}, std::string{unit.dimension}, unit.factor};
  std::string plain{symbol};
  // Meter makers shout reactive units, the standard does not.
  if (const auto at = plain.find("VAR"); at != std::string::npos) plain.replace(at, 3, "var");
  for (const auto& base : prefixed)
    for (const auto& prefix : prefixes)
      if (plain == std::string{prefix.symbol} + std::string{base.symbol})
        return Unit{std::string{symbol}, std::string{base.dimension}, prefix.factor};
  return fail(Fault::malformed, where,
              fmt::format("'{}' is no unit; there are V, A, W, var, VA, Wh, varh, VAh, Hz and s with m, k or M before "
                          "them, min, h, %, ppm and pulses",
                          symbol));
}

bool same_dimension(const Unit& a, const Unit& b) {
  // A power factor is written as a plain number.
  const auto pure = [](const Unit& u) { return u.dimension == "ratio" || u.dimension == "plain number"; };
  return a.dimension == b.dimension || (pure(a) && pure(b));
}

bool have_a_ratio(const Unit& a, const Unit& b) {
  const auto both = [&](std::string_view kind) { return a.dimension.ends_with(kind) && b.dimension.ends_with(kind); };
  return same_dimension(a, b) || both(" power") || both(" energy");
}

Result<UnitValue> parse_unit_value(std::string_view text, const std::string& where) {
  const auto behind = std::ranges::find_if(text, [&](const char& c) {
    const bool of_number = std::isdigit(static_cast<unsigned char>(c)) || c == '.' || c == '-' || c == '+';
    const bool exponent = (c == 'e' || c == 'E') && &c != text.data();
    return !of_number && !exponent;
  });
  const auto length = static_cast<std::size_t>(behind - text.begin());
  auto symbol = text.substr(length);
  if (symbol.starts_with(' ')) symbol.remove_prefix(1);
  const auto number = parse_number(text.substr(0, length), where);
  if (!number)
    return fail(Fault::malformed, where,
                fmt::format("expected a number with its unit such as '480 V', found '{}'", text));
  const auto unit = parse_unit(symbol, where);
  if (!unit) return tl::unexpected{unit.error()};
  return UnitValue{*number, *unit};
}

std::string show(double number, const Unit& unit) {
  const bool told = !unit.symbol.empty() && unit.symbol != "ratio";
  return fmt::format("{:.7g}{}{}", number, told ? " " : "", told ? unit.symbol : "");
}

}  // namespace blondel
