#include "rig/step.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "references/quantity_text.hpp"

namespace blondel {

Catalog<MakeStep>& steps() {
  static Catalog<MakeStep> catalog{"step"};
  return catalog;
}

ClassCoverage& Findings::coverage_of(const ClaimedClass& claimed, SystemType system) {
  const auto known = std::ranges::find_if(classes, [&](const ClassCoverage& c) { return c.of().same_as(claimed); });
  if (known != classes.end()) return *known;
  return classes.emplace_back(claimed, system);
}

std::vector<std::string> Findings::not_covered() const {
  std::vector<std::string> missing;
  for (const auto& one : classes) {
    auto lines = one.not_covered();
    missing.insert(missing.end(), lines.begin(), lines.end());
  }
  return missing;
}

Task<void> Step::conclude(Run&) const {
  co_return;
}

void require_configured_voltage(const Outlook& outlook, Voltage wanted, const std::string& where, Findings& findings) {
  if (!outlook.system_voltage || *outlook.system_voltage == wanted) return;
  findings.refusals.push_back({Fault::malformed, where,
                               fmt::format("expected the system voltage the meters are configured for, {}; found {}",
                                           show(*outlook.system_voltage), show(wanted))});
}

}  // namespace blondel
