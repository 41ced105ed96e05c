#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "rig/child_processes.hpp"
#include "rig/qualify_case.hpp"

namespace blondel {

/// Where the runs of a qualification are made: each in a process of its own, so many at a time, and each kept in a file
/// as soon as it has ended. What is there already is not run again, so a workshop that was stopped or killed loses what
/// was running and nothing else.
class QualifyWorkshop {
 public:
  struct Files {
    std::string plan, bench, plan_hash, bench_hash;
    std::filesystem::path results;  ///< a folder, made when it is not there; nobody else's (FolderLock)
    std::string identity;  ///< hash over plan, bench, certificates, program and builds: only its results are taken
  };
  /// Called when a case is done: how many are, of how many.
  using Report = std::function<void(const QualifyCase&, const CaseResult&, std::size_t done, std::size_t of)>;

  QualifyWorkshop(Files files, unsigned processes);

  /// Runs the cases that have no result yet, until a signal says stop. @returns a result for each that has one, in
  /// order. A process that died without one, or a plan or bench file that is no longer what it was, is an `error` that
  /// `died`; it is run again the next time.
  /// @pre this process has one thread: its children are forks of it
  std::vector<std::optional<CaseResult>> run(const std::vector<QualifyCase>& cases, const Report& report);

  /// Whether a signal has stopped the work.
  bool stopped() { return processes_.stop_asked(); }
  /// Results that could not be read and were made again.
  const std::vector<std::string>& damaged() const { return damaged_; }
  /// Where a case's result stands, and beside it (with the ending .jsonl) the record of one that went wrong.
  std::filesystem::path file_of(const QualifyCase& c) const;

 private:
  std::optional<CaseResult> read(const QualifyCase& c);
  CaseResult result_of(const QualifyCase& c, int status);

  Files files_;
  unsigned at_a_time_;
  ChildProcesses processes_;
  std::vector<std::string> damaged_;
};

}  // namespace blondel
