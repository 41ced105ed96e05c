#pragma once

#include <set>
#include <string>

#include "references/series_4000_k/pulse_choice.hpp"
#include "references/settings.hpp"
#include "rig/run.hpp"

namespace blondel {

/// The set-up of a meter that makes its pulses, and what its energy registers count, as frequent as they may be: a CT
/// primary and an energy per pulse. Shared by the methods that live on it.
class PulseSetUp {
 public:
  /// Reads the step's `system_voltage`.
  explicit PulseSetUp(const Settings& step);

  Duration preparation(const BenchFile& bench) const;
  /// Sets all meters up, until the end of the slot. Who does not take it is not ready afterwards.
  Task<void> begin(Run& run, Time slot_end);
  bool ready(const Position& position) const { return ready_.contains(position.number); }

  series_4000_k::PulseChoice choose(const BenchFile& bench) const;
  /// Watts on the source's side for each that the meter registers.
  double scale(const BenchFile& bench) const;
  /// Seconds from pulse to pulse at so many watts on the source's side.
  double period_s(const BenchFile& bench, double watts) const;
  /// "10 Wh a pulse at a CT primary of 5000 A: 40 pulses a second at In", and why.
  std::string text(const BenchFile& bench) const;

 private:
  Task<void> set_up(Run& run, Position& position, series_4000_k::PulseChoice choice);
  Voltage system_voltage_;
  std::set<int> ready_;
};

}  // namespace blondel
