#pragma once

#include <string>
#include <string_view>

namespace blondel {

inline constexpr char32_t replacement_character = 0xFFFD;

/// Takes the first code point off the text. Bytes that are not UTF-8 (RFC 3629: overlong forms, surrogates, beyond
/// U+10FFFF, cut short) come off one by one as the replacement character.
/// @pre the text is not empty
char32_t take_code_point(std::string_view& text);

/// Appends the code point in UTF-8.
void append_code_point(std::string& text, char32_t code_point);

}  // namespace blondel
