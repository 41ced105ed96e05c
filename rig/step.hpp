#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "drivers/sources/ac_source.hpp"
#include "drivers/time/clock.hpp"
#include "references/catalog.hpp"
#include "references/settings.hpp"
#include "references/uncertainty/decision.hpp"
#include "rig/bench_file.hpp"
#include "rig/class_test/class_coverage.hpp"
#include "rig/named_readings.hpp"

namespace blondel {

class Bench;
class Run;

/// What lint tells of a step.
struct Findings {
  struct Finding {
    Fault fault;        ///< malformed (exit 4), incapable or refused (exit 6)
    std::string where;  ///< "plan.yaml:14:7"
    std::string what;
  };
  std::vector<Finding> refusals;
  std::vector<ClassCoverage> classes;  ///< that the plan names, in its order

  /// What the plan covers of a class; at first nothing.
  ClassCoverage& coverage_of(const ClaimedClass& claimed, SystemType system);
  /// What the plan leaves out of its classes; that never counts as passed.
  std::vector<std::string> not_covered() const;
};

/// Something that a step does to what a meter counts, beside the load: what is counted across it says nothing of the
/// load alone.
struct Upset {
  std::string step, where;
  std::string what;  ///< "clears the energies"
  bool energies = true, pulse_counters = true;
};

/// What the steps before this one have made true, as lint walks through the plan.
struct Outlook {
  std::unique_ptr<SourceForecast> source;
  DecisionRule rule{};  ///< the plan's
  bool wiring_proved = false;
  bool identified = false;
  std::optional<Voltage> system_voltage{};  ///< what the meters were last configured for
  int min_firmware = 0;                     ///< the oldest that the plan admits, version × 1000
  int load = 0;                             ///< the number of the load that stands; 0 where it is not known
  int loads = 0;                            ///< how many there were
  ReadingForecasts readings{};              ///< what has been named so far
  std::string step{}, where{};              ///< the one that is looked at, and where the plan has it
  std::vector<Upset> upsets{};              ///< in the order of the plan
};

/// Refuses a step whose system voltage is not the one the meters were configured for: their thresholds and their pulse
/// output follow what they were told.
void require_configured_voltage(const Outlook& outlook, Voltage wanted, const std::string& where, Findings& findings);

/// One step of a plan: its parameters, its check against a bench, its prediction of time, and its run.
///
/// The stimulus of a step is shared by all sockets; the measurement and the verdict are each position's own. A step
/// keeps to a timetable of slots that plan and bench fix, so that the numbers of one position do not depend on which
/// others are judged.
class Step {
 public:
  virtual ~Step() = default;
  /// The name under which its kind is listed: "accuracy".
  virtual std::string kind() const = 0;
  /// The name the plan gave it, or its kind.
  virtual std::string name() const = 0;
  /// The names of the measurements it will make at each position of this bench.
  virtual std::vector<std::string> promises(const Bench&) const = 0;
  /// Adds what is wrong with this step on this bench, and what of its standard is not covered.
  virtual void check(const Bench& bench, Outlook& outlook, Findings& findings) const = 0;
  /// Whether the load that stands before it stands after it too.
  virtual bool leaves_the_load() const { return false; }
  /// Bench time it will take.
  virtual Duration predict(const Bench& bench, Outlook& outlook) const = 0;
  virtual Task<void> run(Run& run) const = 0;
  /// After the last step, with the source off and before the meters are put back: a last look, for example at
  /// counters. Not called after an abort or a fault of the bench.
  virtual Task<void> conclude(Run& run) const;
  virtual Duration predict_conclusion() const { return {}; }
};

using MakeStep = std::function<std::unique_ptr<Step>(const Settings&)>;
Catalog<MakeStep>& steps();

}  // namespace blondel
