#pragma once

#include <deque>
#include <functional>
#include <string>

#include "drivers/modbus/modbus_line.hpp"
#include "drivers/sim/bus/line_fault.hpp"
#include "drivers/sim/meter/simulated_meter.hpp"
#include "drivers/time/background.hpp"
#include "drivers/time/event.hpp"

namespace blondel::sim {

/// A two-wire RS-485 line between a master and one simulated meter: character times, and what may go wrong.
///
/// Half duplex: a request waits until the line has been silent for 3.5 characters. A meter whose port is set
/// otherwise than the master's hears nothing that it can read.
class BusWire {
 public:
  /// `meter` outlives this. `meter_port` is how the meter's port is set. `on_answer` gets the bytes of each answer, at
  /// the end of the last one's stop bit.
  BusWire(Clock& clock, SimulatedMeter& meter, SerialSettings meter_port, Order order, std::uint64_t seed,
          std::function<void(std::string)> on_answer);
  ~BusWire();

  /// The master speaks: the first character begins as soon as the line is free.
  void send(const std::string& request);
  /// How the master's port is set; until then, as the meter's.
  void configure(SerialSettings master_port) { master_port_ = master_port; }
  SerialSettings settings() const { return master_port_; }
  /// Holds for every request and answer from now on.
  void set_fault(LineFault fault) { fault_ = fault; }

  std::uint64_t requests() const { return requests_; }
  std::uint64_t answers() const { return answers_; }

 private:
  struct Arrival {
    Time at;
    std::string bytes;
  };
  Task<void> serve();
  void transmitted(const std::vector<StampedByte>& bytes);
  void arrives(Time at, std::string bytes);
  void feed_meter();

  Clock& clock_;
  SimulatedMeter& meter_;
  SerialSettings meter_port_, master_port_;
  std::uint64_t seed_;
  std::function<void(std::string)> on_answer_;
  LineFault fault_;
  std::uint64_t requests_ = 0, answers_ = 0;
  Time free_at_{};
  std::deque<StampedByte> to_meter_;
  std::deque<Arrival> to_master_;  // by rising instant
  Event changed_;
  Background background_;
};

}  // namespace blondel::sim
