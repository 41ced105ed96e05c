#include "rig/write_reports.hpp"

#include "reports/html_report.hpp"
#include "reports/junit.hpp"
#include "reports/whole_file.hpp"

namespace blondel {

std::vector<std::filesystem::path> write_reports(const std::filesystem::path& run, const RunView& view) {
  const auto folder = std::filesystem::is_directory(run) ? run : run.parent_path();
  const auto html = folder / "report.html";
  const auto junit = folder / "junit.xml";
  write_whole_file(html, html_report(view));
  write_whole_file(junit, junit_xml(view));
  return {html, junit};
}

}  // namespace blondel
