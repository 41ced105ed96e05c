#pragma once

#include <array>
#include <optional>
#include <string>

#include "drivers/sim/circuit/circuit.hpp"
#include "drivers/sim/instruments/fluke_channel.hpp"
#include "drivers/sim/instruments/scpi_server.hpp"

namespace blondel::sim {

/// What can be wrong with a simulated source, beside how it answers.
struct SourceFaults {
  AnswerFaults answers;
  std::optional<Duration> trip_after_on;  ///< the output goes off by itself so long after it was switched on
  std::optional<Time> trip_at;            ///< the output goes off by itself at this instant of bench time
  bool not_a_number = false;              ///< read-backs answer 9.91E37
  bool stays_on = false;                  ///< OUTP:STAT OFF is accepted and not obeyed
};

/// A Fluke 6105A with three phases and current terminals, behind a transparent LAN-GPIB bridge, driving the circuit.
///
/// It answers what the users manual (6100B/6105A, pages 136 to 168) and two public drivers say of it. Where neither
/// says anything it is strict, so that a driver cannot come to rely on kindness: ranges may be changed only while
/// the output is off (-221), and a harmonic's angle counts from the fundamental of its own channel. Unverified: both
/// of these, the text of *IDN?, and that a current's angle counts from the voltage of its own phase.
/// The energy counter and the fluctuating harmonics, interharmonics and flicker subsystems are not fitted: *OPT?
/// says so, and their headers are undefined.
class Fluke6105aSim {
 public:
  Fluke6105aSim(Clock& clock, Circuit& circuit, Order order, std::string serial = "654321");

  Task<void> serve(std::unique_ptr<ByteStream> wire) { return server_.serve(std::move(wire)); }

  /// Takes effect at the next message.
  void inject(const SourceFaults& faults);
  /// The output trips as soon as the circuit lets it.
  void trip();
  bool output_on() const;

 private:
  struct Phase {
    FlukeChannel voltage, current;
    bool low_level = false;  ///< the current terminals give a voltage
  };

  Phase& phase(const Call& call);
  void reset();
  void add_phase_commands();
  void add_channel_commands(const std::string& name, FlukeChannel Phase::*channel);
  void add_range_commands();
  void add_output_commands();
  void add(std::string pattern, std::size_t fewest, std::size_t most, Duration processing,
           std::function<std::string(const Call&)> execute);
  std::string reading(double value) const;
  void switch_output(bool on);
  void drive_circuit();
  SetPoint set_point() const;

  Clock& clock_;
  Circuit& circuit_;
  ScpiServer server_;
  std::string serial_;
  SourceFaults faults_;
  std::array<Phase, 3> phases_;
  double frequency_hz_ = 50;
  double ramp_s_ = 0;
  bool four_wire_ = false;
  bool on_ = false;
  bool changed_ = false;
  Time trips_at_ = never;
};

}  // namespace blondel::sim
