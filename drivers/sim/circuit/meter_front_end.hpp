#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <vector>

#include "drivers/sim/circuit/analog_faults.hpp"
#include "drivers/sim/circuit/three_phase_circuit.hpp"
#include "drivers/sim/meter/meter_inputs.hpp"

namespace blondel::sim {

/// A meter's analog part and converter as it left the factory.
struct FrontEndSettings {
  double clock_ppm = 0;       ///< its crystal: positive runs fast and takes more samples
  double sampling_phase = 0;  ///< of sample 0 after bench time 0, in sampling periods, [0, 1)
  std::array<double, 6> gain_ppm{};
  std::array<double, 6> phase_urad{};  ///< as in AnalogFaults
  std::array<double, 6> offset_counts{};
  double noise_counts = 30;   ///< rms
  double gain_ppm_per_k = 0;  ///< of all channels, away from 25 degrees Celsius
};

/// What the converter of the meter at one position gives: the circuit's waves at its terminals, at the meter's own
/// instants, through its own errors. Computed in blocks of 504 samples (a fifth of a second) that lie on a fixed grid,
/// so that nothing depends on how calls are cut.
class MeterFrontEnd final : public MeterInputs {
 public:
  static constexpr double samples_per_second = 2520;
  static constexpr int block_rows = 504;
  static constexpr double voltage_counts_per_volt = 8388608.0 / 720.0;  ///< ±720 V peak at the terminals, to neutral
  static constexpr double current_counts_per_volt = 8388608.0 / 2.4;    ///< ±2.4 V peak at the CT terminals

  /// `circuit` outlives this. @throws std::logic_error when the circuit has no such position.
  MeterFrontEnd(const ThreePhaseCircuit& circuit, int position, FrontEndSettings settings);

  /// Before the first sample is taken: a meter is bad from the factory on, not from some instant of a run.
  void set_faults(const AnalogFaults& faults);

  Time instant(std::int64_t sample) const override;
  std::int64_t first_at(Time at) const override;
  void samples(std::int64_t first, std::span<std::int32_t> counts) override;
  bool powered(Time at) const override;
  Time next_power_change(Time after) const override;
  double temperature(Time at) const override;

 private:
  struct Waves {
    std::vector<double> cosine, sine;
  };
  /// cos and sin of order·ω·row·dt over the rows of a block, for one frequency.
  struct Basis {
    double frequency_hz = 0;
    std::map<int, Waves> orders;
  };
  /// One order's weights of cosine and sine.
  struct Term {
    int order;
    double a, b;
  };

  void compute(std::int64_t block);
  void compute_piece(std::int64_t block, int from, int to, const SourceHistory::Piece& piece);
  void add(const std::vector<Term>& terms, Basis& basis, int from, int to, double* wave);
  Basis& basis_for(double frequency_hz);
  const Waves& waves_for(Basis& basis, int order);
  /// From the source's channel `c` to the converter of channel `to`, in counts per V or A, for an order.
  Phasor transfer(int c, int to, int order) const;
  /// The same, computed once an order: it does not change while the faults stay.
  Phasor known_transfer(int c, int to, int order);

  const ThreePhaseCircuit& circuit_;
  int position_;
  FrontEndSettings settings_;
  AnalogFaults faults_;
  double period_ns_, phase_ns_;
  Matrix3 voltage_gains_{};                          // terminals from the source's channels
  std::array<std::map<int, Phasor>, 36> transfers_;  // by order, for each pair of channels
  std::array<Basis, 2> bases_;
  int newest_basis_ = 0;
  std::int64_t block_ = -1;  // the block that codes_ holds, as of the revision
  std::uint64_t revision_ = 0;
  std::vector<std::int32_t> codes_;
  std::vector<double> wave_, part_, factor_;
};

}  // namespace blondel::sim
