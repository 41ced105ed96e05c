#pragma once

#include <nlohmann/json.hpp>

#include <optional>
#include <string>

#include "drivers/time/clock.hpp"
#include "references/uncertainty/budget.hpp"
#include "references/uncertainty/decision.hpp"
#include "references/verdict.hpp"
#include "reports/journal.hpp"

namespace blondel {

/// A number with all that is needed to judge it and to doubt it.
struct Measurement {
  int position{};
  std::string name;   ///< "percentage_error"
  std::string point;  ///< for people: "0.05 In, PF 0.5 ind"
  std::optional<double> current_ratio;
  std::string power_factor;  ///< "1", "0.5 ind", "0.8 cap", or empty
  std::string method;        ///< "registers", "pulses", or empty
  double value{};
  std::string unit;
  std::optional<Budget> budget;
  std::optional<double> lower, upper;
  std::optional<double> resolution{};  ///< of the register that was read; it stands in both limits
  DecisionRule rule{};
  Verdict verdict{};
  std::string standard, edition, clause, mark;

  std::string load{};         ///< "balanced", "element 2 alone"; empty where it has no meaning
  std::string energy{};       ///< "active energy", "reactive energy"; empty otherwise
  std::string requirement{};  ///< "limits of error, balanced load"; empty: none named
  std::string method_why{};   ///< why this method was chosen, where the plan left it open

  /// How long was measured, and why no longer.
  struct Measuring {
    double seconds{};
    int looks{}, most_looks{};  ///< how often the rule was asked, and may be
    std::string stopped{};      ///< "decided", "time is up", "fixed"
  };
  std::optional<Measuring> measuring{};
  std::string informative{};    ///< why the limit decides nothing; empty: it decides
  std::optional<double> raw{};  ///< before corrections, in the unit of value
  std::string why_not{};        ///< why there is no value: nothing was registered; empty where there is one
};

/// The executive's voice in the journal: stamps records with bench time and the step that is under way.
class RunJournal {
 public:
  RunJournal(Clock& clock, Journal& journal) : clock_{clock}, journal_{journal} {}

  void add(std::string_view kind, nlohmann::ordered_json fields);
  void add(const Measurement& measurement);
  /// On disk before the next thing happens.
  void commit() { journal_.commit(); }
  /// Records from here on belong to this step (1-based; 0: to none).
  void in_step(int step) { step_ = step; }

 private:
  Clock& clock_;
  Journal& journal_;
  int step_ = 0;
};

}  // namespace blondel
