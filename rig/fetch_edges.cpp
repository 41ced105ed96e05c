#include "rig/fetch_edges.hpp"

#include <fmt/format.h>

namespace blondel {

Task<std::vector<ContactEdge>> fetch_edges(PulseInput& input, int position) {
  try {
    co_return co_await input.edges();
  } catch (const Failure& failure) {
    throw Failure{Fault::instrument, fmt::format("contact input {}", position), failure.what()};
  }
}

}  // namespace blondel
