#include "rig/step.hpp"

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

}  // namespace blondel
