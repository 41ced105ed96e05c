#include "rig/class_test/reference_watch.hpp"

#include <cmath>

namespace blondel {

using namespace std::chrono_literals;

Task<void> ReferenceWatch::watch(Time end) {
  const auto before = readings_.size();
  // A reading takes up to two integration times of one second; the last one must end within the window.
  while (run_.clock.now() + 2200ms <= end) {
    const auto elements = co_await run_.bench.reference().next_power(
        energy_ == MeteredEnergy::active ? PowerKind::active : PowerKind::reactive);
    readings_.push_back(elements[0] + elements[1] + elements[2]);
  }
  if (readings_.size() < before + 2)
    throw Failure{Fault::instrument, "reference meter", "fewer than two readings in a window"};
}

ReferenceWatch::Mean ReferenceWatch::mean() const {
  const auto spread = value_or_throw(repeatability(readings_));
  Mean mean;
  mean.power = std::abs(spread.mean);
  mean.spread = {1, mean.power > 0 ? spread.standard_deviation / mean.power : 0, spread.readings};
  return mean;
}

}  // namespace blondel
