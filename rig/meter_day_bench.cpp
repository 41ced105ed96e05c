// A day of meters on the simulated bench, and what it costs: meter_day_bench [meters [hours]], by default 1 and 24.
//
// Every meter has a steady three-phase load with a few harmonics and noise, its demand of 15 minutes, pulses that are
// counted, and a scan of its whole readable map each minute through the driver, all in virtual time. Prints one
// "name value unit" a line. Ends with 1 when the energy in the registers, the energy of the pulses or the demand is not
// what the load makes of them, so that no dead meter is measured.

#include <fmt/format.h>
#include <sched.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmath>
#include <complex>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>

#include "drivers/meters/meter.hpp"
#include "drivers/sim/bench/simulated_bench.hpp"
#include "drivers/time/together.hpp"
#include "drivers/time/virtual_clock.hpp"
#include "drivers/time/wall_clock.hpp"

namespace blondel {
namespace {

using namespace std::chrono_literals;

constexpr double volts = 277, amperes = 5, lag_deg = 30, pulse_wh = 10;
constexpr Duration start_up = 120s;

/// The power of the load in W: of the fundamental, as the harmonics stand on the voltage only.
double load_watts() {
  return 3 * volts * amperes * std::cos(lag_deg * M_PI / 180);
}

sim::SetPoint load() {
  sim::SetPoint point;
  point.on = true;
  point.frequency_hz = 59.97;
  for (int c = 0; c < 6; ++c) {
    const double angle = -2 * M_PI / 3 * (c % 3);
    auto& spectrum = point.channels[static_cast<std::size_t>(c)];
    spectrum[1] = c < 3 ? std::polar(volts, angle) : std::polar(amperes, angle - lag_deg * M_PI / 180);
    if (c < 3)
      for (const int order : {3, 5, 7}) spectrum[order] = std::polar(0.03 * volts, order * angle);
  }
  return point;
}

sim::BenchWiring sockets(int meters) {
  sim::BenchWiring wiring;
  wiring.source_driver = "fluke-6105a";
  wiring.source_address = "TCPIP::127.0.0.1::1234::SOCKET";
  wiring.reference_driver = "zera-com5003";
  wiring.reference_address = "TCPIP::127.0.0.1::6320::SOCKET";
  wiring.control_power_driver = "scpi-switch";
  wiring.control_power_address = "TCPIP::127.0.0.1::5025::SOCKET";
  for (int n = 1; n <= meters; ++n)
    wiring.sockets.push_back(
        {fmt::format("/dev/ttyUSB{}", n), fmt::format("gpiochip0/{}", n), fmt::format("4K-{}", n)});
  return wiring;
}

/// What one meter told over the day.
struct Day {
  double first_kwh{}, last_kwh{}, demand_kw{};
  Time first, last;
  std::uint64_t pulses = 0, scans = 0;
};

Task<void> wire(Clock& clock, sim::SimulatedBench& bench) {
  for (int position = 1; position <= bench.positions(); ++position)
    bench.circuit().set_control_power(position, true, clock.now() + sim::Circuit::notice);
  bench.circuit().set(load(), clock.now() + sim::Circuit::notice);
  co_await clock.pause(30s);
}

Task<void> live(Clock& clock, Meter& meter, PulseInput& contact, Duration length, Day& day) {
  std::vector<std::pair<std::string, double>> configuration{
      {"system_type", 40}, {"ct_primary", 5}, {"ct_secondary", 3}, {"pulse_energy", pulse_wh}};
  co_await meter.write(std::move(configuration));
  std::string clear = "clear_energy";
  co_await meter.command(std::move(clear));
  co_await clock.pause_until(Time{start_up});
  co_await contact.edges();
  // The ends of all blocks, so that every readable register is read.
  const std::vector<std::string> map{"real_energy",
                                     "real_energy_c",
                                     "command",
                                     "reserved_154",
                                     "real_energy_f",
                                     "real_energy_c_f",
                                     "firmware_version_os",
                                     "real_power_demand_present_f"};
  for (Time next = Time{start_up};; next += 60s) {
    co_await clock.pause_until(next);
    const auto values = co_await meter.read(map);
    ++day.scans;
    day.last_kwh = values.at("real_energy_f");
    day.demand_kw = values.at("real_power_demand_present_f");
    day.last = next;
    if (next == Time{start_up}) {
      day.first_kwh = day.last_kwh;
      day.first = next;
    }
    const auto edges = co_await contact.edges();
    for (const auto& edge : edges) day.pulses += edge.closed ? 1u : 0u;
    if (next >= Time{start_up} + length) break;
  }
}

/// Whether a meter registered what the load gave it: within 0.05 % (its CT input takes 0.03 %), and the seconds by
/// which a register and the pulses lag behind the clock.
bool plausible(int position, const Day& day) {
  const double watts = load_watts(), hours = in_seconds(day.last - day.first) / 3600;
  const double wh = watts * hours, loose_wh = 5e-4 * wh + watts * 2 / 3600;
  const double registered = 1e3 * (day.last_kwh - day.first_kwh), pulsed = pulse_wh * static_cast<double>(day.pulses);
  const bool energy = std::abs(registered - wh) <= loose_wh, pulses = std::abs(pulsed - wh) <= loose_wh + pulse_wh;
  const bool demand = hours < 0.6 || std::abs(1e3 * day.demand_kw - watts) <= 5e-4 * watts;
  if (!energy || !pulses || !demand)
    std::fprintf(stderr, "meter %d: %.1f Wh were given, %.1f Wh registered, %.1f Wh pulsed; demand %.2f W of %.2f W\n",
                 position, wh, registered, pulsed, 1e3 * day.demand_kw, watts);
  return energy && pulses && demand;
}

/// A line of /proc/PID/smaps_rollup, in MB.
double memory_mb(const std::string& pid, const std::string& what) {
  std::ifstream file{"/proc/" + pid + "/smaps_rollup"};
  for (std::string line; std::getline(file, line);)
    if (line.starts_with(what + ":")) return std::strtod(line.c_str() + what.size() + 1, nullptr) / 1024;
  return NAN;
}

struct Memory {
  double bench_mb{}, process_mb{}, private_mb{};  ///< the last two of the largest meter's process
};
std::vector<std::string> meters_processes() {
  std::ifstream children{fmt::format("/proc/self/task/{}/children", getpid())};
  return {std::istream_iterator<std::string>{children}, {}};
}

Memory memory() {
  Memory m{.bench_mb = memory_mb("self", "Rss")};
  for (const auto& pid : meters_processes()) {
    m.process_mb = std::max(m.process_mb, memory_mb(pid, "Rss"));
    m.private_mb = std::max(m.private_mb, memory_mb(pid, "Private_Clean") + memory_mb(pid, "Private_Dirty"));
  }
  return m;
}

double cpu_seconds(int who) {
  rusage usage{};
  getrusage(who, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         1e-6 * static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

/// Looks at a contact every millisecond: grants of two or three samples, which cost hardly more than their hand-over.
Task<void> short_grants(Clock& clock, sim::SimulatedMeter& meter, int count) {
  for (int n = 0; n < count; ++n) {
    co_await clock.pause(1ms);
    co_await meter.closed(sim::SimulatedMeter::Contact::alarm);
  }
}

/// Keeps a process to one core of the machine.
void keep_to(pid_t pid, int core) {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  CPU_SET(core, &cores);
  sched_setaffinity(pid, sizeof cores, &cores);
}

/// Of the hand-over, there and back, with the bench on one core and the meters' processes on another.
double microseconds_a_grant(Clock& clock, sim::SimulatedMeter& meter) {
  constexpr int count = 20'000;
  keep_to(0, 0);
  for (const auto& pid : meters_processes()) keep_to(std::stoi(pid), 1);
  clock.run(short_grants(clock, meter, 100));
  const WallClock wall;
  const auto before = meter.grants();
  clock.run(short_grants(clock, meter, count));
  return 1e6 * in_seconds(wall.now()) / static_cast<double>(meter.grants() - before);
}

int run(int count, double hours) {
  VirtualClock clock;
  const double bench_before = memory().bench_mb;
  const auto simulation = Settings::parse(
      "source: {gain: 0 ppm, phase: 0 urad}\nmeters: {clock: 20 ppm, variants: {one_third_volt: 0.333}}", "bench");
  sim::SimulatedBench bench{clock, sockets(count), simulation};
  std::vector<std::unique_ptr<Meter>> under_test;
  std::vector<std::unique_ptr<PulseInput>> contacts;
  for (int n = 1; n <= count; ++n) {
    const auto at = Settings::parse(fmt::format("port: /dev/ttyUSB{}", n), "bench");
    under_test.push_back(value_or_throw(meters().find("series-4000-k", "bench"))(at, bench, Order{n, 1}));
    contacts.push_back(bench.contact(fmt::format("gpiochip0/{}", n), Order{n, 3}));
  }

  const WallClock wall;
  clock.run(wire(clock, bench));
  std::vector<Day> days(static_cast<std::size_t>(count));
  std::vector<Task<void>> lives;
  for (std::size_t n = 0; n < days.size(); ++n)
    lives.push_back(live(clock, *under_test[n], *contacts[n], seconds(3600 * hours), days[n]));
  clock.run(together(clock, std::move(lives)));
  const double wall_s = in_seconds(wall.now()), bench_s = in_seconds(clock.now());

  std::uint64_t grants = 0, scans = 0, pulses = 0;
  bool good = true;
  for (int n = 1; n <= count; ++n) {
    const auto& day = days[static_cast<std::size_t>(n) - 1];
    grants += bench.meter(n).grants();
    scans += day.scans;
    pulses += day.pulses;
    good = plausible(n, day) && good;
  }
  const auto m = memory();
  const double bench_share = (m.bench_mb - bench_before) / count;
  fmt::print("meters {}\nhours {:.3f} h\nwall {:.2f} s\nreal_time {:.0f} x\n", count, hours, wall_s, bench_s / wall_s);
  fmt::print("bench_cpu {:.2f} s\nscans {}\npulses {}\ngrants {}\n", cpu_seconds(RUSAGE_SELF), scans, pulses, grants);
  fmt::print("wall_a_grant_with_samples {:.1f} us\n", 1e6 * wall_s / static_cast<double>(grants));
  fmt::print("wall_a_grant {:.1f} us\n", microseconds_a_grant(clock, bench.meter(1)));
  fmt::print(
      "memory_a_meter {:.2f} MB\nof_that_process {:.2f} MB\nof_that_bench {:.2f} MB\nprocess_private {:.2f} MB\n",
      m.process_mb + bench_share, m.process_mb, bench_share, m.private_mb);
  return good ? 0 : 1;
}

}  // namespace
}  // namespace blondel

int main(int argc, char** argv) {
  const int count = argc > 1 ? std::atoi(argv[1]) : 1;
  const double hours = argc > 2 ? std::strtod(argv[2], nullptr) : 24;
  if (argc > 3 || count < 1 || count > 63 || !(hours > 0)) {
    std::fprintf(stderr, "usage: meter_day_bench [meters (1 to 63) [hours]]\n");
    return 2;
  }
  try {
    return blondel::run(count, hours);
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "meter_day_bench: %s\n", problem.what());
    return 2;
  }
}
