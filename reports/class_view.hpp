#pragma once

#include <map>
#include <string>
#include <vector>

namespace blondel {

class RecordFields;

/// A calibration certificate that the run's numbers rest on.
struct CertificateView {
  std::string number, instrument, serial, quantity, laboratory;
  std::string date, due;  ///< of calibration, and the last day it may be used
  std::string coverage_factor;
  bool overdue = false;
};

struct TraceabilityView {
  std::string date;  ///< of the run, as the certificates were judged
  std::vector<CertificateView> certificates;

  bool has_overdue() const;
};

/// Something that was left out, and why.
struct NotCovered {
  std::string what, why;
  bool operator==(const NotCovered&) const = default;
};

/// One requirement of a class, and how much of it the plan covers.
struct RequirementView {
  std::string requirement;  ///< "limits of error, balanced load"
  std::string clause;
  int points = 0;  ///< that the plan covers, for each meter
  std::vector<NotCovered> not_covered;
};

/// An accuracy class that a run measures against.
struct ClassView {
  std::string standard;  ///< with its class: "IEC 62053-22 class 0.5S"
  std::string edition, title;
  std::string informative;  ///< why nothing is decided by it: the meter does not claim it; empty: it decides
  std::vector<int> steps;   ///< that measure against it; none named: all
  std::vector<RequirementView> requirements;
  std::vector<std::string> scope;    ///< what a result may not be called
  std::vector<NotCovered> lacks;     ///< what nobody knows of the standard, or what it does not set
  std::map<std::string, int> marks;  ///< how many of its rows are how well verified
  /// For which meter the points were chosen: "connection CT, Imax 1.2 In". More than one where steps disagree.
  std::vector<std::string> chosen_for{};

  /// "IEC 62053-22 class 0.5S (2003)"
  std::string name() const;
  /// Whether anything of it is not covered, by the plan, the bench or what is known of the standard.
  bool leaves_out() const;
};

/// What a record `traceability` says. @throws Failure (Fault::malformed)
TraceabilityView traceability_of(const RecordFields& record);

/// Adds what a record `class_coverage` says. Several steps may measure against one class: then their requirements
/// stand together, and only what none of the steps covers is not covered.
/// @throws Failure (Fault::malformed)
void add_coverage(std::vector<ClassView>& classes, const RecordFields& record);

}  // namespace blondel
