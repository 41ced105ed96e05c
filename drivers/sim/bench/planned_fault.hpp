#pragma once

#include <string>

#include "drivers/time/clock.hpp"

namespace blondel::sim {

/// Something that goes wrong on a simulated bench, as its file says it.
struct PlannedFault {
  std::string part;     ///< "source", "reference", "control power", "meter", "link"
  int position = 0;     ///< of a meter or link
  std::string fault;    ///< a name of the catalogue
  Time at{};            ///< from when on; the start when the file says nothing
  std::string where{};  ///< in the bench file
  double size = 0;      ///< of a fault in a number, in the catalogue's unit; 0 where the fault has none
};

}  // namespace blondel::sim
