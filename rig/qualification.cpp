#include "rig/qualification.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "drivers/sim/bench/fault_catalogue.hpp"
#include "references/nearest_name.hpp"

namespace blondel {

std::vector<std::string> fault_names() {
  std::vector<std::string> names;
  for (const auto& fault : sim::fault_catalogue())
    names.push_back(fault.part == "meter" ? fault.name : fault.part + ": " + fault.name);
  return names;
}

Qualification read_qualification(const Settings& at) {
  Qualification q;
  if (const auto share = at.find("at_least")) {
    q.at_least = share->ratio().si();
    if (!(q.at_least >= 0 && q.at_least <= 1)) throw share->failure("expected 0 % to 100 %");
  }
  if (const auto most = at.find("false_alarms")) {
    if (most->integer() < 0 || most->integer() > 1'000'000) throw most->failure("expected a count, 0 or more");
    q.false_alarms = static_cast<int>(most->integer());
  }
  if (const auto list = at.find("survivors")) {
    q.names_survivors = true;
    const auto known = fault_names();
    for (const auto& item : list->items()) {
      const auto fault = item.at("fault"), because = item.at("because");
      Qualification::Survivor survivor{fault.text(), because.text()};
      item.finish();
      if (std::ranges::find(known, survivor.fault) == known.end())
        throw fault.failure(fmt::format("no fault is called '{}'{}; `blondel list faults` has them all", survivor.fault,
                                        hint(survivor.fault, known)));
      if (std::ranges::find(q.survivors, survivor.fault, &Qualification::Survivor::fault) != q.survivors.end())
        throw fault.failure(fmt::format("'{}' stands twice", survivor.fault));
      if (survivor.because.find_first_not_of(" \t\n") == std::string::npos) throw because.failure("expected a reason");
      q.survivors.push_back(std::move(survivor));
    }
  }
  at.finish();
  return q;
}

}  // namespace blondel
