#include "drivers/reference_meters/reference_meter.hpp"

namespace blondel {

Catalog<MakeReferenceMeter>& reference_meters() {
  static Catalog<MakeReferenceMeter> catalog{"reference meter"};
  return catalog;
}

}  // namespace blondel
