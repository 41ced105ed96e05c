#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "drivers/sim/bench/planned_fault.hpp"
#include "references/verdict.hpp"

namespace blondel {

/// One run of a plan against one meter or one bench fault.
struct QualifyCase {
  enum class Kind { good, probe, variant, fault, twin };

  Kind kind{};
  std::string name;  ///< "stale registers", "refusal: echo"
  std::uint64_t seed = 1;
  std::optional<sim::PlannedFault> fault;
  std::map<std::string, std::string> variants;
  std::vector<int> positions;  ///< judged
};

/// "good", "probe", ...
std::string name(QualifyCase::Kind kind);

/// Everything that tells a case from another, for its key.
nlohmann::ordered_json to_json(const QualifyCase& c);

/// A measured number that a fault could move.
struct JudgedNumber {
  std::string name;  ///< step, quantity, point and method
  double value{}, expanded_uncertainty{};
  std::optional<double> lower, upper;
};

/// What came of a case.
struct CaseResult {
  int exit_code = 3;
  Verdict verdict = Verdict::error;
  std::string why;
  struct StepEvidence {
    std::string step;
    Verdict worst = Verdict::pass;  ///< of what this step itself measured and found
  };
  std::vector<StepEvidence> steps;
  std::vector<JudgedNumber> numbers;
  std::string verdicts;  ///< hash over all verdicts of the record
  bool died = false;     ///< there is no record: the run's process ended without one; never kept

  bool any(Verdict verdict) const;
};

nlohmann::ordered_json to_json(const CaseResult& result);
CaseResult case_result_from(const nlohmann::ordered_json& json);

/// What a journal says that matters here. @param journal  JSON lines, as the journal writes them
CaseResult distil(const std::string& journal);

/// A file that people write, and what its text was when the qualification began.
struct FileAsItWas {
  std::string path, sha256;
};

/// Runs a case in this process, on the simulated bench of the bench file.
/// @param journal  gets the bytes of the record
/// @throws Failure when the run cannot begin; usage when plan or bench have been changed since.
void run_case(const FileAsItWas& plan, const FileAsItWas& bench, const QualifyCase& c, std::string& journal);

}  // namespace blondel
