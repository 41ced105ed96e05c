#include "references/series_4000_k/tolerances.hpp"

#include "references/standards/data_sheet.hpp"

namespace blondel::series_4000_k {

std::optional<Ratio> voltage_tolerance(Voltage line_to_neutral, Temperature ambient) {
  return DataSheet::series_4000_k().tolerance("voltage", line_to_neutral.si(), ambient);
}

std::optional<Ratio> current_tolerance(double load, Temperature ambient) {
  return DataSheet::series_4000_k().tolerance("current", load, ambient);
}

}  // namespace blondel::series_4000_k
