#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace blondel::sim {

/// One piece of data that follows a header.
struct Parameter {
  enum class Kind { number, word, text, expression, block } kind{};
  std::string text;  ///< as sent; the inside of a quoted string or of a parenthesised expression, the bytes of a block
  double number{};   ///< where kind is number
  bool operator==(const Parameter&) const = default;
};

/// What stands between two semicolons: a header and its data, or the code of the error that it is.
struct MessageUnit {
  std::vector<std::string>
      nodes;  ///< from the root, e.g. {"SOUR", "PHAS2", "FITT"}; one node "*IDN" for a common command
  bool query = false;
  std::vector<Parameter> parameters;
  int error = 0;  ///< a SCPI error number; 0 where the unit is well formed
  bool operator==(const MessageUnit&) const = default;
};

/// Takes a program message apart. Never throws: whatever bytes come in, a list of units comes out.
///
/// A header without a leading colon continues at the level at which the one before it stood; a leading colon returns
/// to the root; common commands leave the level alone. Empty units, as after a trailing semicolon, are left out.
/// Errors: -101 invalid character, -102 syntax, -103 separator, -120 numeric data, -151 string data, -161 block data,
/// -170 expression.
/// Source: IEEE 488.2 chapter 7; SCPI-1999 volume 1 section 6.2.
std::vector<MessageUnit> parse_message(std::string_view message);

/// A number in any of the forms that a controller may send (NRf). Nothing where the text is not wholly one.
std::optional<double> read_number(std::string_view text);

}  // namespace blondel::sim
