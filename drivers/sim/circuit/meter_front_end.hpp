#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <vector>

#include "drivers/sim/circuit/analog_faults.hpp"
#include "drivers/sim/circuit/sine_sum.hpp"
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
  void instants(std::int64_t first, std::span<std::int64_t> ns) const override;
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
  /// What the source's channel gives on a converter channel, in counts, before settling and fluctuation.
  struct Line {
    std::size_t order;  ///< index into Lines::orders
    Phasor counts;
  };
  /// A regime of the source as this meter sees it.
  struct Lines {
    bool known = false;
    std::uint64_t revision = 0;
    Time from;
    std::vector<int> orders;                   ///< all that occur, rising
    std::array<std::vector<Line>, 36> counts;  ///< by converter channel, then by source channel
  };
  /// One piece's orders: their waves in the block, and how far they have turned at its start.
  struct Turned {
    const Waves* waves;
    Phasor turn;
  };

  /// All rows of a block, six codes each.
  void compute(std::int64_t block, std::int32_t* codes);
  void compute_piece(std::int64_t block, int from, int to, const SourceHistory::Piece& piece, std::int32_t* codes);
  /// Adds the parts whose factors move within the piece. @returns the wave from `from` on, or null where none move
  const double* unsteady_wave(int channel, std::int64_t block, int from, int to, const SourceHistory::Piece& piece);
  /// The parts whose factors are constant over the piece, of all source channels together.
  void steady_terms(int channel, int from, const SourceHistory::Piece& piece, std::vector<SineTerm>& terms);
  SineTerm term(std::size_t order, Phasor counts, int from) const;
  bool steady(int source_channel, const SourceHistory::Piece& piece) const;
  void know_lines(const Regime& regime);
  void turn_orders(double frequency_hz, std::int64_t block);
  Basis& basis_for(double frequency_hz);
  const Waves& waves_for(Basis& basis, int order);
  /// From the source's channel `c` to the converter of channel `to`, in counts per V or A, for an order at a load.
  Phasor transfer(int c, int to, int order, std::uint64_t load) const;

  const ThreePhaseCircuit& circuit_;
  int position_;
  FrontEndSettings settings_;
  AnalogFaults faults_;
  double period_ns_, phase_ns_;
  Matrix3 voltage_gains_{};  // terminals from the source's channels
  Lines lines_;
  std::vector<Turned> turned_;       // by the index of the order
  std::array<double, 6> flutter_{};  // of the source's channels over the piece
  std::vector<Phasor> together_;
  std::vector<bool> occurs_;
  std::array<std::vector<SineTerm>, 6> terms_;
  std::array<Basis, 2> bases_;
  int newest_basis_ = 0;
  std::int64_t block_ = -1;  // the block that codes_ holds, as of the revision
  std::uint64_t revision_ = 0;
  std::vector<std::int32_t> codes_;
  std::array<std::vector<double>, 6> wave_;
  std::vector<double> part_, factor_;
};

}  // namespace blondel::sim
