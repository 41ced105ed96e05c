#pragma once

#include <cstddef>
#include <future>
#include <utility>
#include <vector>

namespace blondel {

/// `make(0)` to `make(count - 1)`, in their order, half of them computed on another core; `make` is called on two
/// threads at once. Where several throw, what is thrown is what the first of them threw.
template <class Make>
auto side_by_side(std::size_t count, const Make& make) {
  using Made = decltype(make(std::size_t{}));
  const auto part = [&](std::size_t from, std::size_t to) {
    std::vector<Made> made;
    made.reserve(to - from);
    for (auto i = from; i < to; ++i) made.push_back(make(i));
    return made;
  };
  const auto half = (count + 1) / 2;
  auto rest = std::async(count > 1 ? std::launch::async : std::launch::deferred, part, half, count);
  auto all = part(0, half);
  for (auto& one : rest.get()) all.push_back(std::move(one));
  return all;
}

}  // namespace blondel
