#pragma once

#include <algorithm>
#include <deque>
#include <optional>
#include <vector>

#include "drivers/pulse_inputs/pulse_input.hpp"

namespace blondel::sim {

/// The edges of one contact, kept until they are fetched: by its one reader, and by a second one while it follows.
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
  std::vector<ContactEdge> take(Time now) { return given(now, taken_); }

  /// From now on the second reader's edges are kept; those that wait here already are among them.
  void follow() {
    if (!followed_) followed_ = dropped();
  }
  void leave() {
    followed_.reset();
    drop();
  }
  /// As take(), for the second reader. Nothing while it does not follow.
  std::vector<ContactEdge> take_followed(Time now) {
    return followed_ ? given(now, *followed_) : std::vector<ContactEdge>{};
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
  /// The number of the last edge that is kept no longer.
  std::uint64_t dropped() const { return sequence_ - edges_.size(); }

  /// The edges up to `now` behind the one that a reader had last.
  std::vector<ContactEdge> given(Time now, std::uint64_t& last) {
    std::vector<ContactEdge> edges;
    for (auto n = last - dropped(); n < edges_.size() && edges_[n].at <= now; ++n) edges.push_back(edges_[n]);
    last += edges.size();
    drop();
    return edges;
  }

  void drop() {
    const auto had = followed_ ? std::min(taken_, *followed_) : taken_;
    while (dropped() < had) {
      before_ = edges_.front().closed;
      edges_.pop_front();
    }
  }

  bool before_, after_;  ///< state before the first and after the last edge of edges_
  std::uint64_t sequence_ = 0, taken_ = 0;
  std::optional<std::uint64_t> followed_;
  std::deque<ContactEdge> edges_;
};

}  // namespace blondel::sim
