#include "drivers/sim/bench/link_faults.hpp"

#include <fmt/format.h>

namespace blondel::sim {

bool is_link_fault(const Settings& at) {
  const auto part = at.find("part");
  return part && part->text() == "link";
}

PlannedLinkFault read_link_fault(const Settings& at, int positions) {
  PlannedLinkFault planned;
  at.at("part").text();
  const auto position = at.at("position");
  if (position.integer() < 1 || position.integer() > positions)
    throw position.failure(fmt::format("expected 1 to {}", positions));
  planned.position = static_cast<int>(position.integer());
  const auto named = at.at("fault");
  const auto fault = line_fault(named.text());
  if (!fault) throw named.failure(fault.error().what);
  planned.fault = *fault;
  if (const auto when = at.find("at")) planned.at = Time{when->duration()};
  if (const auto rate = at.find("rate")) {
    planned.fault.rate = rate->ratio().si();
    if (!(planned.fault.rate > 0 && planned.fault.rate <= 1))
      throw rate->failure("expected more than 0 % and up to 100 %");
  }
  if (const auto times = at.find("times")) {
    if (times->integer() < 1 || times->integer() > 1'000'000) throw times->failure("expected 1 to 1000000");
    planned.fault.times = static_cast<int>(times->integer());
  }
  at.finish();
  return planned;
}

}  // namespace blondel::sim
