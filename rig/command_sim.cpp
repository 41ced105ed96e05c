#include <fmt/format.h>

#include <csignal>
#include <filesystem>
#include <set>

#include "drivers/sim/bus/pty_line.hpp"
#include "drivers/sim/instruments/tcp_listener.hpp"
#include "drivers/sim/meter/meter_process.hpp"
#include "drivers/time/background.hpp"
#include "drivers/time/event.hpp"
#include "drivers/time/wall_clock.hpp"
#include "drivers/transport/visa_address.hpp"
#include "rig/commands.hpp"
#include "rig/stop_signals.hpp"
#include "rig/surroundings_of.hpp"

namespace blondel {

using namespace std::chrono_literals;

namespace {

/// Lets a meter run, and says when its build has died: outside programs see nothing but silence.
Task<void> serve_meter(sim::SimulatedMeter& meter, int position) {
  co_await meter.keep_up(50ms);
  fmt::print("position {} is dead: {}\n", position, meter.death());
  std::fflush(stdout);
}

Task<void> until_stopped(Event& stopped) {
  co_await stopped.wait();
}

}  // namespace

int sim_command(const std::string& bench_path, std::uint64_t seed, const std::vector<std::string>& firmware,
                const std::string& links) {
  const auto bench = load_bench(bench_path);
  if (!bench.simulation) throw Failure{Fault::usage, bench_path, "expected a bench with a simulation section"};
  WallClock clock;
  sim::SimulatedBench simulated{clock, wiring_of(bench, firmware, seed), *bench.simulation};

  std::vector<std::unique_ptr<sim::TcpListener>> listeners;
  for (const auto* instrument : {&bench.source(), &bench.reference(), &bench.control_power()}) {
    const auto at = instrument->at("address");
    const auto text = at.text();
    const auto address = value_or_throw(parse_visa_address(text, at.where()));
    if (address.kind != VisaAddress::Kind::socket) throw at.failure("expected a TCPIP socket to serve");
    const auto serve = [&simulated, text](std::unique_ptr<ByteStream> wire) {
      return simulated.serve(text, std::move(wire));
    };
    listeners.push_back(std::make_unique<sim::TcpListener>(clock, address.port, serve));
    fmt::print("{:<14} TCPIP::127.0.0.1::{}::SOCKET\n", instrument->at("driver").text(), listeners.back()->port());
  }

  // Outside programs expect a meter on a bench to be powered: nobody may ever switch it on. It is the relays that are
  // closed, so that their unit says so and can open them.
  simulated.control_power().close_all();

  if (!sim::meters_can_be_confined())
    fmt::print(stderr, "this kernel has no seccomp filters: firmware builds are held by limits of resources only\n");
  if (!links.empty()) std::filesystem::create_directories(links);
  std::vector<std::unique_ptr<sim::PtyLine>> lines;
  Background meters{clock};
  std::set<std::string> served;
  for (const auto& socket : bench.sockets) {
    meters.spawn(serve_meter(simulated.meter(socket.position), socket.position));
    if (!served.insert(socket.port).second) continue;
    std::string link;
    if (!links.empty()) link = (std::filesystem::path{links} / std::filesystem::path{socket.port}.filename()).string();
    auto& bus = simulated.bus(socket.port);
    const auto port = bus.settings(0);
    lines.push_back(std::make_unique<sim::PtyLine>(clock, bus, port, link));
    for (const auto& other : bench.sockets) {
      if (other.port != socket.port) continue;
      const auto unit = other.settings.find("unit");
      fmt::print("position {:<5} {} ({}), {} 8{}{}, unit {}\n", other.position, lines.back()->path(),
                 link.empty() ? socket.port : link, port.baud, port.parity, port.stop_bits, unit ? unit->integer() : 1);
    }
  }
  fmt::print("serving; stop with Ctrl-C\n");
  std::fflush(stdout);

  Event stopped{clock, "somebody who stops the bench"};
  const StopSignals signals{clock, [&stopped](const std::string&) { stopped.set(); }};
  clock.run(until_stopped(stopped));
  return 0;
}

}  // namespace blondel
