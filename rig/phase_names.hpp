#pragma once

#include <array>

namespace blondel {

/// The phases as plans and messages call them.
inline constexpr std::array<const char*, 3> phase_names = {"A", "B", "C"};

}  // namespace blondel
