#pragma once

#include "reports/run_view.hpp"

namespace blondel {

/// What a record `measurement` says, without its time and number.
/// @throws Failure (Fault::malformed)
MeasurementView measurement_of(const RecordFields& record);

}  // namespace blondel
