#include "drivers/meters/meter.hpp"

#include "references/error.hpp"

namespace blondel {

Task<Reply> Meter::exchange(ModbusBytes, Duration) {
  throw Failure{Fault::incapable, "meter", "cannot be asked frame by frame"};
}

Catalog<MakeMeter>& meters() {
  static Catalog<MakeMeter> catalog{"meter"};
  return catalog;
}

}  // namespace blondel
