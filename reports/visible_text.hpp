#pragma once

#include <string>
#include <string_view>

namespace blondel {

/// Text that came over a wire, made harmless for a terminal or a page: bytes that are not UTF-8 become U+FFFD, control
/// characters their pictures (U+2400 and on), and the marks that turn the writing direction around (U+202A..E,
/// U+2066..9, U+200E, U+200F, U+061C) become U+FFFD, for they can make one serial number look like another.
std::string visible_text(std::string_view text);

}  // namespace blondel
