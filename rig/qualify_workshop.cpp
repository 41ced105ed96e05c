#include "rig/qualify_workshop.hpp"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <map>
#include <sstream>

#include "reports/sha256.hpp"
#include "reports/whole_file.hpp"

namespace blondel {

namespace {

/// Wall-clock seconds after which the system ends a run: a hundred times what one needs.
constexpr unsigned longest_run_s = 300;

std::string ended_by(int status) {
  if (WIFSIGNALED(status)) return fmt::format("the run's process was ended by signal {}", WTERMSIG(status));
  return fmt::format("the run's process ended with {} and left no result", WEXITSTATUS(status));
}

bool as_it_should_be(const QualifyCase& c, const CaseResult& result) {
  using Kind = QualifyCase::Kind;
  if (c.kind == Kind::probe) return true;
  return c.kind == Kind::fault ? result.verdict != Verdict::pass : result.verdict == Verdict::pass;
}

/// The child: never returns to the caller's stack.
[[noreturn]] void work(const std::string& plan, const std::string& bench, const QualifyCase& c,
                       const std::filesystem::path& file) {
  ::alarm(longest_run_s);
  int code = 0;
  try {
    std::string journal;
    CaseResult result;
    try {
      run_case(plan, bench, c, journal);
      result = distil(journal);
    } catch (const Failure& failure) {
      // It could not even begin: for a fault of the bench that is an answer, and a safe one.
      result.why = failure.what();
      result.steps.push_back({"before the steps", Verdict::error});
    }
    if (!as_it_should_be(c, result)) write_whole_file(std::filesystem::path{file}.replace_extension(".jsonl"), journal);
    nlohmann::ordered_json json = {{"case", to_json(c)}, {"result", to_json(result)}};
    write_whole_file(file, json.dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "blondel: %s: %s\n", c.name.c_str(), failure.what());
    code = 1;
  }
  std::fflush(nullptr);
  ::_exit(code);
}

}  // namespace

QualifyWorkshop::QualifyWorkshop(Files files, unsigned processes)
    : files_{std::move(files)}, processes_{std::max(1u, processes)} {
  std::error_code failed;
  std::filesystem::create_directories(files_.results, failed);
  if (failed)
    throw Failure{Fault::storage, files_.results.string(), "the folder could not be made: " + failed.message()};
}

std::filesystem::path QualifyWorkshop::file_of(const QualifyCase& c) const {
  return files_.results / (sha256_hex(files_.identity + to_json(c).dump()).substr(0, 20) + ".json");
}

bool QualifyWorkshop::has(const QualifyCase& c) const {
  return std::filesystem::is_regular_file(file_of(c));
}

CaseResult QualifyWorkshop::read(const QualifyCase& c) const {
  std::ifstream stream{file_of(c), std::ios::binary};
  std::ostringstream text;
  text << stream.rdbuf();
  try {
    return case_result_from(nlohmann::ordered_json::parse(text.str()).at("result"));
  } catch (const nlohmann::json::exception& wrong) {
    throw Failure{
        Fault::malformed, file_of(c).string(),
        fmt::format("this is no result of a qualification ({}); remove it to have it made again", wrong.what())};
  }
}

std::vector<CaseResult> QualifyWorkshop::run(const std::vector<QualifyCase>& cases, const Report& report) {
  std::vector<CaseResult> results(cases.size());
  std::map<pid_t, std::size_t> running;
  std::size_t done = 0;
  const auto ended = [&](std::size_t i) { report(cases[i], results[i], ++done, cases.size()); };
  const auto collect_one = [&] {
    int status = 0;
    pid_t pid;
    while ((pid = ::waitpid(-1, &status, 0)) < 0 && errno == EINTR) {
    }
    const auto found = running.find(pid);
    if (found == running.end()) return;
    const auto i = found->second;
    running.erase(found);
    if (has(cases[i]))
      results[i] = read(cases[i]);
    else
      results[i].why = ended_by(status);
    ended(i);
  };
  for (std::size_t i = 0; i < cases.size(); ++i) {
    if (has(cases[i])) {
      results[i] = read(cases[i]);
      ended(i);
      continue;
    }
    while (running.size() >= processes_) collect_one();
    // What is still in the buffers would be written by the child once more.
    std::fflush(nullptr);
    const pid_t pid = ::fork();
    if (pid < 0) throw Failure{Fault::storage, "qualify", std::string{"no process: "} + std::strerror(errno)};
    if (pid == 0) work(files_.plan, files_.bench, cases[i], file_of(cases[i]));
    running.emplace(pid, i);
  }
  while (!running.empty()) collect_one();
  return results;
}

}  // namespace blondel
