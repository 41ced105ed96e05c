#include "rig/step.hpp"

#include <fmt/format.h>

#include "references/quantity_text.hpp"

namespace blondel {

Catalog<MakeStep>& steps() {
  static Catalog<MakeStep> catalog{"step"};
  return catalog;
}

std::vector<std::string> Findings::not_covered() const {
  std::vector<std::string> missing;
  for (const auto& [band, covered] : bands)
    if (!covered) missing.push_back(band);
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
