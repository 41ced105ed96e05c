#pragma once

#include <string>

#include "reports/run_view.hpp"

namespace blondel {

/// The type-test record: for each class its edition, scope, decision rule and conclusions, then for each meter a table
/// a requirement (clause, load point, limit, result ± U, risks, verdict, time and method, the whole budget of each
/// line), and what was not covered. Empty for a run that measures against no class.
std::string class_records_html(const RunView& run);

/// The certificates that the run rests on; empty where none are recorded.
std::string certificates_html(const RunView& run);

/// What stands at the top, and on every page when printed, if a certificate was overdue; empty otherwise.
std::string overdue_banner_html(const RunView& run);

}  // namespace blondel
