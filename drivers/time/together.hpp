#pragma once

#include <vector>

#include "drivers/time/clock.hpp"

namespace blondel {

/// Runs the tasks side by side and returns when all have ended. When one throws, or the caller is cancelled, the
/// others are cancelled and waited for; the exception of the lowest index is rethrown. No task outlives the call.
Task<void> together(Clock& clock, std::vector<Task<void>> tasks);

}  // namespace blondel
