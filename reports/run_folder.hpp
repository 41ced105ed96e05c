#pragma once

#include <filesystem>

namespace blondel {

/// The folder of one run, and what the files in it are called.
class RunFolder {
 public:
  /// Makes the folder, and those above it.
  /// @throws Failure: Fault::usage when something already stands there, for a record is never overwritten and never
  ///         mixed with another; Fault::storage when the folder cannot be made.
  static RunFolder create(const std::filesystem::path& path);
  /// The folder of a run that has been written. @param path  the folder, or its journal.jsonl
  static RunFolder of(const std::filesystem::path& path);

  std::filesystem::path path() const { return path_; }
  std::filesystem::path journal() const { return path_ / "journal.jsonl"; }
  std::filesystem::path meta() const { return path_ / "run.meta.jsonl"; }
  std::filesystem::path html() const { return path_ / "report.html"; }
  std::filesystem::path junit() const { return path_ / "junit.xml"; }
  std::filesystem::path hdf5() const { return path_ / "run.h5"; }
  std::filesystem::path waveforms() const { return path_ / "waveforms"; }  ///< captures, one file each
  std::filesystem::path plan() const { return path_ / "plan.yaml"; }       ///< the plan as it was run
  std::filesystem::path bench() const { return path_ / "bench.yaml"; }     ///< the bench as it was run

 private:
  explicit RunFolder(std::filesystem::path path) : path_{std::move(path)} {}
  std::filesystem::path path_;
};

}  // namespace blondel
