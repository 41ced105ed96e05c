#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "references/error.hpp"

namespace blondel {

/// One line of a journal.
struct Record {
  std::uint64_t number{};        ///< "n", counted from 0
  std::int64_t bench_time_ns{};  ///< "t"
  std::string kind;
  nlohmann::ordered_json fields;  ///< the whole line as an object, "prev" and "hash" included
};

/// A journal whose hashes and chain have been checked, and what stood beside it.
struct RunRecord {
  std::filesystem::path journal;
  std::vector<Record> records;
  std::string last_hash;  ///< of the last whole record; 64 zeros when there is none
  bool complete = false;  ///< ended by "closed" with the right count and hash, and nothing behind it
  bool torn = false;      ///< the last line was cut short, as a full disk or a loss of power leaves it
  std::map<std::uint64_t, std::string> wall;  ///< what the clock on the wall showed at a record, from run.meta.jsonl
  std::map<std::uint64_t, nlohmann::ordered_json> host;  ///< facts about the host, keyed by the record that followed
  std::vector<std::string> notes;  ///< what a reader should be told: torn, not closed, a damaged meta file
};

/// Reads a run and checks every line of it. A last line that was cut short and a missing "closed" are tolerated and
/// told; everything else that is not as written is an error that names the line.
/// Memory is bounded: by the limits in journal_format.hpp on the file, on a line, on nesting and on values a line.
/// @param path  the run's folder, or its journal.jsonl
/// @returns Fault::storage when it cannot be read, Fault::malformed ("…/journal.jsonl:17") when it is not a journal
///          or was changed after it was written
Result<RunRecord> read_run(const std::filesystem::path& path);

}  // namespace blondel
