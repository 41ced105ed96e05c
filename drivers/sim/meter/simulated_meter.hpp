#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "drivers/pulse_inputs/pulse_input.hpp"
#include "drivers/sim/meter/build_file.hpp"
#include "drivers/sim/meter/meter_inputs.hpp"
#include "drivers/time/clock.hpp"

namespace blondel::sim {

/// One byte on the meter's UART and the instant at which its stop bit ends.
struct StampedByte {
  Time at;
  std::uint8_t byte{};
  bool operator==(const StampedByte&) const = default;
};

struct MeterSettings {
  Order order;
  BuildFile build;                             ///< the firmware
  std::string host;                            ///< path of the host program; empty: the one beside this program
  std::string serial;                          ///< what the meter shows on its INFO page
  std::map<std::string, std::string> variant;  ///< passed to the build, e.g. for readings of open questions
  /// Wall time after which a build that does not come back is killed and counts as hung.
  std::chrono::milliseconds hang_guard{10'000};
};

/// A meter under test: a firmware build in a process of its own, in lockstep with bench time.
///
/// It is lazy: nobody can notice where it stands until something touches it, so it is brought up to an instant only
/// when bytes reach it, a contact is looked at or the run ends.
class SimulatedMeter {
 public:
  virtual ~SimulatedMeter() = default;

  /// Bytes that reach the UART, rising stamps, none later than now + Circuit::notice. The meter is then run until it
  /// has answered or has been silent for a while.
  virtual void receive(std::vector<StampedByte> bytes) = 0;
  /// Called with every frame the meter sends, as soon as it begins: stamps may lie ahead of now.
  virtual void on_transmit(std::function<void(std::vector<StampedByte>)> listener) = 0;

  enum class Contact { pulse, alarm };
  /// Edges of a contact since the last call, up to now. Brings the meter up to now.
  virtual Task<std::vector<ContactEdge>> edges(Contact contact) = 0;
  virtual Task<bool> closed(Contact contact) = 0;
  /// From now on a second reader of a contact, beside edges(), has its edges kept: followed() gives those since its
  /// last call, up to now, and perhaps some from before. For a pulse contact that leads to two inputs.
  virtual void follow(Contact contact) = 0;
  virtual Task<std::vector<ContactEdge>> followed(Contact contact) = 0;
  virtual void leave(Contact contact) = 0;
  /// What the LCD shows. Brings the meter up to now.
  virtual Task<std::string> lcd() = 0;
  /// Brings the meter up to now, again and again, until it is dead or this is cancelled: for a bench in wall time,
  /// where outside programs expect contacts and LCD to move by themselves.
  virtual Task<void> keep_up(Duration every) = 0;

  /// Somebody wants to stop: from now on, and for what the build owes already, it counts as hung after that wall time
  /// where its guard is longer.
  virtual void shorten_hang_guard(std::chrono::milliseconds /*most*/) {}

  /// Why the build is dead (crashed, hung, wrong version), or empty while it lives. A dead build is silent.
  virtual std::string death() const = 0;
  /// The name the build gives itself, once it has been started; may be anything, for it is told over a wire.
  virtual std::string build_name() const { return {}; }
  /// How often the firmware's sample entry has run, by its host's own count.
  virtual std::uint64_t firmware_entries() const = 0;
  /// How many grants the process was given.
  virtual std::uint64_t grants() const = 0;
};

/// Starts the process at the first touch. `inputs` must outlive the meter.
/// @throws Failure(unreachable) when the host program is not there; what is wrong with the build is its death().
std::unique_ptr<SimulatedMeter> make_simulated_meter(Clock& clock, MeterInputs& inputs, MeterSettings settings);

}  // namespace blondel::sim
