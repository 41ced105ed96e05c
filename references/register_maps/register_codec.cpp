#include "references/register_maps/register_codec.hpp"

#include <bit>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace blondel {
namespace {

constexpr std::uint16_t no_value = 0x8000;

double power_of_ten(int exponent) {
  double power = 1;
  for (int i = 0; i < std::abs(exponent); ++i) power *= 10;
  return power;
}

/// raw · factor, as a division where the factor is one over a whole number: 6001 · 0.01 then is the double 60.01.
double scaled(double raw, double factor) {
  const double inverse = std::round(1 / factor);
  if (factor < 1 && 1 / inverse == factor) return raw / inverse;
  return raw * factor;
}

tl::unexpected<Error> refuse(const RegisterPoint& point, std::string what) {
  return fail(Fault::refused, fmt::format("register {} ({})", point.number, point.name), std::move(what));
}

}  // namespace

bool may_have_no_value(const RegisterPoint& point) {
  if (point.format != RegisterFormat::uint16) return false;
  return (point.scale != RegisterScale::none && !point.writable) || point.factory_default == no_value;
}

double decode(const RegisterPoint& point, std::span<const std::uint16_t> words) {
  if (words.size() != static_cast<std::size_t>(width(point.format)))
    throw std::logic_error{fmt::format("{} takes {} words, not {}", point.name, width(point.format), words.size())};
  switch (point.format) {
    case RegisterFormat::uint16:
      if (words[0] == no_value && may_have_no_value(point)) return std::numeric_limits<double>::quiet_NaN();
      return words[0];
    case RegisterFormat::sint16: return static_cast<std::int16_t>(words[0]);
    case RegisterFormat::uint32: return static_cast<double>((std::uint32_t{words[0]} << 16) | words[1]);
    case RegisterFormat::float32:
      return static_cast<double>(std::bit_cast<float>((std::uint32_t{words[0]} << 16) | words[1]));
  }
  throw std::logic_error{"unknown register format"};
}

double scaled(const RegisterPoint& point, double raw, const ScaleExponents& exponents) {
  const auto by_ten = [&](int exponent) {
    return exponent < 0 ? raw / power_of_ten(exponent) : raw * power_of_ten(exponent);
  };
  switch (point.scale) {
    case RegisterScale::none: return raw;
    case RegisterScale::fixed: return scaled(raw, point.factor);
    case RegisterScale::current: return by_ten(exponents.current);
    case RegisterScale::voltage: return by_ten(exponents.voltage);
    case RegisterScale::power: return by_ten(exponents.power);
    case RegisterScale::energy: return by_ten(exponents.energy);
  }
  throw std::logic_error{"unknown register scale"};
}

Result<std::vector<std::uint16_t>> encode(const RegisterPoint& point, double value) {
  if (!point.writable) return refuse(point, "is read-only");
  if (point.words != width(point.format)) return refuse(point, "is a window of many values, not one");
  if (!std::isfinite(value)) return refuse(point, "cannot be set to what is no number");
  if (point.scale != RegisterScale::none && point.scale != RegisterScale::fixed)
    return refuse(point, "is scaled by a register of the meter and cannot be written by value");
  double raw = value;
  if (point.scale == RegisterScale::fixed) {
    raw = std::round(value / point.factor);
    // The plan says 1.25, the quotient is 125 give or take the last bit.
    if (std::abs(value / point.factor - raw) > 1e-9 * std::max(1.0, std::abs(raw)))
      return refuse(point, fmt::format("cannot hold {}, its steps are {}", value, point.factor));
  }
  const auto outside = [&](const char* side, double limit) {
    return refuse(point, fmt::format("asked for {}, the {} is {}{}{}", value, side, scaled(limit, point.factor),
                                     point.unit.empty() ? "" : " ", point.unit));
  };
  if (point.minimum && raw < *point.minimum) return outside("least", *point.minimum);
  if (point.maximum && raw > *point.maximum) return outside("most", *point.maximum);
  return encode_raw(point, raw);
}

Result<std::vector<std::uint16_t>> encode_raw(const RegisterPoint& point, double raw) {
  const auto cannot = [&] { return refuse(point, fmt::format("{} cannot hold {}", name(point.format), raw)); };
  if (!std::isfinite(raw)) return cannot();
  const auto both = [](std::uint32_t bits) {
    return std::vector<std::uint16_t>{static_cast<std::uint16_t>(bits >> 16),
                                      static_cast<std::uint16_t>(bits & 0xFFFF)};
  };
  if (point.format == RegisterFormat::float32) {
    if (std::abs(raw) > static_cast<double>(std::numeric_limits<float>::max())) return cannot();
    return both(std::bit_cast<std::uint32_t>(static_cast<float>(raw)));
  }
  if (raw != std::trunc(raw)) return cannot();
  switch (point.format) {
    case RegisterFormat::uint16:
      if (raw < 0 || raw > 65535) return cannot();
      return std::vector<std::uint16_t>{static_cast<std::uint16_t>(raw)};
    case RegisterFormat::sint16:
      if (raw < -32768 || raw > 32767) return cannot();
      return std::vector<std::uint16_t>{static_cast<std::uint16_t>(static_cast<std::int16_t>(raw))};
    default:
      if (raw < 0 || raw > 4294967295.0) return cannot();
      return both(static_cast<std::uint32_t>(raw));
  }
}

}  // namespace blondel
