#pragma once

#include <limits>
#include <optional>
#include <string>

#include "references/error.hpp"
#include "references/quantity.hpp"
#include "references/uncertainty/budget.hpp"
#include "references/uncertainty/certificate.hpp"
#include "references/uncertainty/pulse_timing.hpp"
#include "references/uncertainty/repeatability.hpp"

namespace blondel {

/// All that is known about the percentage error of a meter at one load point, e = 100·(E_m/E_s - 1). What does not
/// apply is nothing; what applies and is known to add nothing is stated as 0, and its line stands in the budget.
struct PointInputs {
  enum class Energy { active, reactive };

  /// A figure with its uncertainty, relative (1) or in rad.
  struct Certified {
    double value{};                 ///< the correction made, or the ratio or phase found
    double standard_uncertainty{};  ///< U / k
    double degrees_of_freedom = std::numeric_limits<double>::infinity();
    double interpolation_half_width{};
    double drift_half_width{};
    std::string group{};  ///< of lines from one set-up: see Contribution::group
  };
  /// Relative change for each kelvin away from the temperature of calibration, and how far away it may be.
  struct Warmth {
    double per_kelvin{};
    double kelvins{};  ///< half-width of the deviation
  };
  /// The load as two instruments see it whose windows do not quite coincide.
  struct Mismatch {
    double instability{};  ///< relative standard deviation of the power from one such moment to another
    Seconds apart;         ///< how far the windows' ends lie apart, each
    Seconds window;
  };
  /// A register that is read instead of pulses.
  struct Register {
    double step{};          ///< of the last digit, relative to the value found (for a difference: to the difference)
    bool difference{};      ///< two readings of an energy; else one of a power
    Seconds update_period;  ///< how old a reading may be; 0 where the window follows the updates
    Seconds window;
  };

  Energy energy = Energy::active;
  Angle lag;  ///< nominal, of the current behind its voltage

  std::optional<Certified> reference;        ///< of the reference meter's power
  bool reference_of_apparent_power = false;  ///< its errors are relative to apparent power
  std::optional<Certified> reference_phase;  ///< rad; where the certificate has no points at this lag
  std::optional<Warmth> reference_warmth;
  std::optional<Repeatability> reference_readings;  ///< relative to their mean
  std::optional<Mismatch> mismatch;
  std::optional<double> leads_half_width;  ///< relative difference of the voltage at the meter and at the reference
  std::optional<Certified> ct_ratio;
  std::optional<Certified> ct_phase;  ///< rad
  std::optional<Warmth> ct_warmth;
  std::optional<PulseTiming> pulses;
  std::optional<double> whole_pulses_half_width;  ///< relative; of a meter that gives its pulses in bursts
  std::optional<Register> registers;
  std::optional<Repeatability> meter_readings;  ///< relative to their mean
};

/// Figures of a certificate as point_budget() takes them, drift until `on` included.
/// @returns the certificate's Error where it does not cover the condition or is of a later day.
Result<PointInputs::Certified> certified(const Certificate& certificate, const Certificate::Condition& condition,
                                         CalendarDate on);

/// The GUM budget of a percentage error, in %, every line with its input, sensitivity and distribution.
///
/// Sensitivities, for small errors: 100 for whatever scales the power; 100 / cos φ (reactive: 100 / sin φ) for what is
/// relative to apparent power; 100·tan φ (reactive: -100·cot φ) for a phase displacement, since ∂P/P = -tan φ·δ, with
/// the sign that it has in e when the reference's current is the one displaced; 100·√2·(apart / window) for the
/// source's instability, both ends of the windows being independent.
///
/// Lines are uncorrelated unless inputs name one group.
/// Source: JCGM 100 (GUM), 5.1.2, on P = U·I·cos φ and Q = U·I·sin φ.
/// @returns an Error (malformed) where the lag leaves no power of that kind, or a window is not longer than nothing.
Result<Budget> point_budget(const PointInputs& inputs);

/// The meter's own percentage error from what was found against the reference's uncorrected reading, after what the
/// inputs state: the reference's correction and that of its phase, the CT substitute's ratio and phase. Exact, not for
/// small errors only:
///
///     1 + e = (1 + raw) · reading/truth · truth/(what the meter was given)
///     truth/reading = (1 + reference)·f(φ + reference_phase)/f(φ), given/truth = (1 + ct_ratio)·f(φ + ct_phase)/f(φ)
///
/// with f the cosine (reactive: the sine), and reference / f(φ) where it is relative to apparent power. So: reference
/// is truth minus reading, reference_phase the true lag minus the one seen, ct_ratio positive where the meter is given
/// too much current, ct_phase positive where its current lags more than the source's.
/// @pre the lag leaves power of that kind, as point_budget() checks
double corrected_percentage_error(double raw_percent, const PointInputs& inputs);

/// The same doubt by how it falls with the measuring time, in %: u(t)² = systematic² + (quantisation·1 s / t)² +
/// noise²·1 s / t. Pulse quantisation, update periods and mismatched windows fall as 1 / t; repeated readings as 1 /
/// √t.
struct TimeDependence {
  double systematic{};    ///< does not fall
  double quantisation{};  ///< at 1 s
  double noise{};         ///< at 1 s
  double at(double seconds) const;
  bool operator==(const TimeDependence&) const = default;
};

/// @param measured  the window that the inputs' readings and pulses are of
/// @returns an Error as point_budget() does.
Result<TimeDependence> time_dependence(const PointInputs& inputs, Seconds measured);

}  // namespace blondel
