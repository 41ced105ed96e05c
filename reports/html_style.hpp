#pragma once

#include <string_view>

namespace blondel {

/// The style sheet of the report: light and dark, from a phone's width to a desk's, and on paper.
std::string_view html_style();

}  // namespace blondel
