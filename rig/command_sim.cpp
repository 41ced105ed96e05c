#include <fmt/format.h>

#include <csignal>
#include <filesystem>

#include "drivers/sim/bus/pty_line.hpp"
#include "drivers/sim/instruments/tcp_listener.hpp"
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

Task<void> until_stopped(Event& stopped) {
  co_await stopped.wait();
}

}  // namespace

int sim_command(const std::string& bench_path, std::uint64_t seed, const std::string& firmware,
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

  if (!links.empty()) std::filesystem::create_directories(links);
  std::vector<std::unique_ptr<sim::PtyLine>> lines;
  Background meters{clock};
  for (const auto& socket : bench.sockets) {
    std::string link;
    if (!links.empty()) link = (std::filesystem::path{links} / std::filesystem::path{socket.port}.filename()).string();
    auto& meter = simulated.meter(socket.position);
    lines.push_back(std::make_unique<sim::PtyLine>(clock, meter, SerialSettings{}, Order{socket.position, 1},
                                                   seed + static_cast<std::uint64_t>(socket.position), link));
    meters.spawn(meter.keep_up(50ms));
    fmt::print("position {:<5} {} ({}), 19200 8N1, unit 1\n", socket.position, lines.back()->path(),
               link.empty() ? socket.port : link);
  }
  fmt::print("serving; stop with Ctrl-C\n");
  std::fflush(stdout);

  Event stopped{clock, "somebody who stops the bench"};
  const StopSignals signals{clock, [&stopped](const std::string&) { stopped.set(); }};
  clock.run(until_stopped(stopped));
  return 0;
}

}  // namespace blondel
