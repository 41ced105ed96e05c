#include "rig/class_test/register_change.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace blondel {

using namespace std::chrono_literals;

Task<std::optional<RegisterChange>> next_register_change(Run& run, Position& position, std::string point, Time until) {
  constexpr Duration pause_between = 5ms;
  std::optional<double> before;
  Time asked_before{};
  while (run.clock.now() < until) {
    const Time asked = run.clock.now();
    const auto value = co_await run.glance(position, point, until + last_register_answer);
    const Time answered = run.clock.now();
    if (!value) continue;
    if (!std::isfinite(*value)) co_return RegisterChange{*value, asked, answered, asked};
    if (before && *value != *before) co_return RegisterChange{*value, asked_before, answered, asked};
    before = value;
    asked_before = asked;
    const Time rest = answered + pause_between;
    if (rest >= until) break;
    co_await run.clock.pause_until(rest, {position.number, 0}, "the energy register's next change");
  }
  co_return std::nullopt;
}

Task<std::optional<RegisterChange>> last_register_change(Run& run, Position& position, std::string point, Time end) {
  const Time last_look = end - register_update_with_spare - 2 * position.meter->answer_limit();
  if (last_look > run.clock.now())
    co_await run.clock.pause_until(last_look, {position.number, 0}, "the last change of the energy register");
  std::optional<RegisterChange> last;
  while (run.clock.now() < end) {
    const auto change = co_await next_register_change(run, position, point, end);
    if (!change) break;
    last = change;
    if (!std::isfinite(change->kilo_hours)) break;
  }
  co_return last;
}

double standstill_s(const RegisterChange& first, const RegisterChange& last, double at_end, Time end) {
  const double rate = (last.kilo_hours - first.kilo_hours) / in_seconds(last.middle() - first.middle());
  const double still_s = in_seconds(end - last.middle()) - (at_end - last.kilo_hours) / rate;
  // One of few digits changes when it has a whole step to tell.
  const double between_s = std::max(in_seconds(register_update_with_spare), float_step(last.kilo_hours) / rate);
  return still_s > 1.5 * between_s + 0.1 ? still_s : 0;
}

double float_step(double value) {
  const auto as_float = static_cast<float>(value);
  return std::nextafterf(as_float, std::numeric_limits<float>::infinity()) - as_float;
}

}  // namespace blondel
