#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "references/error.hpp"
#include "reports/record_sink.hpp"

namespace blondel {

/// When commit() makes sure of what was written. Where nothing is energised, as in a simulation, a loss of power costs
/// no more than another run, and to wait for the disk hundreds of times costs more than the simulation.
enum class Commits { at_once, at_close };

/// The truth about a run: append-only JSON lines, each chained to the one before by its hash (README.md has the format
/// and the kinds). Lines hold bench time only, so that the same run gives the same bytes; wall-clock stamps and facts
/// about the host stand beside them in a second file, keyed by record.
class Journal {
 public:
  /// @param journal     takes the record
  /// @param meta        takes the wall-clock stamps; may be null
  /// @param wall_stamp  says what the clock on the wall shows, ISO 8601 with zone
  Journal(std::unique_ptr<RecordSink> journal, std::unique_ptr<RecordSink> meta,
          std::function<std::string()> wall_stamp, Commits commits = Commits::at_once);

  /// Appends one record. It is in the hands of the system when this returns, and on the disk after commit().
  /// A number that is not finite is written as null, and the record then lists its place under "not_finite" (JSON
  /// pointers, RFC 6901). Text that is not UTF-8 gets U+FFFD in place of the bytes that are not.
  /// @param kind    one of the kinds in README.md
  /// @param bench_time_ns  since the start of the run
  /// @param fields  an object, or null for none
  /// @throws Failure (Fault::storage) when it could not be written, and from then on at every call.
  /// @throws std::logic_error after close(), for a reserved field name, or for a record past the line limit.
  void add(std::string_view kind, std::int64_t bench_time_ns, nlohmann::ordered_json fields);

  /// Writes facts about the host, the operator or the station beside the record that comes next.
  void add_host_facts(nlohmann::ordered_json facts);

  /// Returns once every record so far will outlive a loss of power; with Commits::at_close, does nothing before
  /// close(). @throws Failure (Fault::storage).
  void commit();

  /// Appends the record "closed" with the count and the hash of what came before, and commits. Again: does nothing.
  void close();

  /// Records written so far.
  std::uint64_t count() const { return count_; }
  /// The hash of the last record; 64 zeros before the first.
  std::string last_hash() const { return last_hash_; }

 private:
  void write(std::string_view kind, std::int64_t bench_time_ns, nlohmann::ordered_json fields);
  void refuse_after_failure() const;
  template <class Action>
  void guarded(Action action);

  std::unique_ptr<RecordSink> journal_;
  std::unique_ptr<RecordSink> meta_;
  std::function<std::string()> wall_stamp_;
  Commits commits_;
  std::uint64_t count_ = 0;
  std::string last_hash_;
  std::int64_t last_time_ns_ = 0;
  bool closed_ = false;
  std::optional<Error> failed_;
};

}  // namespace blondel
