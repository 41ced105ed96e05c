#pragma once

#include <cstdint>
#include <span>

#include "drivers/time/clock.hpp"

namespace blondel::sim {

/// What a meter's converter gives and its supply carries: the border between circuit and meter process.
class MeterInputs {
 public:
  virtual ~MeterInputs() = default;
  /// The instant of a sample by number (from 0), by the meter's own clock with its error and phase.
  virtual Time instant(std::int64_t sample) const = 0;
  /// The instants of consecutive samples, in ns of bench time.
  virtual void instants(std::int64_t first, std::span<std::int64_t> ns) const {
    for (auto& at : ns) at = instant(first++).time_since_epoch().count();
  }
  /// The first sample at or after an instant.
  virtual std::int64_t first_at(Time at) const = 0;
  /// Converter codes of `counts.size() / 6` consecutive samples from `first`: ua ub uc ia ib ic of each, signed 24 bit.
  /// A pure function of the sample's number and of what the circuit was told before: it does not depend on how a
  /// stretch of time is cut into calls.
  virtual void samples(std::int64_t first, std::span<std::int32_t> counts) = 0;
  /// Whether the meter's control power is there at an instant, and when it changes next (never: not yet known).
  virtual bool powered(Time at) const = 0;
  virtual Time next_power_change(Time after) const = 0;
  /// degrees Celsius at the meter.
  virtual double temperature(Time at) const = 0;
};

}  // namespace blondel::sim
