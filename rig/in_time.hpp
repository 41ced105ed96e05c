#pragma once

#include "drivers/time/clock.hpp"

namespace blondel {

/// Lets a task run until `by` at the latest and ends it then, wherever it waits.
/// @returns whether it came to its own end. @throws what the task throws; operation_aborted when the caller is
/// cancelled.
Task<bool> in_time(Clock& clock, Task<void> task, Time by, Order order);

}  // namespace blondel
