#include "rig/steps/alert_glances.hpp"

#include <algorithm>

namespace blondel {

using namespace std::chrono_literals;

Task<std::vector<AlertGlance>> glance_at_alerts(Run& run, Position& position, Time end) {
  std::vector<AlertGlance> glances;
  // A meter may take longer to answer than a look is away from the next.
  for (Time next = run.clock.now(); next <= end; next = std::max<Time>(next + 500ms, run.clock.now())) {
    co_await run.clock.pause_until(next, {position.number, 0}, "the next look at the alerts");
    const Time asked = run.clock.now();
    const std::string point = "alert_bitmap";
    const auto bits = co_await run.glance(position, point, end + last_glance);
    if (bits) glances.push_back({asked, run.clock.now(), static_cast<std::uint16_t>(*bits)});
  }
  co_return glances;
}

double WitnessChange::apart_s(const WitnessChange& other) const {
  if (until < other.after) return in_seconds(other.after - until);
  if (other.until < after) return in_seconds(after - other.until);
  return 0;
}

WitnessChange alerts_changed(const std::vector<AlertGlance>& glances, std::uint16_t mask, bool set, Time from) {
  WitnessChange change{from, from};
  for (std::size_t i = 1; i < glances.size(); ++i) {
    const bool before = (glances[i - 1].bits & mask) != 0, now = (glances[i].bits & mask) != 0;
    if (before != set && now == set) change = {glances[i - 1].asked, glances[i].answered};
  }
  return change;
}

}  // namespace blondel
