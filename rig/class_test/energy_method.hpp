#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "references/settings.hpp"
#include "rig/class_test/class_point.hpp"
#include "rig/class_test/pulse_set_up.hpp"
#include "rig/class_test/registration.hpp"

namespace blondel {

/// A class point as the bench will give it.
struct PlannedPoint {
  ClassPoint point;
  LoadPoint load;
  double power{};  ///< W or var on the source's side, without sign
};

/// A way to learn what a meter registers of a steady load. One file a method.
class EnergyMethod {
 public:
  virtual ~EnergyMethod() = default;
  /// As plans say it: "pulses".
  virtual std::string name() const = 0;
  /// Whether it sees what the meter counts, and not only what it says the power is: a wrong clock, energy that is lost.
  virtual bool counts_energy() const { return true; }
  /// Bench time that begin() takes, besides the pulse set-up where it needs that.
  virtual Duration preparation(const BenchFile&) const { return {}; }
  /// Whether the meters must have the pulse set-up before begin().
  virtual bool needs_pulse_set_up() const { return false; }
  /// Brings the meters of all positions into the state the method needs, until the end of its slot.
  virtual Task<void> begin(Run& run, Time slot_end) = 0;
  /// Why it cannot measure a point on this bench, or nothing.
  virtual std::optional<std::string> cannot(const Bench& bench, const PlannedPoint& point) const = 0;
  /// How long it must watch at least, by plan and bench alone.
  virtual Duration shortest(const BenchFile& bench, const PlannedPoint& point) const = 0;
  /// The window where the plan leaves it to the method; `limit` is what the error is judged by.
  virtual Duration usual_window(const BenchFile& bench, const PlannedPoint& point, Ratio limit) const = 0;
  /// The longest window that the plan allows.
  virtual Duration longest() const = 0;
  /// Adds the lines that the method is expected to have after a window: a plan's estimate, not a measurement.
  virtual void foretell(const BenchFile& bench, const PlannedPoint& point, Seconds window, PointInputs& into) const = 0;
  /// What was chosen to make it quick, for people: "10 Wh a pulse at a CT primary of 5000 A"; else empty.
  virtual std::string setting(const BenchFile&) const { return {}; }
  /// Begins to measure at a position. @pre begin() is done
  virtual std::unique_ptr<Registration> open(Run& run, const PlannedPoint& point, Position& position) = 0;
};

/// The total power registers.
std::unique_ptr<EnergyMethod> by_power_registers(const Settings& step);
/// Time stamps of the pulse contact's edges.
std::unique_ptr<EnergyMethod> by_pulses(const Settings& step, std::shared_ptr<const PulseSetUp> set_up);
/// Energy registers, read when they are seen to change.
std::unique_ptr<EnergyMethod> by_energy_registers(const Settings& step, std::shared_ptr<const PulseSetUp> set_up);
/// The reference meter's own pulse error calculator.
std::unique_ptr<EnergyMethod> by_error_calculator(const Settings& step, std::shared_ptr<const PulseSetUp> set_up);

/// The words of a plan's `method`, in the order in which `auto` prefers them where they are equally quick.
std::vector<std::string> energy_method_words();
/// The one of that word. @pre it is one of them
std::unique_ptr<EnergyMethod> energy_method(const std::string& word, const Settings& step,
                                            std::shared_ptr<const PulseSetUp> set_up);

}  // namespace blondel
