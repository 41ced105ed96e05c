#pragma once

#include <deque>
#include <vector>

#include "drivers/pulse_inputs/pulse_input.hpp"

namespace blondel::sim {

/// The edges of one contact, kept until somebody fetches them.
class ContactRecord {
 public:
  explicit ContactRecord(bool closed) : before_{closed}, after_{closed} {}

  /// The contact goes to `closed` at `at`, not before the edge before. Nothing is recorded when it is there already.
  void set(Time at, bool closed) {
    if (closed == after_) return;
    after_ = closed;
    edges_.push_back({at, closed, ++sequence_});
  }

  /// The edges up to `now`, oldest first, each given once.
  std::vector<ContactEdge> take(Time now) {
    std::vector<ContactEdge> taken;
    while (!edges_.empty() && edges_.front().at <= now) {
      taken.push_back(edges_.front());
      before_ = edges_.front().closed;
      edges_.pop_front();
    }
    return taken;
  }

  bool closed(Time now) const {
    bool state = before_;
    for (const auto& edge : edges_) {
      if (edge.at > now) break;
      state = edge.closed;
    }
    return state;
  }

 private:
  bool before_, after_;  ///< state before the first and after the last edge of edges_
  std::uint64_t sequence_ = 0;
  std::deque<ContactEdge> edges_;
};

}  // namespace blondel::sim
