#pragma once

#include <Eigen/Core>
#include <array>
#include <optional>

#include "references/metering/effective_power.hpp"
#include "references/metering/element.hpp"
#include "references/metering/phasor_set.hpp"
#include "references/metering/service.hpp"
#include "references/metering/symmetrical_components.hpp"
#include "references/quantity.hpp"

namespace blondel {

/// What only exists where three lines are measured. NaN where a spectrum would be needed and there is none.
struct ThreePhase {
  EffectivePower effective;
  SymmetricalComponents voltage, current;  ///< of the fundamentals; the zero sequence only where `has_zero` says so
  bool has_zero{};                         ///< false on three wires, where the voltages' reference is arbitrary
  std::optional<Rotation> rotation;        ///< nothing without a spectrum
  Ratio nema;                              ///< of the true rms between lines, NEMA MG 1
  std::optional<Ratio> phase_deviation;    ///< PVUR, of the true rms to neutral; four wires only
  Ratio u2, u2_of_lines;                   ///< |V-|/|V+| of the fundamentals, and from their magnitudes between lines
  Ratio i2;                                ///< |I-|/|I+|
  std::optional<Ratio> u0, i0;             ///< |X0|/|X+|
};

/// What a perfect meter would read. What was not measured is NaN; what has no meaning in the service is absent.
struct Quantities {
  Service service{};
  Frequency frequency;
  std::array<std::optional<Voltage>, 3> voltage_ln;  ///< AN, BN, CN
  std::array<std::optional<Voltage>, 3> voltage_ll;  ///< AB, BC, AC
  std::array<std::optional<Current>, 3> current;     ///< A, B, C; B of two wattmeters is the sum of the others, turned
  std::optional<Current> neutral_current;            ///< of the sum of the currents, where there is a neutral
  std::optional<Current> leakage_current;            ///< of the sum of three sensors without neutral: should be zero
  /// The elements of the service, signed, at the place of their current. Against a virtual neutral each alone is
  /// bookkeeping, and its voltage is no reading.
  std::array<std::optional<Element>, 3> phase;

  std::optional<Voltage> voltage_ln_average, voltage_ll_average;  ///< means of the valid rms values
  Current current_average;                                        ///< mean of the valid ones

  double start_angle{};  ///< rad: of the fundamental from which angles are told, see start_angle()

  ActivePower active;                     ///< sum over the elements, signed
  ActivePower fundamental_active;         ///< the same of P1
  ReactivePower reactive;                 ///< sum of Q1, signed
  ReactivePower budeanu;                  ///< sum of Q_B, signed
  ApparentPower apparent_arithmetic;      ///< sum of the elements' S
  ApparentPower apparent_vector;          ///< sqrt(P² + Q1²) of the totals
  ApparentPower apparent_vector_budeanu;  ///< sqrt(P² + Q_B²) of the totals
  std::optional<ThreePhase> three_phase;  ///< three lines, measured by two or three sensors

  /// PF with each of the three apparent powers; NaN without load, or without three phases.
  double power_factor() const { return active.si() / apparent_arithmetic.si(); }
  double vector_power_factor() const { return active.si() / apparent_vector.si(); }
  double effective_power_factor() const;
  /// The total by any definition: the sum over the elements, but sqrt(S_A² - P²) for Fryze's.
  std::optional<ReactivePower> reactive_by(ReactiveMethod method) const;
};

struct MeteringOptions {
  std::optional<Frequency> nominal{};  ///< for the fixed delay of a reactive power; without it that one is absent
  double neutral_weight = 1;           ///< ρ of Ie²: resistance of the neutral to that of a line
};

/// What is known of the six channels. From phasors the spectra are all; samples add what the time domain says and
/// what the fit left over.
struct Observation {
  std::optional<PhasorSet> spectra;                     ///< nothing: all that needs them is NaN
  std::optional<Eigen::Matrix<double, 6, 6>> products;  ///< <x_j·x_k>; taken for V, I, P, S and N where present
  Eigen::Matrix<double, 6, 6> rest = Eigen::Matrix<double, 6, 6>::Zero();  ///< the same of what is not in the spectra
  Frequency frequency;                                                     ///< of the fundamental
};

/// From where angles are told, rad: the angle of the fundamental of the first channel the service needs that lives. A
/// voltage lives with a thousandth of the strongest voltage, the 0.001 is ours; currents are looked at in the same way
/// where no voltage stands at all. 0 where nothing lives.
double start_angle(const PhasorSet& set, Service service);

/// Every quantity of every service comes from here. One-phase: v_a·i_a. Two-wire L-L: v_ab·i_a. Split phase: two
/// elements. Four wires: three. Three wires: two wattmeters against line B, or three elements against the mean of the
/// potentials, v_a0 = (v_ab - v_ca)/3 and cyclic; where the currents sum to zero the total is the same.
/// Source: Blondel's theorem; IEEE Std 1459 for the powers.
/// @pre there are spectra or products; std::logic_error otherwise
Quantities quantities(const Observation& seen, Service service, const MeteringOptions& options = {});

}  // namespace blondel
