#pragma once

#include "reports/journal.hpp"

namespace blondel {

/// Writes the record of a run that judges two meters against three classes from one measurement of each point, by the
/// non-binary rule of ILAC-G8. Of "Example 1 class A", edition 2020, ten load points of active energy are covered (six
/// under balanced load, three elements alone and a difference), one is not and one requirement is not at all; "Example
/// 1 class B" is for information only; "Example 2 class C" is reactive. The first meter conforms everywhere; the second
/// fails at 1 In, PF 0.5 ind and is conditionally passed at 0.1 In, PF 1. The reference's certificate is overdue. The
/// same bytes each time.
void write_class_run(Journal& journal);

}  // namespace blondel
