#pragma once

#include <string>

#include "reports/run_view.hpp"

namespace blondel {

/// A verdict as a coloured word.
std::string verdict_html(Verdict verdict);

/// The mark of a limit that has one, with a blank before it; one that is not verified says so.
std::string limit_mark_html(const MeasurementView& measurement);

/// The card of each meter: verdict, cause and the point that decided.
std::string meter_cards_html(const RunView& run);

/// Everything that was found at each meter: a table of its measurements, its findings, its uncertainty budgets. What
/// was measured against a class stands in the type-test record.
std::string meter_results_html(const RunView& run);

}  // namespace blondel
