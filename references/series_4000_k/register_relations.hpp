#pragma once

#include <map>
#include <string>
#include <vector>

#include "references/register_maps/register_codec.hpp"
#include "references/register_maps/register_map.hpp"
#include "references/series_4000_k/configuration.hpp"

namespace blondel::series_4000_k {

/// How far two points may be apart that a meter renewed between being asked for one and for the other.
struct RenewalSlack {
  double relative = 5e-4;  ///< of an instantaneous value, under a steady load
  double kilo_hours = 0;   ///< kWh, kvarh, kVAh
  double pulses = 1;
  double demand = 0;  ///< kW, kvar, kVA: what a present demand that runs along gains meanwhile
};

/// Two points, or more, that do not fit together.
struct Contradiction {
  std::string text;
  std::string demand;  ///< the demand it is about; empty: about none
};

/// What contradicts itself in one reading of all blocks, whatever the truth may be; empty where nothing does:
/// - integer and float of one quantity agree within half a step of the integer, energies within a whole one (above
///   95 % of 32767 the integer says nothing), and both or neither have a value;
/// - 259 repeats 257;
/// - the phases' real power adds up to the total, where all have a value.
/// Present and maximum demand are not compared: whether the present one is that of the last whole interval or runs
/// along is not printed.
/// A demand interval that ends between two blocks makes two demands of one: what is said of a demand counts only where
/// another reading, taken elsewhere in the interval, says it again.
/// @param readings  by name, in the units of the map; points that are missing are not compared
std::vector<Contradiction> contradictions(const RegisterMap& map, const std::map<std::string, double>& readings,
                                          const Configuration& configuration, const ScaleExponents& exponents,
                                          const RenewalSlack& slack);

}  // namespace blondel::series_4000_k
