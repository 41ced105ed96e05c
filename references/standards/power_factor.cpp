#include "references/standards/power_factor.hpp"

#include <cmath>

#include "references/quantity_text.hpp"

namespace blondel {
namespace {

constexpr double last_bits = 1e-9;

}  // namespace

Angle PowerFactor::lag() const {
  switch (side) {
    case Side::unity: return Angle{0};
    case Side::inductive: return Angle{std::acos(cosine)};
    case Side::capacitive: return Angle{-std::acos(cosine)};
  }
  return Angle{0};
}

Result<PowerFactor> PowerFactor::of_lag(Angle lag) {
  const double cosine = std::cos(lag.si());
  if (!(cosine > last_bits) || std::abs(lag.si()) > std::numbers::pi)
    return fail(Fault::malformed, "power factor", "a lag of " + show(lag) + " has no power factor of a load");
  if (cosine > 1 - last_bits * last_bits || lag.si() == 0) return PowerFactor{};
  return PowerFactor{cosine, lag.si() > 0 ? Side::inductive : Side::capacitive};
}

bool PowerFactor::same_as(const PowerFactor& other) const {
  return side == other.side && std::abs(cosine - other.cosine) <= last_bits;
}

Result<PowerFactor> parse_power_factor(std::string_view text, const std::string& where) {
  const auto refuse = [&] {
    return fail(Fault::malformed, where,
                fmt::format("expected a power factor such as '1', '0.5 ind' or '0.8 cap', found '{}'", text));
  };
  PowerFactor::Side side = PowerFactor::Side::unity;
  std::string_view digits = text;
  if (text.ends_with(" ind")) side = PowerFactor::Side::inductive;
  if (text.ends_with(" cap")) side = PowerFactor::Side::capacitive;
  if (side != PowerFactor::Side::unity) digits.remove_suffix(4);
  const auto cosine = parse_number(digits, where);
  if (!cosine) return refuse();
  const bool unity = *cosine == 1;
  if (unity != (side == PowerFactor::Side::unity) || !(*cosine > 0 && *cosine <= 1)) return refuse();
  return PowerFactor{*cosine, side};
}

std::string show(const PowerFactor& power_factor) {
  switch (power_factor.side) {
    case PowerFactor::Side::unity: return "1";
    case PowerFactor::Side::inductive: return fmt::format("{:.6g} ind", power_factor.cosine);
    case PowerFactor::Side::capacitive: return fmt::format("{:.6g} cap", power_factor.cosine);
  }
  return "?";
}

}  // namespace blondel
