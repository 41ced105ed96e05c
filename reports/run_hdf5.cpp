#include "reports/run_hdf5.hpp"

#include <fmt/format.h>

#include "reports/hdf5_file.hpp"
#include "reports/hdf5_sources.hpp"
#include "reports/hdf5_tables.hpp"
#include "reports/run_folder.hpp"

namespace blondel {
namespace {

constexpr std::int64_t format_version = 1;

void write_head(Hdf5Group& root, const RunView& run) {
  root.attribute_text("format", "blondel run");
  root.attribute_integer("format_version", format_version);
  root.attribute_text("verdict", name(run.verdict));
  root.attribute_text("why", run.why);
  root.attribute_integer("exit_code", run.exit_code);
  root.attribute_flag("complete", run.complete);
  root.attribute_text("program_version", run.version);
  root.attribute_text("meter", run.meter);
  root.attribute_text("seed", run.seed);
  root.attribute_text("decision_rule", run.decision_rule);
  root.attribute_text("on_fail", run.on_fail);
  root.attribute_integer("journal_records", static_cast<std::int64_t>(run.records));
  root.attribute_text("journal_last_hash", run.last_hash);
  if (!run.began_wall.empty()) root.attribute_text("began_wall", run.began_wall);
  if (!run.ended_wall.empty()) root.attribute_text("ended_wall", run.ended_wall);
}

}  // namespace

std::string run_hdf5(const RunRecord& record, const RunView& run, const std::filesystem::path& folder) {
  const auto places = RunFolder::of(folder);
  Hdf5File file{places.hdf5().string()};
  auto root = file.root();
  write_head(root, run);
  write_sources(root, run, places);
  write_view_tables(root, run);
  write_record_tables(root, record);
  auto notes = run.notes;
  write_captures(root, places, notes);
  root.texts("not_covered", run.not_covered);
  root.texts("notes", notes);
  return file.bytes();
}

}  // namespace blondel
