#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "rig/qualify_case.hpp"

namespace blondel {

/// Where the runs of a qualification are made: each in a process of its own, so many at a time, and each kept in a file
/// as soon as it has ended. What is there already is not run again, so a workshop that was killed loses what was
/// running and nothing else.
class QualifyWorkshop {
 public:
  struct Files {
    std::string plan, bench;
    std::filesystem::path results;  ///< a folder, made when it is not there
    std::string identity;           ///< hash over plan, bench, program and builds: results of another are not taken
  };
  /// Called when a case is done: how many are, of how many.
  using Report = std::function<void(const QualifyCase&, const CaseResult&, std::size_t done, std::size_t of)>;

  QualifyWorkshop(Files files, unsigned processes);

  /// Runs the cases that have no result yet. @returns a result for each, in order; a process that died without one is
  /// an `error` that says so, and is run again the next time.
  /// @pre this process has one thread: its children are forks of it
  std::vector<CaseResult> run(const std::vector<QualifyCase>& cases, const Report& report);

  /// Whether a case's result stands in a file.
  bool has(const QualifyCase& c) const;
  /// Where a case's result stands, and beside it (with the ending .jsonl) the record of one that went wrong.
  std::filesystem::path file_of(const QualifyCase& c) const;

 private:
  CaseResult read(const QualifyCase& c) const;

  Files files_;
  unsigned processes_;
};

}  // namespace blondel
