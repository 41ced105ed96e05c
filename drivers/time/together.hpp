#pragma once

#include <vector>

#include "drivers/time/clock.hpp"

namespace blondel {

/// Runs the tasks side by side and returns when all have ended. When one throws, or the caller is cancelled, the
/// others are cancelled and waited for. No task outlives the call.
///
/// @throws the exception of the lowest index that is more than a cancellation (a way down to safe that failed must not
///         be lost); without one, the cancellation itself, and nothing when all ended well and the caller was not
///         cancelled.
Task<void> together(Clock& clock, std::vector<Task<void>> tasks);

}  // namespace blondel
