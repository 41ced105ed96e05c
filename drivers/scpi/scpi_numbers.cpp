#include "drivers/scpi/scpi_numbers.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace blondel {

namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::size_t digits_from(std::string_view text, std::size_t at) {
  while (at < text.size() && is_digit(text[at])) ++at;
  return at;
}

/// Whether all of `text` is an NR1, NR2 or NR3: from_chars alone would take "inf" and stop early at "1.2V".
bool is_number(std::string_view text) {
  std::size_t at = !text.empty() && (text[0] == '+' || text[0] == '-') ? 1 : 0;
  const auto whole = digits_from(text, at);
  std::size_t count = whole - at;
  at = whole;
  if (at < text.size() && text[at] == '.') {
    const auto fraction = digits_from(text, at + 1);
    count += fraction - (at + 1);
    at = fraction;
  }
  if (count == 0) return false;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
    const auto exponent = digits_from(text, at);
    if (exponent == at) return false;
    at = exponent;
  }
  return at == text.size();
}

tl::unexpected<Error> nonsense(const Asked& asked, std::string what) {
  return fail(Fault::protocol, asked.where, "'" + asked.query + "' was answered " + std::move(what));
}

/// Instruments compute the two in single precision, which has seven digits.
bool about(double a, double b) {
  return std::abs(a - b) <= 1e-6 * std::abs(b);
}

bool is_word(std::string_view text, std::string_view word) {
  return std::ranges::equal(text, word, [](char a, char b) { return (a >= 'a' && a <= 'z' ? a - 32 : a) == b; });
}

}  // namespace

Result<double> parse_number(std::string_view text, const Asked& asked) {
  auto bare = trimmed(text);
  const auto no_value = "'" + shown(bare) + "': the instrument says: no value";
  if (is_word(bare, "NAN")) return nonsense(asked, no_value);
  if (is_word(bare, "INF") || is_word(bare, "+INF") || is_word(bare, "-INF") || is_word(bare, "NINF"))
    return nonsense(asked, "'" + shown(bare) + "': the instrument says: infinite");
  if (!is_number(bare)) return nonsense(asked, "'" + shown(text) + "' where a number belongs");
  const auto unsigned_part = bare.front() == '+' ? bare.substr(1) : bare;
  double value{};
  const auto [end, error] = std::from_chars(unsigned_part.data(), unsigned_part.data() + unsigned_part.size(), value);
  if (error != std::errc{} || end != unsigned_part.data() + unsigned_part.size() || !std::isfinite(value))
    return nonsense(asked, "'" + shown(text) + "', which no number can hold");
  if (about(value, 9.91e37)) return nonsense(asked, no_value);
  if (about(std::abs(value), 9.9e37)) return nonsense(asked, "'" + shown(bare) + "': the instrument says: infinite");
  return value;
}

Result<long long> parse_integer(std::string_view text, const Asked& asked) {
  auto bare = trimmed(text);
  const bool plus = !bare.empty() && bare.front() == '+';
  const auto part = plus ? bare.substr(1) : bare;
  long long value{};
  const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), value);
  if (error != std::errc{} || end != part.data() + part.size() || part.empty() || (plus && part.front() == '-'))
    return nonsense(asked, "'" + shown(text) + "' where a whole number belongs");
  return value;
}

Result<std::vector<double>> parse_numbers(std::string_view text, const Asked& asked) {
  std::vector<double> values;
  for (const auto& piece : split(text, ',')) {
    const auto value = parse_number(piece, asked);
    if (!value) return tl::unexpected<Error>{value.error()};
    values.push_back(*value);
  }
  return values;
}

Result<std::string> parse_string(std::string_view text, const Asked& asked) {
  const auto bare = trimmed(text);
  if (bare.empty() || (bare.front() != '"' && bare.front() != '\'')) return std::string{bare};
  const char quote = bare.front();
  std::string inside;
  for (std::size_t at = 1; at < bare.size(); ++at) {
    if (bare[at] != quote) {
      inside += bare[at];
    } else if (at + 1 < bare.size() && bare[at + 1] == quote) {
      inside += bare[at++];
    } else if (at + 1 == bare.size()) {
      return inside;
    } else {
      break;
    }
  }
  return nonsense(asked, "'" + shown(text) + "', a string whose quotes do not match");
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> pieces;
  for (std::size_t from = 0;;) {
    const auto to = text.find(separator, from);
    pieces.emplace_back(trimmed(text.substr(from, to == std::string_view::npos ? to : to - from)));
    if (to == std::string_view::npos) return pieces;
    from = to + 1;
  }
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r";
  const auto from = text.find_first_not_of(blanks);
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(blanks) - from + 1);
}

std::string shown(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, 80)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7F)
      out += c;
    else
      out += fmt::format("\\x{:02X}", byte);
  }
  if (text.size() > 80) out += fmt::format("... ({} bytes)", text.size());
  return out;
}

}  // namespace blondel
