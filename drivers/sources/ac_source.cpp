#include "drivers/sources/ac_source.hpp"

namespace blondel {

Catalog<MakeAcSource>& ac_sources() {
  static Catalog<MakeAcSource> catalog{"AC source"};
  return catalog;
}

}  // namespace blondel
