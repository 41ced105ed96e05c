#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "drivers/control_power/control_power.hpp"
#include "drivers/meters/meter.hpp"
#include "drivers/reference_meters/reference_meter.hpp"
#include "drivers/sim/bench/fault_catalogue.hpp"
#include "references/standards/data_sheet.hpp"
#include "references/standards/standard_list.hpp"
#include "rig/commands.hpp"
#include "rig/step.hpp"
#include "rig/step_block.hpp"

namespace blondel {

namespace {

struct Entry {
  std::string role, name, summary;
};

template <class Maker>
void append(std::vector<Entry>& all, const Catalog<Maker>& catalog) {
  for (const auto& line : catalog.lines()) all.push_back({catalog.role(), line.name, line.summary});
}

}  // namespace

int list_command(const std::string& what, bool json) {
  std::vector<Entry> all;
  if (what == "steps") {
    append(all, steps());
    append(all, step_blocks());
  } else if (what == "drivers") {
    append(all, ac_sources());
    append(all, reference_meters());
    append(all, meters());
    append(all, control_powers());
  } else if (what == "faults") {
    for (const auto& f : sim::fault_catalogue())
      all.push_back({f.part, f.name,
                     fmt::format("{}; {}{}", f.statement, f.reference,
                                 f.unit.empty() ? "" : fmt::format(" (size in {})", f.unit))});
  } else if (what == "standards") {
    for (const auto& e : StandardList::ours().entries()) {
      std::string marks;
      for (const auto& mark : known_marks())
        if (e.marks.contains(mark)) marks += fmt::format(" {} {},", mark, e.marks.at(mark));
      all.push_back(
          {"standard", e.name,
           fmt::format("{}{}, {} figures:{} {:.0f} % verified, {}", e.edition, e.is_default ? " (default)" : "",
                       e.figures, marks, 100 * e.verified_share(), e.path.filename().string())});
    }
    for (const auto& sheet : DataSheet::ours())
      all.push_back({"data sheet", sheet.meter(),
                     fmt::format("{}, {} statements, {}", sheet.edition(), sheet.statements().size(),
                                 std::filesystem::path{sheet.file()}.filename().string())});
  } else {
    throw Failure{Fault::usage, "list", fmt::format("expected steps, drivers, standards or faults, found '{}'", what)};
  }
  if (json) {
    nlohmann::ordered_json out = nlohmann::ordered_json::array();
    for (const auto& e : all) out.push_back({{"role", e.role}, {"name", e.name}, {"summary", e.summary}});
    std::puts(out.dump(2).c_str());
    return 0;
  }
  for (const auto& e : all) fmt::print("{:<16} {:<28} {}\n", e.role, e.name, e.summary);
  return 0;
}

}  // namespace blondel
