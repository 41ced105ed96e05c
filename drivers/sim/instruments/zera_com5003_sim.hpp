#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "drivers/sim/circuit/circuit.hpp"
#include "drivers/sim/instruments/error_calculator_sim.hpp"
#include "drivers/sim/instruments/interval_average.hpp"
#include "drivers/sim/instruments/reference_errors.hpp"
#include "drivers/sim/instruments/scpi_server.hpp"

namespace blondel::sim {

/// What can be wrong with a simulated reference meter, beside how it answers.
struct ReferenceFaults {
  AnswerFaults answers;
  bool not_a_number = false;   ///< measured values answer 9.91E37
  double power_error_ppm = 0;  ///< active power reads high by so much of apparent power
};

/// The instrument itself. Its errors are drawn from the seed.
struct ZeraCom5003Traits {
  std::uint64_t seed = 1;
  ErrorDistribution gain_ppm = 3;    ///< of each input
  ErrorDistribution phase_urad = 3;  ///< of each input
  double noise_ppm = 1;              ///< of a reading, standard deviation; energies have none
  double common_gain_ppm = 0;        ///< of all inputs alike: a drift that no comparison of its own readings shows
  ErrorDistribution power_gain_ppm{}, power_phase_urad{};  ///< of all elements alike, see ReferenceErrorTraits
  bool drawn_at_every_load = false;
  std::string serial = "050059467";
};

/// A ZERA COM5003 at the circuit's reference terminals: ranges, RMS1, POW1 to POW3, DFT1, FFT1 and the
/// frequency of RNG1.
///
/// Every module averages over intervals of its TINTEGRATION, one after the other from an instant of its own that has
/// nothing to do with anybody's questions. INITiate:<module> asks for the interval under way; FETCh answers it once it
/// has ended, and the same again until the next INITiate; MEASure answers the interval under way when it ends.
/// Values come with names and units, `POW1:PS:[W]:6903;`, as the maker's own recorded answers do.
/// Unverified: the range catalogue (the recorded ones belong to another variant), the names of the values of POW2
/// and POW3, what the pairs of FFT1 are and how many, the exact instants of INITiate and FETCh, and that an angle
/// counts lag as positive (0, 120, 240 degrees stand in the recorded data of a positive sequence).
class ZeraCom5003Sim {
 public:
  ZeraCom5003Sim(Clock& clock, const Circuit& circuit, Order order, ZeraCom5003Traits traits = {});

  Task<void> serve(std::unique_ptr<ByteStream> wire) { return server_.serve(std::move(wire)); }
  /// Wires a contact to a pulse input of the error calculator, "SC1".
  void wire(const std::string& input, std::shared_ptr<CalculatorInput> contact) {
    calculator_.wire(input, std::move(contact));
  }
  /// Takes effect at the next message.
  void inject(const ReferenceFaults& faults);

 private:
  struct Value {
    std::string name, unit;
  };
  struct Module {
    std::string name;
    std::vector<Value> values;
    Duration integration{};
    std::optional<std::int64_t> asked;  ///< interval of the last INITiate
  };

  std::int64_t interval_at(const Module& module, Time at) const;
  Time end_of(const Module& module, std::int64_t interval) const;
  const IntervalAverage& averages(Time from, Time to);
  std::string value_of(const Module& module, std::size_t value, std::int64_t interval);
  double energy(ErrorCalculatorSim::Power power, Time from, Time to) const;
  double pulses_per_kwh() const;
  std::string fields(const Module& module, std::optional<std::size_t> only, std::optional<std::int64_t> interval);
  void choose_range(std::size_t channel, const std::string& asked);
  bool overload();
  void add_module(std::size_t index);
  void add_ranges();
  void add_status();
  void query(std::string pattern, std::function<std::string()> answer);

  Clock& clock_;
  const Circuit& circuit_;
  ZeraCom5003Traits traits_;
  ReferenceErrors errors_;
  ScpiServer server_;
  ErrorCalculatorSim calculator_;
  ReferenceFaults faults_;
  std::vector<Module> modules_;
  std::array<std::size_t, 6> ranges_{};  ///< index into the catalogue of each channel
  bool automatic_ = false, grouped_ = true;
  Time start_;
  Time cached_from_ = never, cached_to_ = never;
  IntervalAverage cached_;
};

}  // namespace blondel::sim
