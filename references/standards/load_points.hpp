#pragma once

#include <string>
#include <vector>

#include "references/standards/standard.hpp"

namespace blondel {

/// A nominal load point at which a full verification of a class tests, and the limit that holds there.
struct NominalPoint {
  std::string load;  ///< "balanced" or "single-phase"
  int element{};     ///< the one loaded, from 1; 0 = all of them
  Angle lag;         ///< of the current behind its voltage
  double ratio_to_in{};
  LimitRow limit;     ///< the limit has grown where the standard lets it (OIML R 46 below Imin)
  bool on_request{};  ///< only when the user asks
  std::string why;    ///< "lower end of the row", "In", "Imax"

  /// "0.05 In, PF 0.5 ind", "0.05 In, sin 0.5 ind, element 2 alone"
  std::string text() const;
};

/// The load points of a full verification. Which points they are is our engineering choice, standards set ranges: of
/// every row its lower end, In where that lies inside, and Imax where the row reaches it; every power factor of the
/// row, of a range of power factors both ends; every sine inductive and capacitive; single-phase load on each element
/// in turn. Rows that begin above Imax are left out, and so are points of a row at which another row holds.
/// @param imax_to_in  Imax over In (over the rated current of the connection) of the meter; where the standard
///                    fixes it (current classes), that one is taken
/// @param connection  empty: the first that has the class
/// @returns nothing for a class there is not
std::vector<NominalPoint> load_points(const Standard& standard, const std::string& class_name, double imax_to_in,
                                      const std::string& connection = {}, int elements = 3);

}  // namespace blondel
