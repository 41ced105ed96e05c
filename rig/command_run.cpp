#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <csignal>
#include <filesystem>
#include <map>
#include <set>

#include "drivers/sim/meter/meter_process.hpp"
#include "drivers/time/wall_stamp.hpp"
#include "reports/journal_reader.hpp"
#include "reports/run_folder.hpp"
#include "reports/sha256.hpp"
#include "reports/text_summary.hpp"
#include "reports/visible_text.hpp"
#include "reports/whole_file.hpp"
#include "rig/commands.hpp"
#include "rig/executive.hpp"
#include "rig/lint.hpp"
#include "rig/stop_signals.hpp"
#include "rig/surroundings_of.hpp"
#include "rig/write_reports.hpp"

namespace blondel {

std::vector<std::string> split_serials(const std::string& text) {
  std::vector<std::string> serials(1);
  for (const char c : text)
    if (c == ',')
      serials.emplace_back();
    else
      serials.back() += c;
  return serials;
}

namespace {

/// What a label carries and a scanner reads; a line feed in it is a mistake of the scanner's set-up.
constexpr std::size_t longest_serial = 64;

void check_serial(const std::string& serial) {
  const auto blank = [](char c) { return std::isspace(static_cast<unsigned char>(c)) != 0; };
  if (serial.empty() || blank(serial.front()) || blank(serial.back()))
    throw Failure{Fault::usage, "--serial",
                  fmt::format("expected serial numbers without blanks around them, found '{}'", visible_text(serial))};
  if (std::ranges::any_of(serial, [](char c) { return std::iscntrl(static_cast<unsigned char>(c)) != 0; }))
    throw Failure{Fault::usage, "--serial",
                  fmt::format("expected serial numbers of printable characters, found '{}'", visible_text(serial))};
  if (serial.size() > longest_serial)
    throw Failure{Fault::usage, "--serial",
                  fmt::format("expected at most {} characters, found {}", longest_serial, serial.size())};
}

std::vector<Position> judged_positions(const RunRequest& request, const BenchFile& bench) {
  std::vector<int> numbers = request.positions;
  if (numbers.empty())
    for (const auto& socket : bench.sockets) numbers.push_back(socket.position);
  std::ranges::sort(numbers);
  if (std::ranges::adjacent_find(numbers) != numbers.end())
    throw Failure{Fault::usage, "--positions", "a position stands twice"};
  const int most = static_cast<int>(bench.sockets.size());
  for (const int number : numbers)
    if (number < 1 || number > most)
      throw Failure{Fault::usage, "--positions", fmt::format("expected 1 to {}, found {}", most, number)};
  if (!request.serials.empty() && request.serials.size() != numbers.size())
    throw Failure{Fault::usage, "--serial",
                  fmt::format("expected {} serial numbers, one a judged position, found {}", numbers.size(),
                              request.serials.size())};

  std::vector<Position> judged;
  std::set<std::string> seen;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    Position position;
    position.number = numbers[i];
    position.serial =
        request.serials.empty() ? bench.sockets[static_cast<std::size_t>(numbers[i]) - 1].serial : request.serials[i];
    if (!request.serials.empty()) check_serial(position.serial);
    if (!position.serial.empty() && !seen.insert(position.serial).second)
      throw Failure{Fault::usage, "--serial", fmt::format("serial number '{}' stands twice", position.serial)};
    judged.push_back(std::move(position));
  }
  return judged;
}

/// The first name under runs/ that is free: the date and time, and a number when somebody was as quick.
std::string fresh_folder() {
  auto stamp = wall_stamp().substr(0, 19);
  std::ranges::replace(stamp, ':', '-');
  for (int i = 1;; ++i) {
    auto path = fmt::format("runs/{}{}", stamp, i == 1 ? "" : fmt::format("-{}", i));
    if (!std::filesystem::exists(path)) return path;
  }
}

using Builds = std::map<int, sim::BuildFile>;  ///< by position; none on a bench of real meters

Builds builds_of(const BenchWorld& world) {
  Builds builds;
  if (world.simulated)
    for (int position = 1; position <= world.simulated->positions(); ++position)
      builds[position] = world.simulated->build(position);
  return builds;
}

/// Which binary is judged: its hash stands in the journal, its path on this machine beside it.
nlohmann::ordered_json hashed(const sim::BuildFile& build, std::map<std::string, std::string>& known) {
  const std::filesystem::path path{build.path};
  auto& hash = known[build.path];
  if (hash.empty()) hash = value_or_throw(sha256_of_file(path));
  return {{"file", path.filename().string()}, {"sha256", hash}};
}

/// The names that builds give themselves are known once they have run.
void write_builds(Journal& journal, const BenchWorld& world, const Builds& builds) {
  const auto now = world.clock->now().time_since_epoch().count();
  for (const auto& [position, build] : builds) {
    const auto name = world.simulated->meter(position).build_name();
    if (!name.empty()) journal.add("build", now, {{"position", position}, {"name", name}});
  }
}

void write_head(Journal& journal, const RunRequest& request, const Plan& plan, const BenchFile& bench,
                const LintResult& looked, const std::vector<Position>& judged, const Builds& builds) {
  const auto file = [](const std::string& name, const std::string& path, const std::string& text) {
    return nlohmann::ordered_json{
        {"name", name}, {"file", std::filesystem::path{path}.filename().string()}, {"sha256", sha256_hex(text)}};
  };
  nlohmann::ordered_json positions = nlohmann::ordered_json::array();
  std::map<std::string, std::string> hashes;
  nlohmann::ordered_json paths = nlohmann::ordered_json::object();
  for (const auto& socket : bench.sockets) {
    const auto is_here = [&](const Position& p) { return p.number == socket.position; };
    nlohmann::ordered_json one = {{"position", socket.position}, {"judged", std::ranges::any_of(judged, is_here)}};
    if (const auto build = builds.find(socket.position); build != builds.end()) {
      one["build"] = hashed(build->second, hashes);
      paths[std::to_string(socket.position)] = build->second.path;
    }
    positions.push_back(std::move(one));
  }
  nlohmann::ordered_json fields = {{"plan", file(plan.name, plan.path, plan.text)},
                                   {"bench", file(bench.name, bench.path, bench.text)},
                                   {"meter", bench.meter},
                                   {"seed", request.seed},
                                   {"version", BLONDEL_VERSION},
                                   {"decision_rule", name(plan.rule)},
                                   {"on_fail", plan.on_fail == Plan::OnFail::stop ? "stop" : "go on"},
                                   {"leave_meter", plan.leave == Plan::Leave::shipping ? "shipping" : "as found"},
                                   {"predicted_s", in_seconds(looked.predicted)},
                                   {"positions", std::move(positions)},
                                   {"not_covered", looked.findings.not_covered()}};
  if (hashes.size() == 1) fields["firmware"] = hashed(builds.begin()->second, hashes);
  if (!paths.empty()) journal.add_host_facts({{"builds", std::move(paths)}});
  journal.add("run", 0, std::move(fields));
  for (const auto& covered : looked.findings.classes) journal.add("class_coverage", 0, covered.record());
  if (!builds.empty() && !sim::meters_can_be_confined())
    journal.add("event", 0,
                {{"level", "warning"},
                 {"text", "this kernel has no seccomp filters: firmware builds are held by limits of resources only"}});
  journal.commit();
}

/// Runs the plan; what happens on the bench is in the ending.
Ending execute(const Plan& plan, Bench& bench, Journal& journal, BenchWorld& world, Progress& progress,
               std::vector<Position> judged, const std::filesystem::path& waveforms) {
  Executive executive{*world.clock, plan, bench, journal, progress, std::move(judged)};
  executive.keep_waveforms(waveforms);
  const StopSignals signals{*world.clock, [&executive, &world](std::string why) {
                              // Bench time, and with it the way down, waits for a build that hangs.
                              if (world.simulated) world.simulated->hurry();
                              executive.stop(std::move(why));
                            }};
  world.clock->run(executive.run());
  return executive.ending();
}

/// Makes the reports from the journal and says where everything is.
void show_result(const RunRequest& request, const RunFolder& folder, const Ending& ending) {
  const auto record = value_or_throw(read_run(folder.path()));
  const auto view = value_or_throw(view_of(record));
  const bool words = request.progress != ProgressKind::json;
  if (words) fmt::print("{}", text_summary(view));
  const auto written = write_reports(folder.path(), record, view);
  if (words) {
    fmt::print("record: {}\nreport: {}\n", folder.journal().string(), written.front().string());
    return;
  }
  const nlohmann::ordered_json result = {{"event", "result"},
                                         {"verdict", name(ending.verdict)},
                                         {"why", ending.why},
                                         {"exit_code", ending.exit_code},
                                         {"proved_off", ending.proved_off},
                                         {"record", folder.journal().string()},
                                         {"report", written.front().string()}};
  fmt::print("{}\n", result.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace));
}

}  // namespace

int run_command(const RunRequest& request) {
  const auto plan = load_plan(request.plan);
  auto bench_file = load_bench(request.bench);
  auto judged = judged_positions(request, bench_file);
  auto world = world_of(bench_file, request.firmware, request.seed);
  Bench bench{std::move(bench_file), *world.around};

  const auto looked = lint(plan, bench);
  if (!looked.findings.refusals.empty()) {
    for (const auto& r : looked.findings.refusals)
      fmt::print(stderr, "blondel: {}: {} ({})\n", r.where, r.what, name(r.fault));
    return looked.exit_code();
  }

  // A port that is not there keeps the run from beginning: nothing is energised, and no record is begun.
  for (auto& position : judged) {
    bench.open_socket(position.number);
    position.meter = &bench.meter(position.number);
    position.pulses = &bench.pulses(position.number);
    position.alarm = bench.alarm(position.number);
  }
  const auto folder = RunFolder::create(request.out.empty() ? fresh_folder() : request.out);
  const auto progress = make_progress(request.progress);
  Ending ending;
  {
    Journal journal{std::make_unique<FileSink>(folder.journal()), std::make_unique<FileSink>(folder.meta()), wall_stamp,
                    bench.file().simulation ? Commits::at_close : Commits::at_once};
    write_whole_file(folder.plan(), plan.text);
    write_whole_file(folder.bench(), bench.file().text);
    const auto builds = builds_of(world);
    write_head(journal, request, plan, bench.file(), looked, judged, builds);
    progress->begins(fmt::format("{} on {}, {} meters", plan.name, bench.file().name, judged.size()), looked.predicted);
    ending = execute(plan, bench, journal, world, *progress, judged, folder.waveforms());
    progress->ends();
    // The bench is safe; what is left is writing, and worth waiting for.
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT}) std::signal(number, SIG_IGN);
    try {
      write_builds(journal, world, builds);
      journal.close();
    } catch (const Failure&) {
      // Storage has failed before and is the ending's reason already.
    }
  }

  // Before anything that may fail: nothing outranks an energised source.
  if (ending.touched && !ending.proved_off)
    fmt::print(stderr, "blondel: DANGER: the source was not proved to be off\n");
  try {
    show_result(request, folder, ending);
  } catch (const std::exception& failure) {
    fmt::print(stderr, "blondel: {} ({}); the reports could not be made: {}\n", name(ending.verdict), ending.why,
               failure.what());
    if (ending.exit_code == 0) ending.exit_code = exit_code_of(Fault::storage);
  }
  return ending.exit_code;
}

}  // namespace blondel
