#pragma once

#include "reports/journal.hpp"

namespace blondel {

/// Writes the record of a run that might have been: three meters at twelve load points with two methods; the second
/// meter has a phase error and fails at lagging currents, the third one reading that is not a number. Ends with the
/// record closed. The same bytes each time.
void write_sample_run(Journal& journal);

}  // namespace blondel
