// Writes a sample run of the tests into a new folder, or renders the reports of one that exists:
//   reports_sample write FOLDER | reports_sample write-classes FOLDER | reports_sample render FOLDER

#include <fmt/format.h>

#include <cstdio>
#include <string_view>

#include "reports/html_report.hpp"
#include "reports/junit.hpp"
#include "reports/run_folder.hpp"
#include "reports/run_hdf5.hpp"
#include "reports/testdata/class_run.hpp"
#include "reports/testdata/sample_run.hpp"
#include "reports/text_summary.hpp"
#include "reports/whole_file.hpp"

int main(int count, char** words) {
  using namespace blondel;
  if (count != 3) return 4;
  const std::filesystem::path path{words[2]};
  try {
    const std::string_view word{words[1]};
    if (word == "write" || word == "write-classes") {
      const auto folder = RunFolder::create(path);
      int stamp = 0;
      Journal journal{std::make_unique<FileSink>(folder.journal()), std::make_unique<FileSink>(folder.meta()),
                      [&stamp] {
                        ++stamp;
                        return fmt::format("2024-06-11T22:{:02}:{:02}+02:00", stamp / 60 % 60, stamp % 60);
                      }};
      journal.add_host_facts({{"host", "bench-pc-1"}, {"operator", "night shift"}});
      word == "write" ? write_sample_run(journal) : write_class_run(journal);
      return 0;
    }
    const auto record = value_or_throw(read_run(path));
    const auto view = value_or_throw(view_of(record));
    write_whole_file(path / "report.html", html_report(view));
    write_whole_file(path / "junit.xml", junit_xml(view));
    write_whole_file(path / "run.h5", run_hdf5(record, view, path));
    fmt::print("{}", text_summary(view));
    return 0;
  } catch (const Failure& failure) {
    fmt::print(stderr, "{}\n", failure.what());
    return 3;
  }
}
