#include "rig/pulse_setting.hpp"

#include <fmt/format.h>

namespace blondel {

using namespace std::chrono_literals;

namespace {

Task<std::chrono::milliseconds> read_closure(Run& run, Position& position) {
  const std::vector<std::string> duration = {"pulse_duration"};
  const auto values = co_await run.read(position, duration);
  co_return std::chrono::milliseconds{static_cast<long long>(values.at("pulse_duration"))};
}

}  // namespace

Task<std::chrono::milliseconds> set_pulses(Run& run, Position& position, PulseSetting wanted) {
  const std::pair<std::string, double> primary{"ct_primary", wanted.ct_primary.si()};
  const std::pair<std::string, double> energy{"pulse_energy", in_watt_hours(wanted.per_pulse)};
  const std::vector<std::string> held = {"pulse_energy"};
  const auto old = co_await run.read(position, held);
  // The meter refuses an energy per pulse that its maximum power would outrun, and may refuse a primary that would
  // outrun the energy it has: a larger energy goes first, a smaller one last.
  std::vector<std::pair<std::string, double>> changes = {primary, energy};
  if (energy.second > old.at("pulse_energy")) std::swap(changes[0], changes[1]);
  co_await run.configure(position, changes);
  auto kept = co_await read_closure(run, position);
  if (kept == wanted.closure) co_return kept;
  const std::vector<std::pair<std::string, double>> again = {energy};
  co_await run.write(position, again);
  kept = co_await read_closure(run, position);
  co_return kept;
}

Failure closure_refused(const Position& position, const PulseSetting& wanted, std::chrono::milliseconds kept) {
  return Failure{
      Fault::rejected, fmt::format("position {}", position.number),
      fmt::format("keeps a closure of {} ms where {} ms is the longest that keeps up with {} A and {} Wh", kept.count(),
                  wanted.closure.count(), wanted.ct_primary.si(), in_watt_hours(wanted.per_pulse))};
}

}  // namespace blondel
