#pragma once

#include <string>

#include "drivers/sim/circuit/circuit.hpp"
#include "drivers/sim/instruments/scpi_server.hpp"

namespace blondel::sim {

/// A relay unit that speaks the ROUTe subsystem, its channels 1.. carrying the control power of the positions 1..
/// Relays that are closed when the circuit is made stay closed; *RST opens all of them.
/// Source: SCPI-1999 volume 2 chapter 18 (ROUTe:CLOSe, ROUTe:OPEN) and volume 1 section 8.3.2 (channel lists).
class ScpiSwitchSim {
 public:
  ScpiSwitchSim(Clock& clock, Circuit& circuit, Order order, int channels);

  Task<void> serve(std::unique_ptr<ByteStream> wire) { return server_.serve(std::move(wire)); }
  /// Closes all relays, as whoever used the unit before may have left them.
  void close_all();
  /// Takes effect at the next message.
  void inject(const AnswerFaults& faults) { server_.faults = faults; }
  /// A relay whose coil is broken: it obeys without an error and stays as it is. 0: none.
  void stick(int channel) { stuck_ = channel; }

 private:
  std::vector<int> channel_list(const Call& call) const;
  void move(int channel, bool closed);
  void move_all(bool closed);
  bool closed(int channel) const;

  Clock& clock_;
  Circuit& circuit_;
  ScpiServer server_;
  std::vector<bool> closed_;
  int stuck_ = 0;
};

}  // namespace blondel::sim
