#pragma once

#include <string>
#include <vector>

#include "reports/run_view.hpp"

namespace blondel {

/// The measurements of a meter that were judged against a class, by requirement (in the class's order), then power
/// factor (unity, inductive, capacitive), then current.
std::vector<const MeasurementView*> class_lines(const ClassView& of, const PositionView& position);

/// Whether a measurement belongs to one of the classes of its run, and so stands in the type-test record.
bool in_a_class(const RunView& run, const MeasurementView& measurement);

/// Whether what is not covered (a text of RunView::not_covered) is a part of one of the run's classes, and so stands in
/// the type-test record.
bool of_a_class(const RunView& run, const std::string& not_covered);

/// What can be said of one meter and one class.
struct ClassConclusion {
  /// pass: every point measured conforms (and nothing else is claimed); fail: one does not; skipped: all that was
  /// measured is for information only; else the worst there is, inconclusive where there is nothing
  Verdict verdict = Verdict::inconclusive;
  int points = 0;       ///< measured and decided by
  int not_passed = 0;   ///< of them
  int informative = 0;  ///< measured, but their limit decides nothing
  int not_covered = 0;  ///< planned and not measured, not planned, or without a known figure: all of them
  std::string text;     ///< "conforms at all 17 points measured; 3 points not covered: no statement on the class ..."
};

/// A point that was measured twice, or by two methods, counts by its worst verdict. While something is not
/// covered there is no statement on the class as a whole, whatever was measured.
ClassConclusion conclude(const ClassView& of, const PositionView& position);

}  // namespace blondel
