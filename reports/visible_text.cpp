#include "reports/visible_text.hpp"

#include "reports/utf8.hpp"

namespace blondel {

std::string visible_text(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  while (!text.empty()) {
    auto point = take_code_point(text);
    const bool turns = (point >= 0x202A && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069) ||
                       point == 0x200E || point == 0x200F || point == 0x061C;
    if (point < 0x20)
      point += 0x2400;
    else if (point == 0x7F)
      point = 0x2421;
    else if (turns || (point >= 0x80 && point < 0xA0) || point == 0x2028 || point == 0x2029)
      point = replacement_character;
    append_code_point(out, point);
  }
  return out;
}

}  // namespace blondel
