#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "drivers/sim/circuit/error_distribution.hpp"
#include "drivers/time/clock.hpp"

namespace blondel::sim {

/// How well the simulated source does what it is told.
struct SourceBehaviour {
  /// Setting errors: each channel's own is drawn from the seed within +- these bounds. The phase error is that of a
  /// delay: an order h is turned by h times as much.
  double gain_bound_ppm = 30;
  double phase_bound_urad = 20;
  double frequency_error_ppm = 0;
  /// Amplitude fluctuation, rms, of each channel; constant over 100 ms of bench time.
  double flutter_ppm = 5;
  Duration time_constant{800'000'000};  ///< with which an amplitude approaches a new set-point
  Duration soft_start{2'000'000'000};   ///< straight ramp when the output is switched on
  Duration off_time_constant{5'000'000};
  double voltage_output_ohm = 0.01;  ///< of each voltage output with its leads up to the busbar
  double current_output_ohm = 1e6;   ///< of each current output, in parallel with its loop
};

/// One certified current-to-voltage converter between current loop and meter, for instance 5 A to 0.333 V.
struct CtSubstitute {
  double ratio_v_per_a = 1.0 / 5;
  double ratio_error_ppm = 0;
  double phase_urad = 0;      ///< displacement, positive when the secondary leads, the same for every order
  double primary_ohm = 0.01;  ///< what it puts into the current loop
  double output_ohm = 10;     ///< forms a divider with the meter's input
  bool passes_dc = false;
  bool operator==(const CtSubstitute&) const = default;
};

/// How the errors of CT substitutes are drawn, on top of what a CtSubstitute says itself.
struct CtErrors {
  ErrorDistribution ratio_ppm{}, phase_urad{};                ///< of each converter
  ErrorDistribution common_ratio_ppm{}, common_phase_urad{};  ///< of the three converters of a position alike
  bool operator==(const CtErrors&) const = default;
};

/// One place on the bench: what stands between the circuit and a meter's terminals, and the meter's own surroundings.
struct Socket {
  std::array<CtSubstitute, 3> ct;
  std::array<double, 3> voltage_lead_ohm{0.05, 0.05, 0.05};
  double voltage_input_ohm = 2.5e6;  ///< of each voltage input, line to neutral; Series 4000-K data sheet
  double ct_input_ohm = 32.1e3;      ///< of each CT input: 32.1 kohm in 1 V mode, 10.6 kohm in 1/3 V mode
  double temperature_c = 25;
  bool operator==(const Socket&) const = default;
};

/// All that the circuit is made of. Every socket loads it, whether its meter is judged or not: what a position gets
/// follows from this and from the source's set-points alone.
struct CircuitSettings {
  std::uint64_t seed = 1;
  /// Wiring of all sockets: 10 A-N, 11 A-B, 12 A-B-N, 31 A-B-C, 40 A-B-C-N.
  int system_type = 40;
  SourceBehaviour source;
  std::vector<Socket> sockets;  ///< of the positions 1, 2, ...
  /// CT substitutes that are others at every load: their errors are drawn afresh for each set-point of the source.
  std::optional<CtErrors> ct_errors_at_every_load;
  bool control_power_at_start = true;
};

}  // namespace blondel::sim
