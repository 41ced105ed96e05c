#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "references/load_point.hpp"
#include "references/uncertainty/calendar_date.hpp"
#include "references/uncertainty/point_budget.hpp"
#include "rig/bench.hpp"

namespace blondel {

/// The day on which a bench measures: of a simulated bench the one its file states, of a real one today's (UTC).
CalendarDate day_of(const BenchFile& bench);

/// A certificate that may not be used any more.
struct Overdue {
  std::string number, instrument, serial;
  CalendarDate due;
  std::string where;  ///< in the bench file
  std::string text() const;
  bool operator==(const Overdue&) const = default;
};

/// What a bench knows about truth: its certificates, taken to load points on one day.
///
/// Where an instrument has no certificate of a quantity, what the bench file says of it in a word holds: the
/// reference's `uncertainty`, relative to apparent power, and the CT substitute's uncertainties, all k = 2 and without
/// a correction.
class Traceability {
 public:
  /// @param bench  outlives this
  Traceability(const Bench& bench, CalendarDate today) : bench_{bench}, today_{today} {}
  explicit Traceability(const Bench& bench) : Traceability{bench, day_of(bench.file())} {}

  CalendarDate today() const { return today_; }

  /// What is known about truth at a load point, for the meter at one position: energy, lag, reference,
  /// reference_of_apparent_power, reference_phase, reference_warmth, leads_half_width, ct_ratio, ct_phase and ct_warmth
  /// of the inputs. What comes from the meter and the measuring time is left for who measures.
  ///
  /// Elements that carry current are loaded alike: a balanced load is one of phase A, one element loaded alone is its
  /// own. A certificate of the reference's phase stands in where the one of its power has no points at this lag.
  /// The values are signed as corrected_percentage_error() takes them.
  ///
  /// @returns an Error: incapable, naming certificate, condition and what it covers, where a certificate does not reach
  ///          or the load has harmonics; malformed where nothing is loaded, elements are loaded unalike, or the lag
  ///          leaves no power of that kind; refused where a certificate is of a later day.
  Result<PointInputs> at(const LoadPoint& point, PointInputs::Energy energy, int position) const;

  enum class Reading { voltage, current, frequency };
  /// What is known of one reading of the reference, relative to it: `value` is the correction (truth minus reading).
  /// @param element  1 to 3
  /// @returns an Error as at() does; incapable for a frequency without a certificate.
  Result<PointInputs::Certified> of(Reading reading, const LoadPoint& point, int element) const;

  std::vector<Overdue> overdue() const;
  /// Why this bench may not measure today, each with its place in the bench file: certificates that are overdue (unless
  /// allowed), of a later day, or not for the bench's temperature. All are `refused`.
  std::vector<Error> refusals(bool overdue_allowed) const;
  /// That the reference, as it says who it is, is not the one of the certificates (refused); or nothing.
  std::optional<Error> mistaken(const Identity& reference) const;

  /// The fields of the record "traceability"; nothing where the bench has no certificates.
  std::optional<nlohmann::ordered_json> record() const;

 private:
  std::vector<const BenchCertificate*> all() const;
  Error refused(const BenchCertificate& c, std::string what) const;

  const Bench& bench_;
  CalendarDate today_;
};

}  // namespace blondel
