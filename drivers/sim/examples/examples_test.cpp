#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "drivers/sim/meter/meter_on_port.hpp"
#include "references/error.hpp"

namespace blondel::sim {
namespace {

/// The line of the document for people that compiles the example, with another place for what comes out.
std::string documented_compilation(const std::string& out) {
  std::ifstream document{"docs/attach-a-firmware-build.md"};
  for (std::string line; std::getline(document, line);)
    if (const auto name = line.find("-o smallest_meter.so"); line.starts_with("cc ") && name != line.npos)
      return line.replace(name, std::strlen("-o smallest_meter.so"), "-o " + out);
  return {};
}

/// The smallest C meter, compiled as the document says, and the Python meter.
class Example : public testing::TestWithParam<const char*> {
 public:
  ~Example() override { std::filesystem::remove_all(folder_); }

  MeterSettings settings() {
    MeterSettings meter;
    meter.order = {1, 2};
    meter.serial = "E-1";
    meter.variant["one_third_volt"] = "0.333";
    std::string path = "drivers/sim/examples/python_meter.py";
    if (std::string{GetParam()} == "C") {
      std::filesystem::create_directories(folder_);
      path = (folder_ / "smallest_meter.so").string();
      const auto line = documented_compilation(path);
      EXPECT_NE(line, "");
      EXPECT_EQ(std::system(line.c_str()), 0) << line;
    }
    meter.build = value_or_throw(look_at_build(path, "test"));
    return meter;
  }

 private:
  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("blondel_examples_test_" + std::to_string(getpid()));
};

/// IEEE 754 single precision, high word first.
float float_at(const Bytes& answer, std::size_t at) {
  std::uint32_t bits = 0;
  for (std::size_t n = 0; n < 4; ++n) bits = bits << 8 | answer.at(at + n);
  float value{};
  std::memcpy(&value, &bits, 4);
  return value;
}

TEST_P(Example, ReadsWhatTheCircuitApplies) {
  VirtualClock clock;
  FakeInputs inputs;  // 230 V and 0.2 V of the current transformers in each phase, in phase
  Port port{clock, inputs, settings()};
  const auto script = [](Port& p) -> Task<void> {
    co_await p.clock.pause(4500ms);
    Bytes request{1, 3, 1, 14, 0, 4};  // 0x010E: average voltage and current
    auto answer = co_await p.ask(std::move(request));
    EXPECT_EQ(answer.size(), 13u);
    if (answer.size() != 13) co_return;
    const double amperes = 0.2 / 0.333 * 100;
    EXPECT_NEAR(float_at(answer, 3), 230, 230 * 1e-6);
    EXPECT_NEAR(float_at(answer, 7), amperes, amperes * 1e-5);
    Bytes power{1, 3, 1, 4, 0, 2};
    answer = co_await p.ask(std::move(power));
    EXPECT_EQ(answer.size(), 9u);
    if (answer.size() != 9) co_return;
    EXPECT_NEAR(float_at(answer, 3), 3 * 230 * amperes / 1000, 3 * 230 * amperes / 1000 * 1e-5);
  };
  clock.run(script(port));
  EXPECT_EQ(port.meter->death(), "");
}

TEST_P(Example, SaysWhoItIsAndRefusesWhatItDoesNotKnow) {
  VirtualClock clock;
  FakeInputs inputs;
  Port port{clock, inputs, settings()};
  const auto script = [](Port& p) -> Task<void> {
    co_await p.clock.pause(1s);
    Bytes who{1, 0x11};
    auto answer = co_await p.ask(std::move(who));
    const std::string text{answer.begin(), answer.end()};
    EXPECT_THAT(text, testing::HasSubstr("Leviton Series 4000"));
    Bytes beyond{1, 3, 1, 0x5A, 0, 1};  // register 347
    answer = co_await p.ask(std::move(beyond));
    EXPECT_EQ(answer.at(1), 0x83);
    EXPECT_EQ(answer.at(2), 2);
    Bytes write{1, 6, 0, 1, 0, 1};
    answer = co_await p.ask(std::move(write));
    EXPECT_EQ(answer.at(1), 0x86);
    EXPECT_EQ(answer.at(2), 1);
    Bytes other{2, 3, 0, 0, 0, 1};
    answer = co_await p.ask(std::move(other));
    EXPECT_EQ(answer, Bytes{}) << "another unit was asked";
  };
  clock.run(script(port));
  EXPECT_EQ(port.meter->death(), "");
}

TEST_P(Example, CountsItsPowerUpsInItsStore) {
  VirtualClock clock;
  FakeInputs inputs;
  inputs.supply = {{Time{}, true}, {at(3), false}, {at(6), true}};
  Port port{clock, inputs, settings()};
  const auto script = [](Port& p) -> Task<void> {
    co_await p.clock.pause_until(at(2));
    int count = co_await p.word(152);
    EXPECT_EQ(count, 1);
    co_await p.clock.pause_until(at(8));
    count = co_await p.word(152);
    EXPECT_EQ(count, 2);
  };
  clock.run(script(port));
  EXPECT_EQ(port.meter->death(), "");
}

TEST(PythonMeter, TheEndOfItsTracebackStandsInTheCauseOfItsDeath) {
  const auto folder = std::filesystem::temp_directory_path() / ("blondel_broken_python_" + std::to_string(getpid()));
  std::filesystem::create_directories(folder);
  std::ifstream good{"drivers/sim/examples/python_meter.py"};
  std::string text{std::istreambuf_iterator<char>{good}, {}};
  const std::string right = "channels = [codes[k::6]";
  ASSERT_NE(text.find(right), text.npos);
  text.replace(text.find(right), right.size(), "channels = [cods[k::6]");
  const auto path = (folder / "broken_meter.py").string();
  std::ofstream{path} << text;
  std::filesystem::permissions(path, std::filesystem::perms::owner_all);

  VirtualClock clock;
  FakeInputs inputs;
  MeterSettings settings;
  settings.order = {1, 2};
  settings.build = value_or_throw(look_at_build(path, "test"));
  Port port{clock, inputs, settings};
  const auto script = [](Port& p) -> Task<void> {
    co_await p.clock.pause(3s);
    Bytes who{1, 0x11};
    const auto answer = co_await p.ask(std::move(who));
    EXPECT_EQ(answer, Bytes{});
  };
  clock.run(script(port));
  const auto death = port.meter->death();
  EXPECT_THAT(death, testing::HasSubstr("exit code 1: "));
  EXPECT_THAT(death, testing::HasSubstr(" | NameError: name 'cods' is not defined"));
  EXPECT_THAT(death, testing::HasSubstr("in end_of_second | "));
  EXPECT_EQ(death.find('\n'), death.npos);
  EXPECT_LT(death.size(), 800u);
  std::filesystem::remove_all(folder);
}

INSTANTIATE_TEST_SUITE_P(Meters, Example, testing::Values("C", "Python"),
                         [](const auto& example) { return std::string{example.param}; });

}  // namespace
}  // namespace blondel::sim
