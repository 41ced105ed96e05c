#include "rig/write_reports.hpp"

#include <fmt/format.h>

#include <fstream>

#include "reports/html_report.hpp"
#include "reports/junit.hpp"

namespace blondel {

namespace {

/// Whole or not at all: a half report in place of a good one would be worse than none.
void replace(const std::filesystem::path& path, const std::string& text) {
  auto beside = path;
  beside += ".new";
  std::ofstream file{beside, std::ios::binary | std::ios::trunc};
  file << text;
  file.close();
  std::error_code error;
  if (file) std::filesystem::rename(beside, path, error);
  if (!file || error) {
    std::error_code ignored;
    std::filesystem::remove(beside, ignored);
    throw Failure{Fault::storage, path.string(), "could not be written"};
  }
}

}  // namespace

std::vector<std::filesystem::path> write_reports(const std::filesystem::path& run, const RunView& view) {
  const auto folder = std::filesystem::is_directory(run) ? run : run.parent_path();
  const auto html = folder / "report.html";
  const auto junit = folder / "junit.xml";
  replace(html, html_report(view));
  replace(junit, junit_xml(view));
  return {html, junit};
}

}  // namespace blondel
