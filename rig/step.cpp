#include "rig/step.hpp"

namespace blondel {

Catalog<MakeStep>& steps() {
  static Catalog<MakeStep> catalog{"step"};
  return catalog;
}

Task<void> Step::conclude(Run&) const { co_return; }

}  // namespace blondel
