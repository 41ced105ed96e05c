#include "drivers/sim/meter/supply.hpp"

namespace blondel::sim {

std::optional<Supply::Change> Supply::next(Time horizon) {
  for (;;) {
    if (!on_ && seen_ <= horizon && inputs_.powered(seen_)) {
      on_ = true;
      lost_.reset();
      return Change{seen_, true};
    }
    const Time change = inputs_.next_power_change(seen_);
    if (on_ && lost_) {
      const Time end = *lost_ + ride_through_;
      if (end <= horizon && end <= change) {
        on_ = false;
        lost_.reset();
        seen_ = end;
        return Change{end, false};
      }
    }
    if (change > horizon) return std::nullopt;
    seen_ = change;
    if (!on_) continue;
    if (inputs_.powered(change))
      lost_.reset();
    else if (!lost_)
      lost_ = change;
  }
}

}  // namespace blondel::sim
