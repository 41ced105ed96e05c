// Hours of virtual polling of several meters on one bus, with random link faults: is every value that a client accepts
// the one that its meter sent for that very request, and does every request end in a value or in a named failure?
//
// link_faults_campaign HOURS SEED [METERS]

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <random>

#include "drivers/modbus/modbus_client.hpp"
#include "drivers/modbus/shared_line.hpp"
#include "drivers/sim/bus/bus_line.hpp"
#include "drivers/sim/bus/fake_meter.hpp"
#include "drivers/sim/bus/foreign_traffic.hpp"
#include "drivers/time/together.hpp"
#include "drivers/time/virtual_clock.hpp"

namespace blondel::sim {
namespace {

using namespace std::chrono_literals;

/// A meter whose every answer is another one: its registers hold its address, how many requests it has answered, and
/// the register's own number, so that an answer tells whose it is and to which request.
class TellingMeter final : public FakeMeter {
 public:
  void receive(std::vector<StampedByte> bytes) override {
    const auto before = requests.size();
    number_next();
    FakeMeter::receive(std::move(bytes));
    answered_ += requests.size() - before;
    requests.clear();
    received.clear();
  }
  std::uint64_t answered() const { return answered_; }

 private:
  void number_next() {
    const auto next = answered_ + 1;
    for (int a = 0; a < 125; a += 5) {
      written[a] = static_cast<std::uint16_t>(unit);
      written[a + 1] = static_cast<std::uint16_t>(next >> 16);
      written[a + 2] = static_cast<std::uint16_t>(next & 0xFFFF);
      written[a + 3] = static_cast<std::uint16_t>(a);
      written[a + 4] = static_cast<std::uint16_t>(next * 40503u + static_cast<unsigned>(a));
    }
  }
  std::uint64_t answered_ = 0;
};

struct Tally {
  std::uint64_t requests = 0, answered = 0, misattributed = 0, attempts = 0;
  std::map<std::string, std::uint64_t> failures;  ///< attempts that failed, by name
  std::map<std::string, std::uint64_t> given_up;  ///< requests that failed, by the last attempt's name
  std::uint64_t accounted() const {
    std::uint64_t all = answered;
    for (const auto& [name, count] : given_up) all += count;
    return all;
  }
};

/// A failure without its numbers: "the answer ended after # of # bytes".
std::string kind_of(const Failure& failure) {
  const auto& what = failure.error.what;
  std::string kind;
  for (const char c : what.substr(what.find(": ") + 2)) {
    if (c < '0' || c > '9')
      kind += c;
    else if (kind.empty() || kind.back() != '#')
      kind += '#';
  }
  return fmt::format("{}: {}", name(failure.error.fault), kind);
}

struct Polled {
  TellingMeter& meter;
  ModbusClient& client;
};

/// Whether what was accepted is what the meter sent for this request, and not for an earlier one.
bool is_the_answer(const std::vector<std::uint16_t>& words, const Polled& polled, int address, std::uint64_t before) {
  for (std::size_t i = 0; i + 4 < words.size(); i += 5) {
    const std::uint64_t number = std::uint64_t{words[i + 1]} << 16 | words[i + 2];
    const auto place = static_cast<unsigned>(address) + static_cast<unsigned>(i);
    const bool right = words[i] == polled.meter.unit && number > before && number <= polled.meter.answered() &&
                       words[i + 3] == place && words[i + 4] == static_cast<std::uint16_t>(number * 40503u + place);
    if (!right) return false;
  }
  return true;
}

Task<void> poll(Clock& clock, Polled polled, Time until, std::uint64_t seed, Tally& tally) {
  std::mt19937_64 random{seed};
  while (clock.now() < until) {
    // Equal lengths throughout, so that only order and content can tell answers apart.
    const int address = static_cast<int>(random() % 20) * 5;
    ++tally.requests;
    bool done = false;
    std::string last;
    for (int attempt = 0; attempt < 3 && !done; ++attempt) {
      ++tally.attempts;
      const auto before = polled.meter.answered();
      const auto limit = polled.client.limit_of(8, 25, 1s);
      try {
        const auto words = co_await polled.client.read_holding(address, 10, limit);
        done = true;
        ++tally.answered;
        if (!is_the_answer(words, polled, address, before)) ++tally.misattributed;
      } catch (const Failure& failure) {
        last = kind_of(failure);
        ++tally.failures[last];
      }
    }
    if (!done) ++tally.given_up[last];
    std::string what = "between two polls";
    co_await clock.pause(Duration{static_cast<Duration::rep>(random() % 400'000'000)}, Order{polled.meter.unit, 0},
                         std::move(what));
  }
}

/// What a bad installation does, and far more often.
void spoil(Bus& bus, Bus::Tap meter) {
  using Kind = LineFaultKind;
  for (const auto kind :
       {Kind::lost_frames, Kind::truncate, Kind::corrupt_bit, Kind::bit_errors, Kind::other_unit, Kind::doubled})
    bus.add_fault(meter, {.kind = kind, .rate = 0.01});
  for (const auto by : {50ms, 300ms, 900ms, 1500ms, 2000ms})
    bus.add_fault(meter, {.kind = Kind::delay, .by = by, .rate = 0.005});
}

int campaign(double hours, std::uint64_t seed, int meters) {
  VirtualClock clock;
  std::vector<std::unique_ptr<TellingMeter>> there;
  Bus bus{clock, {1, 1}, seed};
  for (int unit = 1; unit <= meters; ++unit) {
    there.push_back(std::make_unique<TellingMeter>());
    there.back()->unit = unit;
    there.back()->turnaround = unit == 1 ? 1s : Duration{8ms} * unit;
    spoil(bus, bus.add_meter(*there.back(), {}));
  }
  for (const auto kind : {LineFaultKind::echo, LineFaultKind::stuck, LineFaultKind::disconnect, LineFaultKind::no_bias})
    bus.add_fault(0, {.kind = kind, .rate = 0.003});
  const ForeignTraffic others{clock, bus, {}, {0, 50}, seed, {.every = 60s, .listens_first = true}};

  OpenLines lines;
  std::vector<std::unique_ptr<ModbusClient>> clients;
  for (int unit = 1; unit <= meters; ++unit) {
    auto line = lines.at("bus", [&] {
      return std::make_shared<BusLine>(clock, bus, "bus", SerialSettings{}, Order{1, 1});
    });
    clients.push_back(
        std::make_unique<ModbusClient>(clock, std::move(line), Order{unit, 1}, fmt::format("meter {}", unit), unit));
  }
  std::vector<Tally> tallies(static_cast<std::size_t>(meters));
  std::vector<Task<void>> tasks;
  for (std::size_t i = 0; i < tallies.size(); ++i)
    tasks.push_back(poll(clock, {*there[i], *clients[i]}, Time{seconds(hours * 3600)}, seed * 100 + i, tallies[i]));
  clock.run(together(clock, std::move(tasks)));

  Tally all;
  for (const auto& t : tallies) {
    all.requests += t.requests;
    all.attempts += t.attempts;
    all.answered += t.answered;
    all.misattributed += t.misattributed;
    for (const auto& [what, count] : t.failures) all.failures[what] += count;
    for (const auto& [what, count] : t.given_up) all.given_up[what] += count;
  }
  const auto lost = all.requests - all.accounted();
  fmt::print("seed {}: {:.2f} h of bench time, {} meters on one bus, {} faults struck, {} collisions\n", seed,
             in_seconds(clock.now()) / 3600, meters, bus.struck(), bus.collisions());
  fmt::print("{} requests in {} attempts: {} answered, {} ended in a named failure, {} lost, {} misattributed\n",
             all.requests, all.attempts, all.answered, all.accounted() - all.answered, lost, all.misattributed);
  fmt::print("attempts that failed:\n");
  for (const auto& [what, count] : all.failures) fmt::print("  {:6} {}\n", count, what);
  return lost == 0 && all.misattributed == 0 && all.answered > 0 ? 0 : 1;
}

}  // namespace
}  // namespace blondel::sim

int main(int argc, char** argv) {
  if (argc < 3 || argc > 4) {
    std::fprintf(stderr, "usage: link_faults_campaign HOURS SEED [METERS]\n");
    return 4;
  }
  const double hours = std::atof(argv[1]);
  const int meters = argc > 3 ? std::atoi(argv[3]) : 4;
  if (!(hours > 0 && hours <= 1000) || meters < 1 || meters > blondel::sim::Bus::most_meters) {
    std::fprintf(stderr, "link_faults_campaign: expected up to 1000 hours and 1 to 63 meters\n");
    return 4;
  }
  return blondel::sim::campaign(hours, std::strtoull(argv[2], nullptr, 10), meters);
}
