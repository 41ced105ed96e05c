#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "rig/fetch_edges.hpp"
#include "rig/run.hpp"
#include "rig/steps/alert_glances.hpp"

namespace blondel {

/// What alert register and alarm contact of one meter told while they were watched.
struct AlarmWitnesses {
  std::vector<AlertGlance> glances;  ///< at the register
  std::vector<ContactEdge> edges;    ///< of the contact
  bool closed = false;               ///< at the end
  Time from;                         ///< when the watch began

  /// The register at the end; nothing when it never answered.
  std::optional<std::uint16_t> bits() const;
  /// The change to the state the contact had at the end; the begin of the watch when it had it all along.
  WitnessChange contact_changed(bool closed) const;
  /// The same for any of the phase-loss bits.
  WitnessChange register_changed(bool lost) const;
};

/// Watches a position's alert register twice a second, and its alarm contact, until `end`.
Task<AlarmWitnesses> watch_alarm(Run& run, Position& position, Time end);

/// Refuses a bench on which so many meters share a port that none can be asked for its alerts once a second.
void refuse_slow_ports(const BenchFile& bench, const std::string& where, Findings& findings);

/// What both witnesses tell, and what they should.
struct Testimony {
  bool wanted{};          ///< whether a phase is lost
  std::string objection;  ///< to the register's bits; empty: they are right
  std::uint16_t bits{};
  bool closed{};
  bool proved{};  ///< whether the loop of the contact was ever seen closed
};
struct Complaint {
  Verdict verdict = Verdict::pass;
  std::string cause;
};
/// Whose fault it is when they are not as they should be. A contact that stays open and was never seen closed may be a
/// broken wire, which is the bench's. Where it was seen closed and nothing but the contact is wrong, the wire may have
/// broken since: inconclusive until the loop is proved again. Anything else is the meter's.
Complaint complain(const Testimony& told);

/// Proves the loops of all positions with a doubt again, by switching their control power off and on: a closed contact
/// leaves the fault to the meter, an open one to the bench. For the end of a run, when the source is off.
Task<void> settle_alarm_doubts(Run& run);

}  // namespace blondel
