#include "rig/write_reports.hpp"

#include <future>

#include "reports/html_report.hpp"
#include "reports/junit.hpp"
#include "reports/run_folder.hpp"
#include "reports/run_hdf5.hpp"
#include "reports/whole_file.hpp"

namespace blondel {

std::vector<std::filesystem::path> write_reports(const std::filesystem::path& run, const RunRecord& record,
                                                 const RunView& view) {
  const auto folder = RunFolder::of(run);
  // The three share nothing but what they read.
  auto hdf5 =
      std::async(std::launch::async, [&] { write_whole_file(folder.hdf5(), run_hdf5(record, view, folder.path())); });
  write_whole_file(folder.html(), html_report(view));
  write_whole_file(folder.junit(), junit_xml(view));
  hdf5.get();
  return {folder.html(), folder.junit(), folder.hdf5()};
}

}  // namespace blondel
