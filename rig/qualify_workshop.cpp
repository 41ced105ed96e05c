#include "rig/qualify_workshop.hpp"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <sstream>

#include "reports/sha256.hpp"
#include "reports/whole_file.hpp"

namespace blondel {

namespace {

/// Wall-clock seconds after which the system ends a run: a hundred times what one needs.
constexpr unsigned longest_run_s = 300;

std::string ended_by(int status) {
  if (WIFSIGNALED(status)) return fmt::format("the run's process was ended by signal {}", WTERMSIG(status));
  return fmt::format("the run's process ended with {} and left no result; standard error has its words",
                     WEXITSTATUS(status));
}

bool as_it_should_be(const QualifyCase& c, const CaseResult& result) {
  using Kind = QualifyCase::Kind;
  if (c.kind == Kind::probe) return true;
  return c.kind == Kind::fault ? result.verdict != Verdict::pass : result.verdict == Verdict::pass;
}

/// The seal of a result, so that one which was altered or cut is known. Its text is read as it was written: numbers in
/// their shortest form, words in valid UTF-8.
std::string text_of(const nlohmann::ordered_json& json) {
  return json.dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::string sealed(const nlohmann::ordered_json& json) {
  auto whole = json;
  whole["sha256"] = sha256_hex(text_of(json));
  return text_of(whole);
}

/// Why a run could not begin, and whether that is an answer: of a bench that is broken it is, and a safe one. Of files
/// and disks it is our own trouble.
bool is_an_answer(const Failure& failure) {
  const auto fault = failure.error.fault;
  return fault != Fault::usage && fault != Fault::malformed && fault != Fault::storage;
}

/// The child: leaves a result in the file, or a word on standard error and an exit code that is not 0.
void work(const QualifyWorkshop::Files& files, const QualifyCase& c, const std::filesystem::path& file) {
  ::alarm(longest_run_s);
  int code = 0;
  try {
    std::string journal;
    CaseResult result;
    try {
      run_case({files.plan, files.plan_hash}, {files.bench, files.bench_hash}, c, journal);
      result = distil(journal);
    } catch (const Failure& failure) {
      if (!is_an_answer(failure)) throw;
      result.why = failure.what();
      result.steps.push_back({"before the steps", Verdict::error});
    }
    if (!as_it_should_be(c, result)) write_whole_file(std::filesystem::path{file}.replace_extension(".jsonl"), journal);
    write_whole_file(file, sealed({{"case", to_json(c)}, {"result", to_json(result)}}));
  } catch (const std::exception& failure) {
    fmt::print(stderr, "blondel: {}: {}\n", c.name, failure.what());
    code = 1;
  }
  std::fflush(nullptr);
  ::_exit(code);
}

}  // namespace

QualifyWorkshop::QualifyWorkshop(Files files, unsigned processes)
    : files_{std::move(files)}, at_a_time_{std::max(1u, processes)} {
  std::error_code failed;
  std::filesystem::create_directories(files_.results, failed);
  if (failed)
    throw Failure{Fault::storage, files_.results.string(), "the folder could not be made: " + failed.message()};
}

std::filesystem::path QualifyWorkshop::file_of(const QualifyCase& c) const {
  return files_.results / (sha256_hex(files_.identity + to_json(c).dump()).substr(0, 20) + ".json");
}

std::optional<CaseResult> QualifyWorkshop::read(const QualifyCase& c) {
  const auto file = file_of(c);
  std::error_code failed;
  if (!std::filesystem::exists(file, failed)) return std::nullopt;
  std::ifstream stream{file, std::ios::binary};
  std::ostringstream text;
  text << stream.rdbuf();
  try {
    auto json = nlohmann::ordered_json::parse(text.str());
    const auto seal = json.at("sha256").get<std::string>();
    json.erase("sha256");
    if (seal == sha256_hex(text_of(json)) && json.at("case") == to_json(c)) return case_result_from(json.at("result"));
  } catch (const nlohmann::json::exception&) {
    // Cut, or not ours.
  } catch (const std::logic_error&) {
    // A word that is none of ours.
  }
  damaged_.push_back(file.string());
  std::filesystem::remove_all(file, failed);
  if (failed)
    throw Failure{Fault::storage, file.string(), "this is no result and cannot be removed: " + failed.message()};
  return std::nullopt;
}

CaseResult QualifyWorkshop::result_of(const QualifyCase& c, int status) {
  if (auto result = read(c)) return *result;
  CaseResult result;
  result.died = true;
  result.why = ended_by(status);
  return result;
}

std::vector<std::optional<CaseResult>> QualifyWorkshop::run(const std::vector<QualifyCase>& cases,
                                                            const Report& report) {
  std::vector<std::optional<CaseResult>> results(cases.size());
  std::size_t done = 0;
  const auto keep = [&](std::size_t i, CaseResult result) {
    results[i] = std::move(result);
    report(cases[i], *results[i], ++done, cases.size());
  };
  const auto collect_one = [&] {
    if (const auto ended = processes_.next()) keep(ended->job, result_of(cases[ended->job], ended->status));
  };
  for (std::size_t i = 0; i < cases.size(); ++i) {
    if (auto known = read(cases[i])) {
      keep(i, std::move(*known));
      continue;
    }
    while (processes_.running() >= at_a_time_) collect_one();
    if (!stopped()) processes_.start(i, [&] { work(files_, cases[i], file_of(cases[i])); });
  }
  while (processes_.running() > 0) collect_one();
  return results;
}

}  // namespace blondel
