#include "references/quantity_text.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <optional>
#include <span>

namespace blondel {
namespace {

/// A unit as it is written, and the power of ten that brings its number to the kind's base unit.
struct Unit {
  std::string_view symbol;
  int power_of_ten;
};

struct Kind {
  std::string_view noun;     ///< "a voltage"
  std::string_view example;  ///< "480 V"
  std::span<const Unit> units;
};

constexpr Unit volts[] = {{"V", 0}, {"mV", -3}, {"uV", -6}, {"kV", 3}};
constexpr Unit amperes[] = {{"A", 0}, {"mA", -3}, {"uA", -6}, {"kA", 3}};
constexpr Unit hertz[] = {{"Hz", 0}, {"mHz", -3}, {"kHz", 3}};
constexpr Unit radians[] = {{"rad", 0}, {"mrad", -3}, {"urad", -6}, {"deg", 0}};
constexpr Unit ohms[] = {{"ohm", 0}, {"mohm", -3}, {"kohm", 3}, {"Mohm", 6}};
constexpr Unit shares[] = {{"%", -2}, {"ppm", -6}};
constexpr Unit celsius[] = {{"degC", 0}};
constexpr Unit hours_of_watts[] = {{"Wh", 0}, {"mWh", -3}, {"kWh", 3}, {"MWh", 6}};
constexpr Unit watts[] = {{"W", 0}, {"mW", -3}, {"kW", 3}, {"MW", 6}};
// To nanoseconds; a minute is 6, an hour 36 of these.
constexpr Unit times[] = {{"ns", 0}, {"us", 3}, {"ms", 6}, {"s", 9}, {"min", 10}, {"h", 11}};

constexpr Kind voltage_kind{"a voltage", "480 V", volts};
constexpr Kind current_kind{"a current", "5 A", amperes};
constexpr Kind frequency_kind{"a frequency", "60 Hz", hertz};
constexpr Kind angle_kind{"an angle", "60 deg", radians};
constexpr Kind resistance_kind{"a resistance", "10.6 kohm", ohms};
constexpr Kind ratio_kind{"a ratio", "0.5 %", shares};
constexpr Kind temperature_kind{"a temperature", "25 degC", celsius};
constexpr Kind energy_kind{"an energy", "10 Wh", hours_of_watts};
constexpr Kind active_power_kind{"an active power", "10 kW", watts};
constexpr Kind duration_kind{"a duration", "250 ms", times};
constexpr const Kind* all_kinds[] = {&voltage_kind,      &current_kind, &frequency_kind,   &angle_kind,
                                     &resistance_kind,   &ratio_kind,   &temperature_kind, &energy_kind,
                                     &active_power_kind, &duration_kind};

constexpr bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// A decimal number as it is written, and what stands behind it.
struct Written {
  bool negative{};
  std::string digits;  ///< all digits without the point
  int exponent{};      ///< value = digits · 10^exponent
  std::string_view rest;
};

/// Splits "-1.5e3 V" into its number and " V"; nothing when it does not begin with a decimal number.
std::optional<Written> read_decimal(std::string_view text) {
  Written w;
  std::size_t at = 0;
  if (at < text.size() && (text[at] == '+' || text[at] == '-')) w.negative = text[at++] == '-';
  const std::size_t first = at;
  for (; at < text.size() && is_digit(text[at]); ++at) w.digits += text[at];
  if (at == first) return std::nullopt;  // ".5" too: a number is written with the digit before its point
  if (at + 1 < text.size() && text[at] == '.' && is_digit(text[at + 1])) {
    for (++at; at < text.size() && is_digit(text[at]); ++at) {
      w.digits += text[at];
      --w.exponent;
    }
  }
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    std::size_t from = at + 1;
    if (from < text.size() && text[from] == '+') ++from;
    int power = 0;
    const auto [end, problem] = std::from_chars(text.data() + from, text.data() + text.size(), power);
    if (problem == std::errc::result_out_of_range || std::abs(power) > 9999) return std::nullopt;
    if (problem == std::errc{}) {
      w.exponent += power;
      at = static_cast<std::size_t>(end - text.data());
    }
  }
  w.rest = text.substr(at);
  return w;
}

/// The double nearest to number · 10^shift; nothing when it overflows or falls to nothing.
std::optional<double> to_double(const Written& number, int shift) {
  const std::string text = (number.negative ? "-" : "") + number.digits + "e" + std::to_string(number.exponent + shift);
  double value = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{} || end != text.data() + text.size() || !std::isfinite(value)) return std::nullopt;
  return value;
}

std::string quoted(std::string_view text) {
  constexpr std::size_t most = 60;
  if (text.size() <= most) return "'" + std::string{text} + "'";
  return "'" + std::string{text.substr(0, most)} + "...'";
}

tl::unexpected<Error> unfit(const Kind& kind, std::string_view text, const std::string& where,
                            const std::string& because = {}) {
  return fail(Fault::malformed, where,
              fmt::format("expected {} such as '{}', found {}{}{}", kind.noun, kind.example, quoted(text),
                          because.empty() ? "" : ": ", because));
}

/// "'A' is a unit of current", or the units that would have done.
std::string wrong_unit(const Kind& wanted, std::string_view symbol) {
  for (const Kind* kind : all_kinds)
    for (const Unit& unit : kind->units)
      if (unit.symbol == symbol) return fmt::format("{} is the unit of {}", quoted(symbol), kind->noun);
  std::string known;
  for (const Unit& unit : wanted.units) known += (known.empty() ? "" : ", ") + std::string{unit.symbol};
  return fmt::format("unit {} is none of {}", quoted(symbol), known);
}

struct Measured {
  Written number;
  const Unit* unit;
};

Result<Measured> read_measured(const Kind& kind, std::string_view text, const std::string& where) {
  auto number = read_decimal(text);
  if (!number) return unfit(kind, text, where);
  std::string_view symbol = number->rest;
  if (symbol.starts_with(' ')) symbol.remove_prefix(1);
  if (symbol.empty()) return unfit(kind, text, where);
  for (const Unit& unit : kind.units)
    if (unit.symbol == symbol) return Measured{std::move(*number), &unit};
  return unfit(kind, text, where, wrong_unit(kind, symbol));
}

Result<double> read_value(const Kind& kind, std::string_view text, const std::string& where) {
  const auto measured = read_measured(kind, text, where);
  if (!measured) return tl::unexpected{measured.error()};
  const auto value = to_double(measured->number, measured->unit->power_of_ten);
  if (!value) return unfit(kind, text, where, "no number of ours is so large or so small");
  if (measured->unit->symbol == "deg") return degrees(*value).si();
  return *value;
}

template <class Q>
Result<Q> read_quantity(const Kind& kind, std::string_view text, const std::string& where) {
  return read_value(kind, text, where).map([](double si) { return Q{si}; });
}

}  // namespace

Result<Voltage> parse_voltage(std::string_view text, const std::string& where) {
  return read_quantity<Voltage>(voltage_kind, text, where);
}
Result<Current> parse_current(std::string_view text, const std::string& where) {
  return read_quantity<Current>(current_kind, text, where);
}
Result<Frequency> parse_frequency(std::string_view text, const std::string& where) {
  return read_quantity<Frequency>(frequency_kind, text, where);
}
Result<Angle> parse_angle(std::string_view text, const std::string& where) {
  return read_quantity<Angle>(angle_kind, text, where);
}
Result<Resistance> parse_resistance(std::string_view text, const std::string& where) {
  return read_quantity<Resistance>(resistance_kind, text, where);
}
Result<Ratio> parse_ratio(std::string_view text, const std::string& where) {
  return read_quantity<Ratio>(ratio_kind, text, where);
}
Result<Temperature> parse_temperature(std::string_view text, const std::string& where) {
  return read_quantity<Temperature>(temperature_kind, text, where);
}
Result<ActivePower> parse_active_power(std::string_view text, const std::string& where) {
  return read_quantity<ActivePower>(active_power_kind, text, where);
}
Result<ActiveEnergy> parse_energy(std::string_view text, const std::string& where) {
  return read_value(energy_kind, text, where).map([](double wh) { return watt_hours(wh); });
}

Result<std::chrono::nanoseconds> parse_duration(std::string_view text, const std::string& where) {
  auto measured = read_measured(duration_kind, text, where);
  if (!measured) return tl::unexpected{measured.error()};
  Written& number = measured->number;
  int power = number.exponent + measured->unit->power_of_ten;
  while (!number.digits.empty() && number.digits.back() == '0') {
    number.digits.pop_back();
    ++power;
  }
  number.digits.erase(0, number.digits.find_first_not_of('0'));
  if (number.digits.empty()) return std::chrono::nanoseconds{0};
  if (number.negative) return unfit(duration_kind, text, where, "time does not run backwards");

  std::int64_t ns = 0;
  const char* last = number.digits.data() + number.digits.size();
  bool overflow = std::from_chars(number.digits.data(), last, ns).ec != std::errc{};
  const std::int64_t times_unit = measured->unit->symbol == "min" ? 6 : measured->unit->symbol == "h" ? 36 : 1;
  overflow = overflow || __builtin_mul_overflow(ns, times_unit, &ns);
  for (; power > 0 && !overflow; --power) overflow = __builtin_mul_overflow(ns, std::int64_t{10}, &ns);
  if (overflow) return unfit(duration_kind, text, where, "longer or finer than 64 bits of nanoseconds can hold");
  for (; power < 0; ++power) {
    if (ns % 10 != 0) return unfit(duration_kind, text, where, "not a whole number of nanoseconds");
    ns /= 10;
  }
  return std::chrono::nanoseconds{ns};
}

Result<double> parse_number(std::string_view text, const std::string& where) {
  const auto written = read_decimal(text);
  if (!written || !written->rest.empty())
    return fail(Fault::malformed, where,
                fmt::format("expected a number without a unit such as '1.5', found {}", quoted(text)));
  const auto value = to_double(*written, 0);
  if (!value) return fail(Fault::malformed, where, fmt::format("expected a finite number, found {}", quoted(text)));
  return *value;
}

Result<long long> parse_integer(std::string_view text, const std::string& where) {
  std::string_view digits = text;
  if (digits.starts_with('+') || digits.starts_with('-')) digits.remove_prefix(1);
  const bool octal_looking = digits.size() > 1 && digits[0] == '0';
  if (digits.empty() || octal_looking || digits.find_first_not_of("0123456789") != std::string_view::npos)
    return fail(Fault::malformed, where, fmt::format("expected a whole number such as '12', found {}", quoted(text)));
  if (text.starts_with('+')) text.remove_prefix(1);
  long long value = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc{})
    return fail(Fault::malformed, where, fmt::format("expected a whole number of 64 bits, found {}", quoted(text)));
  return value;
}

namespace {

/// "277.1 V": the prefix that leaves one to three digits before the point, of those the unit is used with.
std::string show_scaled(double value, std::string_view unit, int digits, bool micro = true, bool mega = false) {
  if (std::isnan(value)) return "no value";
  const double size = std::abs(value);
  std::string_view prefix;
  double factor = 1;
  if (std::isinf(value) || size == 0) {
    // no prefix makes these any handier
  } else if (size >= 1e6 && mega) {
    prefix = "M", factor = 1e6;
  } else if (size >= 1e3) {
    prefix = "k", factor = 1e3;
  } else if (size < 1e-3 && micro) {
    prefix = "u", factor = 1e-6;
  } else if (size < 1) {
    prefix = "m", factor = 1e-3;
  }
  return fmt::format("{:.{}g} {}{}", value / factor, digits, prefix, unit);
}

std::string show_plain(double value, std::string_view unit, int digits) {
  if (std::isnan(value)) return "no value";
  return fmt::format("{:.{}g} {}", value, digits, unit);
}

}  // namespace

std::string show(Voltage value, int digits) {
  return show_scaled(value.si(), "V", digits);
}
std::string show(Current value, int digits) {
  return show_scaled(value.si(), "A", digits);
}
std::string show(ActivePower value, int digits) {
  return show_scaled(value.si(), "W", digits, true, true);
}
std::string show(ReactivePower value, int digits) {
  return show_scaled(value.si(), "var", digits, true, true);
}
std::string show(ApparentPower value, int digits) {
  return show_scaled(value.si(), "VA", digits, true, true);
}
std::string show(ActiveEnergy value, int digits) {
  return show_scaled(in_watt_hours(value), "Wh", digits, true, true);
}
std::string show(Frequency value, int digits) {
  return show_plain(value.si(), "Hz", digits);
}
std::string show(Angle value, int digits) {
  return show_plain(in_degrees(value), "deg", digits);
}
std::string show(Resistance value, int digits) {
  return show_scaled(value.si(), "ohm", digits, false, true);
}
std::string show(Ratio value, int digits) {
  if (value.si() != 0 && std::abs(value.si()) < 1e-4) return show_plain(value.si() * 1e6, "ppm", digits);
  return show_plain(in_percent(value), "%", digits);
}
std::string show(Seconds value, int digits) {
  if (std::abs(value.si()) >= 1) return show_plain(value.si(), "s", digits);
  return show_scaled(value.si(), "s", digits);
}
std::string show(Temperature value, int digits) {
  return show_plain(value.si(), "degC", digits);
}

std::string show(std::chrono::nanoseconds value) {
  struct Step {
    std::int64_t ns;
    std::string_view unit;
  };
  constexpr std::array<Step, 4> steps{{{1'000'000'000, "s"}, {1'000'000, "ms"}, {1'000, "us"}, {1, "ns"}}};
  for (const auto& [ns, unit] : steps)
    if (value.count() % ns == 0) return fmt::format("{} {}", value.count() / ns, unit);
  return fmt::format("{} ns", value.count());
}

}  // namespace blondel
