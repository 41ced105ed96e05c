#pragma once

#include <string>
#include <vector>

#include "reports/run_view.hpp"

namespace blondel {

/// The part of the variance that each line of a budget stands for: u_i·Σ u_j over the lines correlated with it, over
/// the sum of all; together 1. Negative where a line takes away from another of its group. Empty where the sum is not
/// above 0.
std::vector<double> variance_shares(const std::vector<BudgetLine>& budget);

/// A budget as a table: input, standard uncertainty, sensitivity, contribution, distribution, degrees of freedom, share
/// of the variance; folded under a line that names the largest one. Its id is "budget-" and the record's number. Empty
/// where there is no budget.
std::string budget_html(const MeasurementView& measurement);

}  // namespace blondel
