#pragma once

#include <map>
#include <string>
#include <vector>

#include "drivers/scpi/scpi_numbers.hpp"

namespace blondel {

/// Reads what a ZERA instrument measured: fields `module:name:[unit]:value;`, the value being one number or several
/// between commas, e.g. `POW1:P1:[W]:2301;POW1:P2:[W]:2301;`.
///
/// @returns the numbers of each field by its name.
/// Refused with Fault::protocol: another module or unit than the ones asked for, a name that stands twice, an empty
/// field (the instrument has not measured yet), and anything that is no number.
Result<std::map<std::string, std::vector<double>>> parse_zera_values(const std::string& answer,
                                                                     const std::string& module,
                                                                     const std::vector<std::string>& units,
                                                                     const Asked& asked);

/// A measuring range as the instrument calls it, and its full scale in V or A rms.
struct ZeraRange {
  std::string name;
  double full_scale{};
  bool operator==(const ZeraRange&) const = default;
};

/// Reads a range catalogue such as `250V;8V;100mV` or `10A;2.5A;25mA`. @param unit  'V' or 'A'
/// @returns the ranges, the smallest first.
Result<std::vector<ZeraRange>> parse_zera_catalogue(const std::string& answer, char unit, const Asked& asked);

}  // namespace blondel
