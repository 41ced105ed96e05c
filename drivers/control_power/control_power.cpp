#include "drivers/control_power/control_power.hpp"

namespace blondel {

Catalog<MakeControlPower>& control_powers() {
  static Catalog<MakeControlPower> catalog{"control power switch"};
  return catalog;
}

}  // namespace blondel
