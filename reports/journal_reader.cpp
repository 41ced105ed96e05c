#include "reports/journal_reader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "references/side_by_side.hpp"
#include "reports/checked_json.hpp"
#include "reports/journal_format.hpp"
#include "reports/line_reader.hpp"
#include "reports/sha256.hpp"

namespace blondel {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

tl::unexpected<Error> malformed(std::string where, std::string what) {
  return fail(Fault::malformed, std::move(where), std::move(what));
}

std::string at_line(const fs::path& file, std::uint64_t line) {
  return fmt::format("{}:{}", file.string(), line);
}

/// A file that may be opened without waiting for ever, and read without filling the memory.
Result<fs::path> readable(const fs::path& file) {
  std::error_code why;
  if (!fs::is_regular_file(file, why))
    return fail(Fault::storage, file.string(), why ? why.message() : "is not a file");
  const auto size = fs::file_size(file, why);
  if (why) return fail(Fault::storage, file.string(), why.message());
  if (size > journal_format::largest_file)
    return malformed(file.string(), fmt::format("is larger than {} bytes", journal_format::largest_file));
  return file;
}

/// The hash a line claims to have, if its own bytes have that hash.
Result<std::string> verified_hash(std::string_view line, const std::string& where) {
  using namespace journal_format;
  if (line.size() <= hash_member_size || !line.ends_with(hash_closing) ||
      line.substr(line.size() - hash_member_size, hash_opening.size()) != hash_opening)
    return malformed(where, "does not end with its hash");
  const auto claimed = line.substr(line.size() - hash_closing.size() - digest_digits, digest_digits);
  const auto body = std::string{line.substr(0, line.size() - hash_member_size)} + '}';
  if (sha256_hex(body) != claimed)
    return malformed(where, "its hash is wrong: the line was changed after it was written");
  return std::string{claimed};
}

/// What a line says by itself, apart from those around it.
struct ExaminedLine {
  Result<std::string> hash;
  Result<Json> fields;
};

ExaminedLine examine(const std::string& line, const std::string& where) {
  auto hash = verified_hash(line, where);
  if (!hash) return {hash, Json{}};
  return {std::move(hash), checked_json(line, where)};
}

/// Reads lines into a record, each against the one before.
class JournalCheck {
 public:
  explicit JournalCheck(RunRecord& run) : run_{run} { run_.last_hash = journal_format::first_prev(); }

  std::string where() const { return at_line(run_.journal, run_.records.size() + 1); }

  /// @returns the reason why this line does not belong here
  Result<void> take(ExaminedLine line) {
    const auto place = where();
    if (run_.complete) return malformed(place, "stands behind the record that closes the journal");
    if (!line.hash) return tl::unexpected{line.hash.error()};
    if (!line.fields) return tl::unexpected{line.fields.error()};
    const Json& fields = *line.fields;

    const auto is_whole = [&](const char* key) {
      constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
      if (!fields.contains(key) || !fields[key].is_number_integer()) return false;
      return fields[key].is_number_unsigned() && fields[key].get<std::uint64_t>() <= most;
    };
    const auto is_text = [&](const char* key) { return fields.contains(key) && fields[key].is_string(); };
    const auto number = static_cast<std::uint64_t>(run_.records.size());
    if (!is_whole("n") || fields["n"] != number) return malformed(place, fmt::format("\"n\" should be {}", number));
    if (!is_whole("t")) return malformed(place, "\"t\" should be a whole number of nanoseconds");
    if (!is_text("kind")) return malformed(place, "\"kind\" should be a text");
    if (!is_text("prev") || fields["prev"] != run_.last_hash)
      return malformed(place, "\"prev\" is not the hash of the line before: a line was taken out or put in");
    if (fields["kind"] == "closed") {
      if (!is_whole("count") || fields["count"] != number || !is_text("last_hash") ||
          fields["last_hash"] != run_.last_hash)
        return malformed(place, "closes another journal: its count or last hash is not this one's");
      run_.complete = true;
    }
    run_.last_hash = *line.hash;
    run_.records.push_back(
        {number, fields["t"].get<std::int64_t>(), fields["kind"].get<std::string>(), std::move(*line.fields)});
    return {};
  }

  /// A last line without its line feed: whole after all, or the beginning of the next record, or not ours.
  Result<void> take_tail(const std::string& tail) {
    if (verified_hash(tail, where())) return take(examine(tail, where()));
    const auto opening = fmt::format("{{\"n\":{},\"t\":", run_.records.size());
    const auto shared = std::min(opening.size(), tail.size());
    const bool begun = tail.compare(0, shared, opening, 0, shared) == 0;
    const bool blank = std::ranges::all_of(tail, [](char c) { return c == '\0'; });  // a block that was never filled
    if (run_.complete || (!begun && !blank)) return malformed(where(), "is not a line of this journal");
    run_.torn = true;
    return {};
  }

 private:
  RunRecord& run_;
};

/// The stamps beside the journal. They prove nothing, so a damaged file is a note and not an error.
void read_meta(RunRecord& run) {
  const auto file = run.journal.parent_path() / "run.meta.jsonl";
  std::error_code why;
  if (!fs::exists(file, why)) return;
  if (const auto may = readable(file); !may) return run.notes.push_back(may.error().where + ": " + may.error().what);
  LineReader lines{file, journal_format::largest_line};
  std::string line;
  for (std::uint64_t number = 1;; ++number) {
    const auto got = lines.next(line);
    if (got == LineReader::Got::end || got == LineReader::Got::tail) return;
    if (got == LineReader::Got::too_long) return run.notes.push_back(at_line(file, number) + ": is too long");
    const auto json = checked_json(line, at_line(file, number));
    if (!json || !json->contains("n") || !(*json)["n"].is_number_unsigned())
      return run.notes.push_back(at_line(file, number) + ": is damaged; wall-clock stamps from here on are missing");
    const auto record = (*json)["n"].get<std::uint64_t>();
    if (json->contains("host")) {
      run.host[record] = (*json)["host"];
    } else if (json->contains("wall") && (*json)["wall"].is_string()) {
      run.wall[record] = (*json)["wall"].get<std::string>();
    }
  }
}

}  // namespace

Result<RunRecord> read_run(const fs::path& path) {
  std::error_code why;
  RunRecord run;
  const auto may = readable(fs::is_directory(path, why) ? path / "journal.jsonl" : path);
  if (!may) return tl::unexpected{may.error()};
  run.journal = *may;

  LineReader lines{run.journal, journal_format::largest_line};
  if (!lines.opened()) return fail(Fault::storage, run.journal.string(), "cannot be opened");
  JournalCheck check{run};
  // So many at once, for a long journal shall not stand in memory twice.
  constexpr std::size_t most_bytes = 8'000'000;
  for (auto got = LineReader::Got::line; got == LineReader::Got::line;) {
    std::vector<std::string> some;
    std::string line;
    for (std::size_t bytes = 0; bytes < most_bytes && (got = lines.next(line)) == LineReader::Got::line;) {
      bytes += line.size();
      some.push_back(std::move(line));
    }
    // Which is most of what reading costs.
    auto examined = side_by_side(some.size(), [&, first = run.records.size() + 1](std::size_t i) {
      return examine(some[i], at_line(run.journal, first + i));
    });
    for (auto& one : examined)
      if (const auto taken = check.take(std::move(one)); !taken) return tl::unexpected{taken.error()};
    if (got == LineReader::Got::too_long)
      return malformed(check.where(), fmt::format("is longer than {} bytes", journal_format::largest_line));
    if (got == LineReader::Got::tail)
      if (const auto taken = check.take_tail(line); !taken) return tl::unexpected{taken.error()};
  }
  if (run.torn)
    run.notes.push_back(
        fmt::format("The last line of the record was cut short; {} records before it are whole.", run.records.size()));
  if (!run.complete)
    run.notes.push_back("The record was never closed: the run was cut off, or its end could not be written.");
  read_meta(run);
  return run;
}

}  // namespace blondel
