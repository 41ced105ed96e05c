#pragma once

#include "drivers/sim/circuit/circuit.hpp"
#include "drivers/sim/instruments/interval_average.hpp"
#include "drivers/waveform_recorders/waveform_recorder.hpp"

namespace blondel::sim {

struct PlantRecorderTraits {
  std::uint64_t seed = 1;
  double rate_hz = 10'000;
  double gain_ppm = 0;                            ///< of each input, at most
  double phase_urad = 0;                          ///< of each input, at most
  double voltage_peak = 1000, current_peak = 50;  ///< full scale of its 24-bit converters
};

/// A digitizer at the reference meter's terminals that samples the circuit itself, without a wire between: the
/// simulated bench's own recorder.
class PlantRecorder final : public WaveformRecorder {
 public:
  /// @throws std::logic_error for a rate that is not positive
  PlantRecorder(Clock& clock, const Circuit& circuit, Order order, PlantRecorderTraits traits = {});
  Task<Waveform> record(Duration length) override;

 private:
  void sample(const Stretch& stretch, Waveform& into) const;

  Clock& clock_;
  const Circuit& circuit_;
  Order order_;
  PlantRecorderTraits traits_;
  InputErrors errors_;
};

}  // namespace blondel::sim
