#include <fmt/format.h>

#include "reports/text_summary.hpp"
#include "rig/commands.hpp"
#include "rig/write_reports.hpp"

namespace blondel {

int report_command(const std::string& run, bool summary_only) {
  const auto record = value_or_throw(read_run(run));
  const auto view = value_or_throw(view_of(record));
  fmt::print("{}", text_summary(view));
  if (!summary_only)
    for (const auto& path : write_reports(run, record, view)) fmt::print("{}\n", path.string());
  return view.exit_code;
}

}  // namespace blondel
