#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "drivers/meters/meter.hpp"
#include "drivers/pulse_inputs/pulse_input.hpp"
#include "references/verdict.hpp"

namespace blondel {

/// A judged socket and the meter that sits in it.
struct Position {
  int number{};
  std::string serial;  ///< as scanned; empty when nobody scanned it
  Identity identity;
  int firmware{};  ///< version × 1000
  Meter* meter{};
  PulseInput* pulses{};
  PulseInput* alarm{};  ///< nothing where the bench has no input for it

  Verdict verdict = Verdict::pass;
  std::string cause;  ///< of the worst verdict so far, empty while it passes
  bool lost = false;  ///< nobody talks to it any more in this run

  int losses = 0;        ///< answers lost in a row
  int measurements = 0;  ///< made so far

  /// What the meter held before the run changed it, in the order of change; for putting it back.
  std::vector<std::pair<std::string, double>> found;
  /// How often its control power was switched off and on by the run itself.
  int own_restarts = 0;
  /// How many resets of its energies it counted for commands of the run itself.
  int own_energy_resets = 0;
  /// Whether its alarm loop was ever seen closed: an open one may as well be a broken wire.
  bool alarm_loop_proved = false;
  /// What its alarm contact did wrong by staying open; it is the meter's fault only if the loop is still whole.
  std::string alarm_doubt{};
  /// Counters and energies at the start.
  std::map<std::string, double> fingerprint;
};

}  // namespace blondel
