#include "reports/xml_escape.hpp"

#include "reports/utf8.hpp"

namespace blondel {

std::string xml_escape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    const auto point = take_code_point(text);
    switch (point) {
      case U'&': out += "&amp;"; continue;
      case U'<': out += "&lt;"; continue;
      case U'>': out += "&gt;"; continue;
      case U'"': out += "&quot;"; continue;
      case U'\'': out += "&apos;"; continue;
      case U'\t': out += "&#9;"; continue;
      case U'\n': out += "&#10;"; continue;
      case U'\r': out += "&#13;"; continue;
      default: break;
    }
    const bool known = point >= 0x20 && point != 0xFFFE && point != 0xFFFF;
    append_code_point(out, known ? point : replacement_character);
  }
  return out;
}

}  // namespace blondel
