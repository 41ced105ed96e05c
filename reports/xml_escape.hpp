#pragma once

#include <string>
#include <string_view>

namespace blondel {

/// Any text, good between tags and inside quoted attributes of a UTF-8 XML 1.0 document. Characters that XML 1.0 does
/// not know (its production [2] "Char") and bytes that are not UTF-8 become U+FFFD; line ends and tabs are written
/// as references, so that attributes keep them.
std::string xml_escape(std::string_view text);

}  // namespace blondel
