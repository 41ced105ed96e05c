#pragma once

#include <exception>

namespace blondel {

/// Whether an exception says that its task was cancelled, and nothing else: asio's operation_aborted.
bool is_cancellation(const std::exception_ptr& e);

}  // namespace blondel
