#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "reports/run_view.hpp"

namespace blondel {

/// The errors of one meter at one power factor and load, by rising current.
struct ErrorSeries {
  int position{};
  std::string power_factor;
  std::vector<const MeasurementView*> points;
};

/// The limits at the currents where something was measured.
using LimitSteps = std::map<double, std::pair<std::optional<double>, std::optional<double>>>;

/// Power factors that share their limits, and are drawn into one chart.
struct ErrorPanel {
  std::string load;                        ///< "balanced", "L1 only"
  std::vector<std::string> power_factors;  ///< unity first, then lagging, then leading
  LimitSteps limits;
  std::vector<ErrorSeries> series;
};

/// All charts of one method.
struct ErrorFigure {
  std::string method;
  std::vector<ErrorPanel> panels;
};

/// Sorts the percentage errors of the judged meters into figures, panels and series. Errors without a value or
/// without a current above zero have no place on a logarithmic axis and stand in the tables only.
std::vector<ErrorFigure> error_figures(const RunView& run);

}  // namespace blondel
