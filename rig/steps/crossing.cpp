#include "rig/steps/crossing.hpp"

namespace blondel {

Task<Crossing> watch_crossing(Run& run, Time since, std::function<bool(const ReferenceReading&)> beyond,
                              std::string mark, Time end) {
  Crossing crossing{since, since};
  while (run.clock.now() < end) {
    const auto reading = co_await run.bench.reference().next();
    crossing.latest = reading.to;
    if (beyond(reading)) co_return crossing;
    crossing.earliest = reading.from;
  }
  // A source that has tripped would look like one that is slow.
  co_await run.bench.source().check();
  throw Failure{Fault::instrument, "stimulus", "the output did not reach " + mark + " in time"};
}

}  // namespace blondel
