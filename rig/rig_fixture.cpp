#include "rig/rig_fixture.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "drivers/time/background.hpp"
#include "drivers/time/virtual_clock.hpp"
#include "reports/journal.hpp"
#include "rig/progress.hpp"

namespace blondel {

namespace {

Task<void> stop_at(Clock& clock, Time at, Executive& executive) {
  co_await clock.pause_until(at, {}, "the operator's finger");
  executive.stop("stopped by the operator");
}

}  // namespace

RigTest::Outcome RigTest::run(const std::string& plan_text, const std::string& bench_text, Options options) {
  const auto plan = load_plan(file_with("plan.yaml", plan_text));
  auto bench_file = load_bench(file_with("bench.yaml", bench_text));
  auto world = world_of(bench_file, "", options.seed);
  Bench bench{std::move(bench_file), *world.around};
  if (options.before) options.before(*world.simulated);

  Outcome outcome;
  std::unique_ptr<RecordSink> sink = std::make_unique<MemorySink>(outcome.journal);
  if (options.room_on_disk) sink = std::make_unique<LimitedSink>(outcome.journal, *options.room_on_disk);
  Journal journal{std::move(sink), nullptr, [] { return std::string{}; }};
  const auto progress = make_progress(ProgressKind::quiet);

  std::vector<Position> judged;
  for (const int number : options.positions) {
    Position position;
    position.number = number;
    position.serial = bench.file().sockets.at(static_cast<std::size_t>(number) - 1).serial;
    bench.open_socket(number);
    position.meter = &bench.meter(number);
    position.pulses = &bench.pulses(number);
    position.alarm = bench.alarm(number);
    judged.push_back(std::move(position));
  }
  Executive executive{*world.clock, plan, bench, journal, *progress, std::move(judged)};
  executive.keep_waveforms(folder() / "waveforms");
  {
    Background operators{*world.clock};
    if (options.stop_after) operators.spawn(stop_at(*world.clock, Time{*options.stop_after}, executive));
    world.clock->run(executive.run());
  }
  outcome.ending = executive.ending();
  outcome.positions = executive.positions();
  outcome.bench_time = world.clock->now().time_since_epoch();
  outcome.source_dead = world.simulated->circuit().dead(world.clock->now());
  outcome.all_dark = true;
  for (int position = 1; position <= world.simulated->positions(); ++position)
    // A relay that has just been told needs the circuit's notice to open.
    if (world.simulated->circuit().control_power(position, world.clock->now() + sim::Circuit::notice))
      outcome.all_dark = false;
  outcome.jumps = static_cast<VirtualClock&>(*world.clock).jumps();
  try {
    journal.close();
  } catch (const Failure&) {
    // The disk is full; that is what the test is about.
  }
  return outcome;
}

std::vector<nlohmann::ordered_json> RigTest::records(const Outcome& outcome, const std::string& kind) {
  std::vector<nlohmann::ordered_json> found;
  std::istringstream lines{outcome.journal};
  for (std::string line; std::getline(lines, line);) {
    auto record = nlohmann::ordered_json::parse(line, nullptr, false);
    if (!record.is_discarded() && record.at("kind") == kind) found.push_back(std::move(record));
  }
  return found;
}

std::string RigTest::text_of(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  EXPECT_TRUE(file) << path;
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string RigTest::bench_text() {
  const std::string name = "certificates/";
  const auto here = std::filesystem::absolute("testplans/benches/" + name).string();
  auto text = text_of("testplans/benches/simulated.yaml");
  for (auto at = text.find(name); at != std::string::npos; at = text.find(name, at + here.size()))
    text.replace(at, name.size(), here);
  return text;
}

std::string RigTest::with(std::string text, const std::string& part, const std::string& other) {
  const auto at = text.find(part);
  EXPECT_NE(at, std::string::npos) << part;
  return at == std::string::npos ? text : text.replace(at, part.size(), other);
}

std::filesystem::path RigTest::folder() {
  const auto* info = testing::UnitTest::GetInstance()->current_test_info();
  return std::filesystem::path{testing::TempDir()} / fmt::format("blondel_rig_test_{}", ::getpid()) /
         info->test_suite_name() / info->name();
}

RigTest::~RigTest() {
  std::error_code ignored;
  std::filesystem::remove_all(folder(), ignored);
}

std::string RigTest::file_with(const std::string& name, const std::string& text) {
  const auto folder = RigTest::folder();
  std::filesystem::create_directories(folder);
  const auto path = folder / name;
  std::ofstream file{path, std::ios::binary};
  file << text;
  file.close();
  EXPECT_TRUE(file) << path;
  return path.string();
}

}  // namespace blondel
