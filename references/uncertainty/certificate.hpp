#pragma once

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "references/error.hpp"
#include "references/quantity.hpp"
#include "references/uncertainty/budget.hpp"
#include "references/uncertainty/calendar_date.hpp"

namespace blondel {

/// What a calibration certificate says of one quantity of one instrument, as a file of the bench states it.
///
/// Errors and uncertainties are relative (1, of the reading or of apparent power), or in rad where the quantity is a
/// phase displacement.
struct Certificate {
  /// Where an instrument was, or is to be, used. What a certificate does not speak of is nothing.
  struct Condition {
    std::optional<Voltage> voltage{};
    std::optional<Current> current{};
    std::optional<Angle> lag{};  ///< of the current behind its voltage, positive for an inductive load
    std::optional<Frequency> frequency{};
    std::string text() const;  ///< "230 V, 5 A, lag 60 deg, 50 Hz"
    bool operator==(const Condition&) const = default;
  };
  struct Point {
    Condition at;
    double error{};     ///< reading minus truth, whichever sign the file states
    double expanded{};  ///< U, above 0
    std::string where;  ///< its place in the file
  };

  std::string number, laboratory, instrument, serial;
  CalendarDate date{}, due{};      ///< of calibration; the last day on which it may be used
  std::string quantity;            ///< "active power", "voltage", "ratio", "phase", ...
  std::string unit;                ///< "ppm", "%", "urad", "mrad"; of the file's figures
  bool of_apparent_power = false;  ///< errors of a power are relative to apparent power instead of the reading
  double coverage_factor{};
  double degrees_of_freedom = std::numeric_limits<double>::infinity();
  double drift_per_year{};  ///< limit of the change in a year, either way
  Temperature coldest, warmest;
  std::vector<Point> points;

  /// What a reading is to be corrected by at one condition, and what is known of it.
  struct Correction {
    double correction{};                ///< truth minus reading, to be added to the reading's relative error
    double standard_uncertainty{};      ///< U / k, of the points taken with their weights, fully correlated
    double interpolation_half_width{};  ///< rectangular; 0 at a point of the certificate
    struct Share {
      std::size_t point;  ///< index in `points`
      double weight;
    };
    std::vector<Share> from;
    std::string text;  ///< "from 230 V, 1 A, lag 60 deg, 50 Hz and 230 V, 5 A, lag 60 deg, 50 Hz"
  };

  /// The correction between the points of the certificate, never beyond them.
  ///
  /// Voltage and frequency are interpolated linearly, current in its logarithm (errors of shunts, transformers and
  /// ranges follow decades), and the lag so that a gain and a phase error are told apart: a wattmeter with gain error g
  /// and phase error δ errs by g - tan φ·δ of active power, so relative to the reading the error is linear in tan φ (in
  /// cot φ for reactive power), and relative to apparent power it is a sine in φ (g·cos φ - δ·sin φ). Neighbours in one
  /// quantity are the nearest points that also cover the condition in the others. A condition within 0.5 % of a
  /// point's voltage, current or frequency, or 1 mrad of its lag, is that point.
  ///
  /// The uncertainties of a certificate's points come from one set-up: they add linearly. Between two points the
  /// correction may leave the line: up to half the difference of the two in the middle, falling as a parabola to
  /// nothing at the points.
  ///
  /// @returns an Error (incapable) that names the condition and what the certificate covers where it is not between
  ///          points, and (malformed) where the condition lacks what the certificate's points state.
  Result<Correction> correction_at(const Condition& condition) const;

  /// Limit of the drift from calibration to a day: drift a year times years of 365.25 days, rectangular.
  /// @returns an Error (refused) for a day before the calibration.
  Result<double> drift_half_width(CalendarDate on) const;
  /// Whether the day is after the last on which the certificate may be used.
  bool overdue(CalendarDate on) const { return days_between(due, on) > 0; }
  /// Whether the certificate was given for instruments this warm.
  bool covers(Temperature ambient) const { return ambient >= coldest && ambient <= warmest; }
  /// "certificate K-2025-117"
  std::string name() const { return "certificate " + number; }
};

/// Reads a certificate's file and checks it whole; docs/uncertainty.md shows one.
/// @throws Failure (malformed, file:line:column): a date that does not exist, a due date before the calibration,
///         k <= 0, a unit other than the file's own, no points, a point twice, points that state different things, U
///         that is not above 0.
Certificate load_certificate(const std::string& path);
/// The same from a text; `name` stands where the file's name would.
Certificate parse_certificate(const std::string& text, const std::string& name);

}  // namespace blondel
