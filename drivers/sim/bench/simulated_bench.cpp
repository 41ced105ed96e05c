#include "drivers/sim/bench/simulated_bench.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cstdlib>
#include <filesystem>

#include "drivers/sim/bench/beside_this_program.hpp"
#include "drivers/sim/bench/simulation_settings.hpp"
#include "drivers/sim/bus/bus_line.hpp"
#include "drivers/sim/bus/foreign_traffic.hpp"
#include "drivers/transport/memory_wire.hpp"

namespace blondel::sim {

using namespace std::chrono_literals;

namespace {

/// Addresses are compared as VISA does: without regard to case, and with board number 0 where none stands.
std::string canonical(std::string address) {
  for (auto& c : address) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  for (const std::string kind : {"TCPIP", "ASRL", "GPIB", "USB"})
    if (address.starts_with(kind + "::")) return kind + "0" + address.substr(kind.size());
  return address;
}

/// What can be wrong between a contact and its input.
struct ContactFaults {
  Time open_from = never;  ///< a broken wire or a worn-out contact closes no more
  bool welded = false;
};

/// A time-stamping input on a contact of a simulated meter.
class SimulatedContact final : public PulseInput {
 public:
  SimulatedContact(const Clock& clock, SimulatedMeter& meter, SimulatedMeter::Contact contact, std::string line,
                   const ContactFaults& faults)
      : clock_{clock}, meter_{meter}, contact_{contact}, line_{std::move(line)}, faults_{faults} {}

  Task<std::vector<ContactEdge>> edges() override {
    auto found = co_await meter_.edges(contact_);
    for (const auto& edge : found) {
      if (last_ != 0 && edge.sequence != last_ + 1)
        throw Failure{Fault::protocol, line_, fmt::format("edges were lost: {} follows {}", edge.sequence, last_)};
      last_ = edge.sequence;
    }
    std::erase_if(found, [this](const ContactEdge& edge) { return faults_.welded || edge.at > faults_.open_from; });
    co_return found;
  }
  Task<bool> closed() override {
    const bool contact = co_await meter_.closed(contact_);
    co_return faults_.welded || (contact && clock_.now() <= faults_.open_from);
  }
  Duration stamp_uncertainty() const override { return 1us; }

 private:
  const Clock& clock_;
  SimulatedMeter& meter_;
  SimulatedMeter::Contact contact_;
  std::string line_;
  const ContactFaults& faults_;
  std::uint64_t last_ = 0;
};

/// The same contact's wire to the reference meter's error calculator.
class ContactToCalculator final : public CalculatorInput {
 public:
  ContactToCalculator(SimulatedMeter& meter, const ContactFaults& faults) : meter_{meter}, faults_{faults} {}
  void follow() override { meter_.follow(SimulatedMeter::Contact::pulse); }
  void leave() override { meter_.leave(SimulatedMeter::Contact::pulse); }
  Task<std::vector<ContactEdge>> edges() override {
    auto found = co_await meter_.followed(SimulatedMeter::Contact::pulse);
    std::erase_if(found, [this](const ContactEdge& edge) { return faults_.welded || edge.at > faults_.open_from; });
    co_return found;
  }

 private:
  SimulatedMeter& meter_;
  const ContactFaults& faults_;
};

/// How a meter's port is set: the factory's setting unless its display was used.
SerialSettings port_of(const std::map<std::string, std::string>& variant) {
  SerialSettings port;
  const auto number = [&](const char* key, int otherwise) {
    const auto found = variant.find(key);
    return found == variant.end() ? otherwise : std::atoi(found->second.c_str());
  };
  // What is no such number the firmware refuses, and then nobody hears it.
  port.baud = std::clamp(number("baud", port.baud), 1200, 38400);
  port.stop_bits = std::clamp(number("stop_bits", port.stop_bits), 1, 2);
  if (const auto parity = variant.find("parity"); parity != variant.end())
    port.parity = parity->second == "even" ? 'E' : parity->second == "odd" ? 'O' : 'N';
  return port;
}

}  // namespace

/// A port of the bench with the bus behind it.
struct SimulatedBench::PortBus {
  PortBus(Clock& c, Order o, std::uint64_t s) : clock{c}, order{o}, seed{s}, bus{c, o, s} {}

  void add(Bus::Tap tap, const LineFault& fault) {
    if (fault.kind == LineFaultKind::foreign)
      others = std::make_unique<ForeignTraffic>(clock, bus, bus.settings(tap), order, seed);
    else
      bus.add_fault(tap, fault);
  }

  Clock& clock;
  Order order;
  std::uint64_t seed;
  Bus bus;
  std::unique_ptr<ForeignTraffic> others;
};

/// A socket of the bench with the meter in it.
struct SimulatedBench::Site {
  MeterFrontEnd inputs;
  SerialSettings port;  ///< the meter's own
  std::unique_ptr<SimulatedMeter> meter;
  PortBus* wire = nullptr;             ///< once it is there
  Bus::Tap tap{};                      ///< on it
  std::vector<LineFault> link_faults;  ///< until then
  ContactFaults pulse_faults, alarm_faults;
  int cable;  ///< whose port leads here: the position itself, unless cables were exchanged

  Site(Clock& clock, const ThreePhaseCircuit& circuit, int position, const FrontEndSettings& front_end,
       MeterSettings settings)
      : inputs{circuit, position, front_end},
        port{port_of(settings.variant)},
        meter{make_simulated_meter(clock, inputs, std::move(settings))},
        cable{position} {}

  void add(const LineFault& what) {
    if (wire)
      wire->add(tap, what);
    else
      link_faults.push_back(what);
  }
};

SimulatedBench::SimulatedBench(Clock& clock, BenchWiring wiring, const Settings& simulation)
    : clock_{clock}, wiring_{std::move(wiring)}, servers_{clock} {
  const auto expect = [&](const std::string& role, const std::string& driver, const std::string& known) {
    if (driver != known)
      throw simulation.failure(fmt::format("the {} '{}' has no simulator here; expected '{}'", role, driver, known));
  };
  expect("source", wiring_.source_driver, "fluke-6105a");
  expect("reference", wiring_.reference_driver, "zera-com5003");
  expect("control power", wiring_.control_power_driver, "scpi-switch");

  const auto settings = read_simulation(simulation, wiring_);
  circuit_ = std::make_unique<ThreePhaseCircuit>(clock_, settings.circuit);
  recorder_traits_ = settings.recorder;
  builds_ = settings.builds;
  source_ = std::make_unique<Fluke6105aSim>(clock_, *circuit_, Order{0, 20});
  reference_ = std::make_unique<ZeraCom5003Sim>(clock_, *circuit_, Order{0, 21}, settings.reference);
  control_power_ = std::make_unique<ScpiSwitchSim>(clock_, *circuit_, Order{0, 22}, positions());

  for (int position = 1; position <= positions(); ++position) {
    const auto i = static_cast<std::size_t>(position) - 1;
    MeterSettings meter;
    meter.order = Order{position, 2};
    meter.build = builds_[i];
    meter.hang_guard = settings.hang_guard;
    meter.host = beside_this_program("blondel-meter-host");
    meter.serial = wiring_.sockets[i].serial;
    meter.variant = wiring_.sockets[i].display;
    for (const auto& [key, value] : settings.variants) meter.variant[key] = value;
    if (!settings.firmware_faults[i].empty()) meter.variant["fault"] = settings.firmware_faults[i];
    sites_.push_back(std::make_unique<Site>(clock_, *circuit_, position, settings.front_ends[i], std::move(meter)));
  }
  for (std::size_t i = 0; i < wiring_.sockets.size(); ++i)
    if (const auto& input = wiring_.sockets[i].calculator; !input.empty()) {
      if (!ErrorCalculatorSim::has(input))
        throw simulation.failure(
            fmt::format("position {} is wired to '{}'; the simulated {} has the inputs SC1 to SC{}", i + 1, input,
                        wiring_.reference_driver, ErrorCalculatorSim::inputs));
      reference_->wire(input, std::make_shared<ContactToCalculator>(*sites_[i]->meter, sites_[i]->pulse_faults));
    }
  for (const auto& fault : settings.faults) plan(fault);
  for (const auto& [position, fault, at] : settings.link_faults) break_line(position, fault, at);
}

SimulatedBench::~SimulatedBench() = default;

SimulatedBench::Site& SimulatedBench::site(int position) {
  if (position < 1 || position > positions()) throw std::logic_error{fmt::format("there is no position {}", position)};
  return *sites_[static_cast<std::size_t>(position) - 1];
}

SimulatedMeter& SimulatedBench::meter(int position) {
  return *site(position).meter;
}

void SimulatedBench::hurry() {
  for (const auto& site : sites_) site->meter->shorten_hang_guard(1s);
}

Task<void> SimulatedBench::serve(const std::string& visa_address, std::unique_ptr<ByteStream> wire) {
  const auto address = canonical(visa_address);
  if (address == canonical(wiring_.source_address)) return source_->serve(std::move(wire));
  if (address == canonical(wiring_.reference_address)) return reference_->serve(std::move(wire));
  if (address == canonical(wiring_.control_power_address)) return control_power_->serve(std::move(wire));
  throw Failure{Fault::unreachable, visa_address, "nothing on the simulated bench answers there"};
}

Task<std::unique_ptr<ByteStream>> SimulatedBench::connect(std::string visa_address, Order order, Time) {
  const auto number = connections_[visa_address]++;
  auto [near, far] = memory_wire(clock_, visa_address, wiring_.seed * 1000 + number, order);
  servers_.spawn(serve(visa_address, std::move(far)));
  co_return std::move(near);
}

Bus& SimulatedBench::bus(const std::string& port) {
  auto& there = buses_[port];
  if (there) return there->bus;
  for (std::size_t i = 0; i < wiring_.sockets.size(); ++i) {
    if (wiring_.sockets[i].port != port) continue;
    const auto position = static_cast<int>(i) + 1;
    const auto seed = wiring_.seed * 1000 + static_cast<std::uint64_t>(position);
    if (!there) there = std::make_unique<PortBus>(clock_, Order{position, 1}, seed);
    auto& site = *sites_[static_cast<std::size_t>(sites_[i]->cable) - 1];
    site.wire = there.get();
    site.tap = there->bus.add_meter(*site.meter, site.port);
    for (const auto& fault : std::exchange(site.link_faults, {})) site.add(fault);
  }
  if (!there) throw Failure{Fault::unreachable, port, "the simulated bench has no such port"};
  return there->bus;
}

std::unique_ptr<ModbusLine> SimulatedBench::rs485(const std::string& device, Order order) {
  auto& there = bus(device);
  return lines_.at(device, [&] { return std::make_shared<BusLine>(clock_, there, device, SerialSettings{}, order); });
}

std::unique_ptr<PulseInput> SimulatedBench::contact(const std::string& line, Order) {
  using Contact = SimulatedMeter::Contact;
  for (std::size_t i = 0; i < wiring_.sockets.size(); ++i) {
    auto& there = *sites_[i];
    if (wiring_.sockets[i].pulses == line)
      return std::make_unique<SimulatedContact>(clock_, *there.meter, Contact::pulse, line, there.pulse_faults);
    if (wiring_.sockets[i].alarm == line)
      return std::make_unique<SimulatedContact>(clock_, *there.meter, Contact::alarm, line, there.alarm_faults);
  }
  throw Failure{Fault::unreachable, line, "the simulated bench has no such contact input"};
}

std::unique_ptr<WaveformRecorder> SimulatedBench::recorder(double rate_hz, Order order) {
  auto traits = recorder_traits_;
  traits.rate_hz = rate_hz;
  return std::make_unique<PlantRecorder>(clock_, *circuit_, order, traits);
}

std::string SimulatedBench::known_trouble(const std::string& pulses) const {
  for (std::size_t i = 0; i < wiring_.sockets.size(); ++i)
    if (wiring_.sockets[i].pulses == pulses)
      return sites_[static_cast<std::size_t>(sites_[i]->cable) - 1]->meter->death();
  return {};
}

void SimulatedBench::break_meter(int position, const AnalogFaults& faults) {
  site(position).inputs.set_faults(faults);
}

void SimulatedBench::swap_ports(int a, int b) {
  std::swap(site(a).cable, site(b).cable);
}

void SimulatedBench::break_line(int position, LineFault fault, Time from) {
  if (from <= clock_.now())
    site(position).add(fault);
  else
    servers_.spawn(fault_from(position, fault, from));
}

Task<void> SimulatedBench::fault_from(int position, LineFault fault, Time from) {
  co_await clock_.pause_until(from, {position, 20}, "a planned fault of a line");
  site(position).add(fault);
}

void SimulatedBench::stop_pulses(int position, Time from) {
  site(position).pulse_faults.open_from = from;
}

void SimulatedBench::break_alarm_wire(int position, Time from) {
  site(position).alarm_faults.open_from = from;
}

void SimulatedBench::weld_alarm(int position) {
  site(position).alarm_faults.welded = true;
}

void SimulatedBench::restart_meter(int position, Time at) {
  servers_.spawn(restart_at(position, at));
}

Task<void> SimulatedBench::restart_at(int position, Time at) {
  co_await clock_.pause_until(at, {position, 21}, "a planned loss of control power");
  const Time cut = clock_.now() + Circuit::notice;
  circuit_->set_control_power(position, false, cut);
  co_await clock_.pause_until(cut + 1s, {position, 21}, "a planned return of control power");
  circuit_->set_control_power(position, true, clock_.now() + Circuit::notice);
}

}  // namespace blondel::sim
