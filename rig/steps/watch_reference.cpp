#include <cmath>

#include "references/uncertainty/repeatability.hpp"
#include "rig/steps/accuracy_method.hpp"

namespace blondel {

using namespace std::chrono_literals;

Contribution ReferenceMean::spread_of_readings() const {
  const auto spread = value_or_throw(repeatability(readings));
  return {"repeatability of the reference's readings", 100 * spread.of_mean() / active.si(),
          spread.degrees_of_freedom(), "A", "normal"};
}

Task<ReferenceMean> watch_reference(Run& run, Time end) {
  ReferenceMean mean;
  double active = 0, apparent = 0;
  // A reading takes up to two integration times of one second; the last one must end within the window.
  while (run.clock.now() + 2200ms <= end) {
    const auto reading = co_await run.bench.reference().next();
    double volt_amperes = 0;
    for (const auto s : reading.apparent) volt_amperes += s.si();
    mean.readings.push_back(reading.active_total.si());
    active += reading.active_total.si();
    apparent += volt_amperes;
  }
  const auto n = static_cast<double>(mean.readings.size());
  if (mean.readings.size() < 2)
    throw Failure{Fault::instrument, "reference meter", "fewer than two readings in a window"};
  mean.active = ActivePower{active / n};
  mean.apparent = ApparentPower{apparent / n};
  co_return mean;
}

}  // namespace blondel
