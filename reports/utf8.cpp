#include "reports/utf8.hpp"

#include <cstddef>

namespace blondel {

char32_t take_code_point(std::string_view& text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned lead = byte(0);
  if (lead < 0x80) {
    text.remove_prefix(1);
    return lead;
  }
  const std::size_t size = lead >= 0xF0 && lead <= 0xF4  ? 4
                           : lead >= 0xE0 && lead < 0xF0 ? 3
                           : lead >= 0xC2 && lead < 0xE0 ? 2
                                                         : 0;
  char32_t point = size == 4 ? lead & 0x07U : size == 3 ? lead & 0x0FU : lead & 0x1FU;
  bool good = size != 0 && text.size() >= size;
  for (std::size_t i = 1; good && i < size; ++i) {
    good = (byte(i) & 0xC0U) == 0x80U;
    point = point << 6 | (byte(i) & 0x3FU);
  }
  constexpr char32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  good = good && point >= least[size] && point <= 0x10FFFF && !(point >= 0xD800 && point <= 0xDFFF);
  text.remove_prefix(good ? size : 1);
  return good ? point : replacement_character;
}

void append_code_point(std::string& text, char32_t point) {
  const auto put = [&](char32_t bits) { text += static_cast<char>(static_cast<unsigned char>(bits)); };
  if (point < 0x80) {
    put(point);
  } else if (point < 0x800) {
    put(0xC0 | point >> 6);
    put(0x80 | (point & 0x3F));
  } else if (point < 0x10000) {
    put(0xE0 | point >> 12);
    put(0x80 | (point >> 6 & 0x3F));
    put(0x80 | (point & 0x3F));
  } else {
    put(0xF0 | point >> 18);
    put(0x80 | (point >> 12 & 0x3F));
    put(0x80 | (point >> 6 & 0x3F));
    put(0x80 | (point & 0x3F));
  }
}

}  // namespace blondel
