#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace blondel {

/// What a coroutine of the executive returns. All of them run on the one thread that calls Clock::run.
///
/// g++ 12 frees twice when a temporary aggregate or a lambda that owns something stands in one expression with
/// co_await: give it a name on a line of its own.
template <class T>
using Task = boost::asio::awaitable<T>;

}  // namespace blondel
