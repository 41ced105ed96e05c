#pragma once

#include <string>

#include "reports/run_view.hpp"

namespace blondel {

/// The run as JUnit XML, for what collects test results.
///
/// One suite a judged meter, named by position and serial number; one case a measurement, a finding, and a step that
/// left neither. `fail` is a <failure>; `error` and `aborted` are an <error>; `skipped` and `inconclusive` are
/// <skipped> with the reason. A meter whose verdict is worse than all of its cases gets a case that says so, and
/// points the bench cannot reach are a suite of skipped cases: a file without a failure or error is a run without.
/// Times are bench time in seconds; a case lasts from the record of that meter before it, in the same step.
std::string junit_xml(const RunView& run);

}  // namespace blondel
