#pragma once

#include <vector>

#include "drivers/time/clock.hpp"

namespace blondel {

/// Runs the tasks side by side and returns when all have ended. When one throws, or the caller is cancelled, the
/// others are cancelled and waited for. No task outlives the call.
///
/// @throws what the first task to fail threw, of several at one instant the one of the lowest index; operation_aborted
///         when the caller was cancelled before. What fails after that is not told, for it may have failed because the
///         others were gone: whoever must not lose the failure of its way down records it itself.
Task<void> together(Clock& clock, std::vector<Task<void>> tasks);

}  // namespace blondel
