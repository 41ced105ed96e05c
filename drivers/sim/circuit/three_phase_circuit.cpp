#include "drivers/sim/circuit/three_phase_circuit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

#include "drivers/sim/circuit/ct_errors.hpp"

namespace blondel::sim {

namespace {
/// While an amplitude settles, a stretch is short enough for its factor to be called constant.
constexpr Duration settling_stretch{5'000'000};
constexpr double dead_volts = 1.0, dead_amperes = 1e-3;
}  // namespace

ThreePhaseCircuit::ThreePhaseCircuit(const Clock& clock, CircuitSettings settings)
    : clock_{clock},
      settings_{std::move(settings)},
      wires_{wiring(settings_.system_type)},
      source_{settings_.source, settings_.seed},
      busbar_{busbar(wires_, settings_)},
      power_(settings_.sockets.size()) {
  for (int k = 0; k < 3; ++k) loop_[k] = 1 / (1 + current_loop_ohm(settings_, k) / settings_.source.current_output_ohm);
}

Time ThreePhaseCircuit::announced_in_time(Time at, const char* what) const {
  const Time soonest = clock_.now() + notice;
  if (at >= soonest) return at;
  // In wall time the clock goes on between saying "now" and being heard.
  if (!clock_.is_virtual()) return soonest;
  throw std::logic_error{fmt::format("{} announced {:.3f} ms ahead: meters may already have been run for {:.3f} ms",
                                     what, in_seconds(at - clock_.now()) * 1e3, in_seconds(notice) * 1e3)};
}

void ThreePhaseCircuit::set(const SetPoint& target, Time at) {
  source_.set(target, announced_in_time(at, "a set-point"));
}

bool ThreePhaseCircuit::dead(Time at) const {
  const auto piece = source_.piece_at(at);
  for (int c = 0; c < 6; ++c) {
    const double left = rms(piece.regime->waves[c]) * source_.factor(piece, c, at);
    if (left >= (c < ia ? dead_volts : dead_amperes)) return false;
  }
  return true;
}

std::vector<Stretch> ThreePhaseCircuit::at_reference(Time from, Time to) const {
  std::vector<Stretch> all;
  for (Time t = from; t < to;) {
    const auto piece = source_.piece_at(t);
    Stretch stretch;
    stretch.from = t;
    stretch.to = std::min(piece.until, to);
    if (!piece.steady) stretch.to = std::min(stretch.to, t + settling_stretch);
    stretch.frequency_hz = piece.regime->frequency_hz;
    stretch.load = piece.regime->load;
    const Time middle = t + (stretch.to - t) / 2;
    for (int c = 0; c < 6; ++c) {
      const double factor = source_.factor(piece, c, middle);
      if (factor == 0) continue;
      for (const auto& [order, z] : piece.regime->waves[c]) {
        if (c >= ia) {
          stretch.channels[c][order] = z * (factor * loop_[c - ia]);
        } else {
          // The voltages meet on the busbar: without a neutral each phase's load pulls at the others a little.
          for (int k = 0; k < 3; ++k)
            if (busbar_[k][c] != 0) stretch.channels[k][order] += z * (factor * busbar_[k][c]);
        }
      }
    }
    t = stretch.to;
    all.push_back(std::move(stretch));
  }
  return all;
}

const std::vector<ThreePhaseCircuit::Switching>& ThreePhaseCircuit::power_of(int position) const {
  socket(position);
  return power_[position - 1];
}

void ThreePhaseCircuit::set_control_power(int position, bool on, Time at) {
  at = announced_in_time(at, "a change of control power");
  socket(position);
  auto& switchings = power_[position - 1];
  while (!switchings.empty() && switchings.back().at >= at) switchings.pop_back();
  const bool before = switchings.empty() ? settings_.control_power_at_start : switchings.back().on;
  if (on != before) switchings.push_back({at, on});
}

bool ThreePhaseCircuit::control_power(int position, Time at) const {
  bool on = settings_.control_power_at_start;
  for (const auto& switching : power_of(position))
    if (switching.at <= at) on = switching.on;
  return on;
}

Time ThreePhaseCircuit::next_power_change(int position, Time after) const {
  for (const auto& switching : power_of(position))
    if (switching.at > after) return switching.at;
  return never;
}

const Socket& ThreePhaseCircuit::socket(int position) const {
  if (position < 1 || position > static_cast<int>(settings_.sockets.size()))
    throw std::logic_error{fmt::format("position {} of a bench that has {}", position, settings_.sockets.size())};
  return settings_.sockets[position - 1];
}

CtSubstitute ThreePhaseCircuit::ct(int position, int phase, std::uint64_t load) const {
  const auto& fixed = socket(position).ct[static_cast<std::size_t>(phase)];
  if (!settings_.ct_errors_at_every_load) return fixed;
  return with_errors(fixed, *settings_.ct_errors_at_every_load, settings_.seed, position, phase, load);
}

double ThreePhaseCircuit::compliance_voltage(int phase) const {
  return source_.target().on ? rms(source_.target().channels[ia + phase]) * current_loop_ohm(settings_, phase) : 0;
}

}  // namespace blondel::sim
