#include "drivers/meters/meter.hpp"

namespace blondel {

Catalog<MakeMeter>& meters() {
  static Catalog<MakeMeter> catalog{"meter"};
  return catalog;
}

}  // namespace blondel
