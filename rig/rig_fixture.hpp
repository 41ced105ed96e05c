#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "reports/journal_reader.hpp"
#include "rig/executive.hpp"
#include "rig/surroundings_of.hpp"

namespace blondel {

/// Under the sanitizers a run takes ten times as long: tests that tell one story at many instants tell every so many.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr int thinned = 6;
#else
inline constexpr int thinned = 1;
#endif

/// Runs a plan on the simulated bench in this process and keeps what came of it, for tests.
class RigTest : public testing::Test {
 public:
  /// How a run departs from the plain one.
  struct Options {
    std::uint64_t seed = 1;
    std::vector<int> positions = {1, 2, 3};
    std::optional<Duration> stop_after;                ///< the operator stops at this bench time
    std::optional<std::size_t> room_on_disk;           ///< bytes, then the disk is full
    std::function<void(sim::SimulatedBench&)> before;  ///< to break something
  };
  struct Outcome {
    Ending ending;
    std::vector<Position> positions;
    std::string journal;       ///< the bytes
    bool source_dead = false;  ///< at the end, by the circuit itself
    bool all_dark = false;     ///< at the end no position has control power, by the circuit itself
    Duration bench_time{};
    std::uint64_t jumps = 0;
  };

  /// @throws Failure when the run cannot begin.
  static Outcome run(const std::string& plan, const std::string& bench, Options options);
  static Outcome run(const std::string& plan, const std::string& bench) { return run(plan, bench, Options{}); }

  /// The records of a kind.
  static std::vector<nlohmann::ordered_json> records(const Outcome& outcome, const std::string& kind);
  static std::string text_of(const std::string& file);
  /// A text with one part replaced by another; the part must be there.
  static std::string with(std::string text, const std::string& part, const std::string& other);
  ~RigTest() override;
  /// A folder of this test alone, gone after it.
  static std::filesystem::path folder();
  /// A path to a file of this test with that text.
  static std::string file_with(const std::string& name, const std::string& text);

  /// The bench that is shipped, its certificates named so that they are found from anywhere, and a plan short enough to
  /// be run many times.
  static std::string bench_text();
  static std::string short_plan() { return text_of("rig/testdata/short.yaml"); }
};

}  // namespace blondel
