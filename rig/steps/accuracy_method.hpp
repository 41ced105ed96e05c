#pragma once

#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "references/settings.hpp"
#include "rig/run.hpp"
#include "rig/steps/accuracy_point.hpp"

namespace blondel {

/// What one position's meter registered in a window, referred to the source's side of its CT substitute, and what it
/// adds to the doubt.
struct Registered {
  ActivePower power{std::numeric_limits<double>::quiet_NaN()};  ///< mean over the window; NaN: not measured
  std::string why_not = "nothing was registered";               ///< empty when it was
  std::vector<Contribution> doubt;                              ///< of the percentage error, in %
  double open_percent = 0;  ///< the power is known only to ± so much of it; what that leaves open is inconclusive
};

/// A way to learn a meter's mean active power in a window of steady load. One file a method.
class AccuracyMethod {
 public:
  virtual ~AccuracyMethod() = default;
  virtual std::string name() const = 0;
  /// Bench time that begin() takes.
  virtual Duration preparation(const BenchFile&) const { return {}; }
  /// Brings the meters of all positions into the state the method needs, until the end of its slot.
  virtual Task<void> begin(Run& run, Time slot_end) = 0;
  /// How long a point's window is, by plan and bench alone. `power`: total on the source's side; `limit`: what its
  /// error is judged by.
  virtual Duration window(const BenchFile& bench, ActivePower power, Ratio limit) const = 0;
  /// The longest window that still makes sense.
  virtual Duration longest() const = 0;
  /// Watches one position until `end`, and is done within `last_answer` after it.
  static constexpr Duration last_answer{1'400'000'000};
  virtual Task<Registered> watch(Run& run, Position& position, Time end) = 0;
};

std::unique_ptr<AccuracyMethod> power_by_registers(const Settings& at);
std::unique_ptr<AccuracyMethod> power_by_pulses(const Settings& at);

/// Mean active power by the reference meter over a window.
struct ReferenceMean {
  ActivePower active;
  ApparentPower apparent;
  std::vector<double> readings;  ///< W, total active
  /// What their spread adds to the doubt about the mean, in % of it.
  Contribution spread_of_readings() const;
};

/// The reference's readings from now until `end`.
Task<ReferenceMean> watch_reference(Run& run, Time end);

}  // namespace blondel
