#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "reports/run_view.hpp"

namespace blondel {

/// One measured error, with each limit it was compared with: several standards may judge one measurement.
struct ErrorPoint {
  const MeasurementView* shown;                ///< the one with the worst verdict that decides
  std::vector<const MeasurementView*> judged;  ///< all of them, in the order they were recorded
};

/// The errors of one meter at one power factor and load, by rising current.
struct ErrorSeries {
  int position{};
  std::string power_factor;
  std::vector<ErrorPoint> points;
};

/// The limits at the currents where something was measured.
using LimitSteps = std::map<double, std::pair<std::optional<double>, std::optional<double>>>;

/// How far inside (first) and outside (second) a limit a value is neither passed nor failed; the widest of all meters.
using GuardSteps = std::map<double, std::pair<double, double>>;

/// What one standard permits.
struct PanelLimits {
  std::string standard;  ///< with class and edition; empty for measurements of no class, whose tightest limits count
  LimitSteps steps;
  GuardSteps guards;  ///< empty where no guard band is recorded
};

/// Power factors that share their limits, and are drawn into one chart.
struct ErrorPanel {
  std::string load;                        ///< "balanced", "element 1 alone"
  std::string energy;                      ///< "reactive energy": then the power factors are sines; or empty
  std::vector<std::string> power_factors;  ///< unity first, then lagging, then leading
  std::vector<PanelLimits> limits;
  std::vector<ErrorSeries> series;

  bool reactive() const { return energy.starts_with("reactive"); }
};

/// All charts of one method.
struct ErrorFigure {
  std::string method;                  ///< "chosen for each point" where the plan left it open
  std::vector<std::string> standards;  ///< that its panels have limits of, each once
  std::vector<ErrorPanel> panels;
};

/// Sorts the percentage errors of the judged meters into figures, panels and series. Errors without a value or
/// without a current above zero have no place on a logarithmic axis and stand in the tables only.
/// They point into the run.
std::vector<ErrorFigure> error_figures(const RunView& run);
std::vector<ErrorFigure> error_figures(RunView&& run) = delete;

}  // namespace blondel
