#pragma once

#include <optional>
#include <string>
#include <vector>

#include "drivers/sim/bench/planned_fault.hpp"
#include "drivers/sim/circuit/circuit_settings.hpp"
#include "drivers/sim/circuit/meter_front_end.hpp"
#include "references/settings.hpp"

namespace blondel::sim {

/// A fault that a simulated bench can be given by name: everything known to be wrong with a meter or a bench.
struct CataloguedFault {
  enum class Group { firmware, analog, bench };
  /// What a rig owes to it: the meter fails; the run stops without a word against the meter; or it may also go on, as
  /// long as every number is right (a link that errs is asked again).
  enum class Answer { fail, stop, stop_or_absorb };

  std::string name;
  Group group{};
  std::string part;  ///< whose fault a bench file makes it: "meter", "link", "source", "reference", "control power"
  std::string statement;  ///< what is promised and this breaks
  std::string reference;  ///< where it is promised
  Answer answer = Answer::fail;
  std::string unit{};   ///< of its size: "ppm", "urad", "counts", "ohm"; empty: not a number
  double probe = 0;     ///< a size whose effect is clear and small enough to be proportional
  int power = 1;        ///< the effect grows with the size (1) or its square (2)
  bool midway = false;  ///< strikes during a run, not from its start
  int positions = 1;    ///< how many judged positions it needs to show
  double scatter = 0;   ///< share of its size by which its effect differs from run to run
  double rate = 1;      ///< share of the exchanges that a fault of the link strikes
};

/// All of them; the firmware's faults first.
const std::vector<CataloguedFault>& fault_catalogue();

/// "firmware", "analog", "bench".
std::string name(CataloguedFault::Group group);

/// Reads an entry of a bench file's `faults`. @throws Failure (malformed) with file, line and column; an unknown name
/// with the nearest known one.
PlannedFault read_planned_fault(const Settings& at, int positions);

/// The entry of that part and name. @throws std::logic_error when there is none.
const CataloguedFault& catalogued(const PlannedFault& fault);

/// What an analog fault puts between the terminals and the converter.
/// @returns nothing where the fault is none of the analog part.
std::optional<AnalogFaults> analog_faults(const PlannedFault& fault);

/// What a fault changes in the unit itself and in its socket: crystal, drift, leads.
void put_into(FrontEndSettings& unit, Socket& socket, const PlannedFault& fault);

}  // namespace blondel::sim
