#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "drivers/sim/firmware/faults/fault_list.hpp"
#include "drivers/sim/firmware/meter_on_bench.hpp"

namespace blondel::sim {
namespace {

using Chosen = std::map<std::string, std::string>;

/// A day in the life of a meter, written down word for word: everything that the guide lets somebody see from outside.
/// Two meters that differ anywhere in it are told apart.
class Story {
 public:
  explicit Story(Chosen chosen) : m_{std::move(chosen)} {}

  std::string told() {
    arrive();
    be_asked();
    be_configured();
    lose_phases();
    take_loads();
    give_pulses();
    count_demand();
    lose_supply();
    return text_;
  }
  /// What takes minutes: an energy that fills a byte.
  std::string told_at_length() {
    told();
    wave(335, 1.15, 0);
    m_.run(900);
    blocks();
    return text_;
  }

 private:
  using Bytes = MeterOnBench::Bytes;

  /// Three unlike phases, so that no two registers show the same.
  void wave(double volts, double ct_volts, double lag) {
    for (int k = 0; k < 3; ++k) {
      const double uneven = 1 + 0.02 * (k - 1);
      m_.waves[k] = {{1, MeterOnBench::polar(volts * uneven, -120.0 * k)}};
      m_.waves[3 + k] = {{1, MeterOnBench::polar(ct_volts * uneven * uneven, -120.0 * k - lag)}};
    }
  }
  void note(const char* what, const Bytes& answer) {
    text_ += what;
    for (const auto byte : answer) text_ += fmt::format(" {:02x}", byte);
    text_ += '\n';
  }
  void ask(const char* what, Bytes frame) { note(what, m_.ask(std::move(frame))); }
  void read(int first, int count) {
    ask("read", {1, 3, static_cast<std::uint8_t>((first - 1) >> 8), static_cast<std::uint8_t>(first - 1), 0,
                 static_cast<std::uint8_t>(count)});
  }
  void blocks() {
    read(1, 52);
    read(129, 26);
    read(257, 90);
    contacts();
  }
  void contacts() {
    text_ += fmt::format("alarm {} pulses", m_.alarm_closed());
    for (const auto& edge : m_.pulses) text_ += fmt::format(" {}:{}", edge.at_ns, edge.closed);
    m_.pulses.clear();
    text_ += '\n';
  }
  void write(int number, int value) {
    ask("write", {1, 6, static_cast<std::uint8_t>((number - 1) >> 8), static_cast<std::uint8_t>(number - 1),
                  static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)});
  }
  void after(double seconds) {
    m_.run(seconds);
    blocks();
  }

  void arrive() {
    wave(277.128, 0.5, 36.87);
    m_.waves[3][5] = 0.1;
    after(4);
    after(1);
  }
  void be_asked() {
    ask("function 04", {1, 4, 0, 2, 0, 1});
    ask("report", {1, 0x11});
    ask("identification", {1, 0x2B, 0x0E, 1, 0});
    ask("unknown function", {1, 0x41, 0, 0});
    ask("a gap", {1, 3, 0, 59, 0, 1});
    ask("another address", {2, 3, 0, 2, 0, 1});
    note("a wrong sum", m_.send({1, 3, 0, 2, 0, 1, 0x12, 0x34}));
    ask("version", {1, 3, 0x1B, 0x58, 0, 1});
  }
  void be_configured() {
    for (const auto& [number, value] : {std::pair{130, 20}, {134, 661}, {144, 500}, {142, 0}, {149, 7}, {129, 1}})
      write(number, value);
    after(2);
    write(131, 200);
    after(3);
    write(132, 3);
    after(3);
    write(132, 1);
    ask("two at once", {1, 0x10, 0, 0x84, 0, 2, 4, 0, 200, 0x01, 0xE0});
    after(3);
    ask("back again", {1, 0x10, 0, 0x84, 0, 2, 4, 0, 100, 0x01, 0xE0});
    write(131, 100);
    m_.run(3);
    // Type 10 leaves most of the map without a value.
    write(130, 10);
    after(3);
    write(130, 40);
    m_.run(3);
  }
  void lose(int phase, double share) {
    wave(277.128, 0.5, 10);
    if (phase >= 0) m_.waves[phase] = {{1, MeterOnBench::polar(277.128 * share, -120.0 * phase)}};
    m_.run(4);
    read(146, 1);
    contacts();
    wave(277.128, 0.5, 10);
    m_.run(3);
    read(146, 1);
    contacts();
  }
  void lose_phases() {
    for (int phase = 0; phase < 3; ++phase) lose(phase, 0.3);
    lose(1, 0.885);
    write(142, 99);
    write(143, 10);
    m_.run(2);
    lose(2, 0.8);
    // Only line to neutral: a line voltage of 0.95 is within its limit, a phase of 0.88 is not.
    write(142, 10);
    write(143, 99);
    m_.run(2);
    lose(0, 0.88);
  }
  void take_loads() {
    wave(277.128, 0.5, 65);
    after(3);
    wave(277.128, 0.5, 50);
    after(3);
    wave(277.128, 1.3, 0);
    after(3);
    wave(277.128, 0.02, 0);
    after(8);
    wave(277.128, 0, 0);
    after(8);
    wave(277.128, 0.5, -40);
    after(10);
    wave(277.128, 0.5, 180);
    after(5);
    m_.frequency = 44;
    after(3);
    m_.frequency = 60;
    write(134, 32000);
    after(3);
  }
  void give_pulses() {
    wave(277.128, 1.15, 0);
    write(134, 480);
    write(144, 100);
    after(20);
    write(131, 34);
    m_.run(2);
    write(144, 10);
    after(6);
    wave(340, 1.2, 0);
    after(6);
    wave(277.128, 0.1, 0);
    write(144, 1000);
    write(129, 30078);
    after(8);
    write(129, 16498);
    after(3);
    write(134, 600);
    write(131, 1733);
    m_.run(3);
    write(144, 10);
    after(3);
    write(131, 1731);
    m_.run(3);
    write(144, 10);
    m_.run(3);
    write(131, 1900);
    after(3);
    write(144, 1000);
    write(131, 100);
    write(134, 480);
    m_.run(3);
  }
  void count_demand() {
    wave(277.128, 0.9, 20);
    write(149, 3);
    write(150, 10);
    for (int n = 0; n < 5; ++n) {
      if (n == 2) wave(277.128, 0.3, 50);
      after(11);
    }
    write(129, 21212);
    after(12);
    write(150, 0);
    m_.run(12);
    write(129, 21211);
    after(3);
    wave(277.128, 0.9, 0);
    m_.run(12);
    write(129, 21211);
    after(3);
  }
  void lose_supply() {
    m_.run(3);
    m_.cut_power();
    wave(277.128, 0.5, 30);
    m_.run(2);
    after(3);
  }

  MeterOnBench m_;
  std::string text_;
};

const std::string& good_story() {
  static const std::string story = Story{{}}.told();
  return story;
}

// Takes several seconds: the story of each fault and of each variant is told, seven minutes of a meter's time each.
TEST(FirmwareFaults, EachShowsOutsideAndNoneIsAPermittedReading) {
  std::map<std::string, std::string> permitted;
  for (const auto& v : firmware_variants()) permitted[Story{{{v.key, v.value}}}.told()] += v.key + ": " + v.value + " ";
  for (const auto& fault : firmware_faults()) {
    const Chosen chosen{{"fault", fault.name}};
    const auto story = Story{chosen}.told();
    if (story == good_story()) {
      EXPECT_TRUE(Story{chosen}.told_at_length() != Story{{}}.told_at_length()) << fault.name << " shows nowhere";
      continue;
    }
    const auto same = permitted.find(story);
    EXPECT_TRUE(same == permitted.end()) << fault.name << " is " << same->second;
  }
}

TEST(FirmwareFaults, EachStandsOnceWithAStatementAndItsSource) {
  std::set<std::string> names;
  for (const auto& fault : firmware_faults()) {
    EXPECT_TRUE(names.insert(fault.name).second) << fault.name;
    EXPECT_FALSE(fault.statement.empty()) << fault.name;
    EXPECT_FALSE(fault.reference.empty()) << fault.name;
  }
  EXPECT_GE(names.size(), 60u);
}

TEST(FirmwareFaultsDeathTest, AnUnknownNameIsRefused) {
  EXPECT_DEATH((MeterOnBench{{{"fault", "no such thing"}}}), "fault: 'no such thing' is not one of this build");
}

TEST(FirmwareVariantList, HasEveryOtherValueOfAQuestionAndNoneOfTheUnit) {
  const auto& all = firmware_variants();
  const auto has = [&](const char* key, const char* value) {
    return std::ranges::find(all, FirmwareVariant{key, value}) != all.end();
  };
  EXPECT_TRUE(has("refusal", "echo"));
  EXPECT_FALSE(has("refusal", "exception")) << "the usual answer";
  EXPECT_TRUE(has("max_registers", "32") && has("max_registers", "78"));
  EXPECT_FALSE(has("max_registers", "125")) << "the usual answer";
  EXPECT_TRUE(has("loss_delay_s", "1"));
  EXPECT_FALSE(has("address", "247"));
}

}  // namespace
}  // namespace blondel::sim
