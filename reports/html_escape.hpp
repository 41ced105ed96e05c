#pragma once

#include <string>
#include <string_view>

namespace blondel {

/// Any text, harmless between tags and inside quoted attributes of a UTF-8 page; see visible_text for what else is
/// made visible.
std::string html_escape(std::string_view text);

}  // namespace blondel
