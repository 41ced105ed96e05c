#pragma once

#include <optional>
#include <string>
#include <vector>

#include "drivers/time/clock.hpp"
#include "drivers/time/task.hpp"

namespace blondel {

/// One comparison of a meter's pulses with the reference's own.
struct CalculatorRun {
  std::string input;        ///< of the reference where the meter's pulse contact is wired, "SC1"
  double pulses_per_kwh{};  ///< of the meter (per kvarh for reactive energy), on the source's side of the CT substitute
  long long pulses{};       ///< to be measured; one more edge is needed, for the first only opens the gate
  enum class Of { active, reactive } of = Of::active;
  /// No pulse for so long, the first one included, is a failure.
  Duration longest_gap{60'000'000'000};
};

/// What came of it.
struct CalculatedError {
  double relative{};          ///< (E_meter - E_reference) / E_reference
  double seconds{};           ///< from the first edge to the last
  double reference_pulses{};  ///< counted meanwhile; one more or less is 1 / reference_pulses of the error
};

/// The pulse error calculator inside a reference meter: it counts the reference's own pulses, which are proportional
/// to the energy that it measures, between edges of a meter's contact. Several inputs may run side by side.
///
/// As everything of a reference meter, it is asked one thing at a time. next() and latest() may be called while a
/// calculation is under way, and prepare() too where it leaves the ranges alone: a change of range changes what a
/// pulse of the reference is worth, so prepare() refuses it until the calculation has ended or was stopped.
class ErrorCalculator {
 public:
  virtual ~ErrorCalculator() = default;
  /// The inputs by the names that a bench file uses.
  virtual std::vector<std::string> inputs() const = 0;
  /// Arms an input; what was under way there is stopped. To be called after prepare(), whose ranges set how many
  /// pulses the reference gives.
  /// @throws Failure: incapable (no such input, or numbers that the instrument cannot take), instrument.
  virtual Task<void> start(CalculatorRun run) = 0;
  /// Does not wait. @returns nothing while the calculation is under way.
  /// @throws Failure (instrument): it was aborted, no pulse came for too long, or nothing is under way there. Then, and
  ///         after a result, nothing is under way any more.
  virtual Task<std::optional<CalculatedError>> result(std::string input) = 0;
  /// Ends a calculation, from any state, as often as asked.
  virtual Task<void> stop(std::string input) = 0;
  /// Pulses of the reference per kWh (kvarh) in its present ranges, for choosing how long to measure.
  virtual Task<double> reference_constant() = 0;
};

}  // namespace blondel
