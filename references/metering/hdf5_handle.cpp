#include "references/metering/hdf5_handle.hpp"

namespace blondel {

std::string Hdf5Silence::last_reason() {
  std::string reason;
  // Downward ends where it began: the last one is the root.
  const auto take = [](unsigned, const H5E_error2_t* error, void* into) -> herr_t {
    if (error->desc) *static_cast<std::string*>(into) = error->desc;
    return 0;
  };
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_DOWNWARD, take, &reason);
  return reason;
}

}  // namespace blondel
