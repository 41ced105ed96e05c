#include "rig/bench_file.hpp"

#include <fmt/format.h>

#include <fstream>
#include <map>
#include <sstream>

#include "drivers/control_power/control_power.hpp"
#include "drivers/meters/meter.hpp"
#include "drivers/reference_meters/reference_meter.hpp"
#include "drivers/transport/visa_address.hpp"
#include "references/quantity_text.hpp"

namespace blondel {

namespace {

template <class Maker>
std::string driver_of(const Settings& at, const Catalog<Maker>& catalog) {
  const auto driver = at.at("driver");
  auto name = driver.text();
  value_or_throw(catalog.find(name, driver.where()));
  return name;
}

Envelope read_envelope(const Settings& at) {
  Envelope envelope;
  envelope.voltage = at.at("voltage").voltage();
  envelope.current = at.at("current").current();
  if (!(envelope.voltage.si() > 0)) throw at.at("voltage").failure("expected more than 0 V");
  if (!(envelope.current.si() > 0)) throw at.at("current").failure("expected more than 0 A");
  const auto band = at.at("frequency").items();
  if (band.size() != 2) throw at.at("frequency").failure("expected the lowest and the highest, such as [45 Hz, 65 Hz]");
  envelope.lowest = band[0].frequency();
  envelope.highest = band[1].frequency();
  if (!(envelope.lowest.si() > 0)) throw band[0].failure("expected more than 0 Hz");
  if (!(envelope.lowest < envelope.highest)) throw band[1].failure("expected more than the lowest frequency");
  envelope.check_voltage = at.at("check_voltage").voltage();
  if (envelope.check_voltage > envelope.voltage)
    throw at.at("check_voltage").failure("expected no more than the envelope's voltage");
  at.finish();
  return envelope;
}

CtSubstitute read_ct_substitute(const Settings& at) {
  CtSubstitute ct;
  ct.primary = at.at("primary").current();
  ct.secondary = at.at("secondary").voltage();
  ct.ratio_uncertainty = at.at("ratio_uncertainty").ratio();
  ct.phase_uncertainty = at.at("phase_uncertainty").angle();
  if (!(ct.primary.si() > 0)) throw at.at("primary").failure("expected more than 0 A");
  if (ct.secondary.si() != 0.333 && ct.secondary.si() != 1.0)
    throw at.at("secondary").failure("expected 0.333 V or 1 V, the two ratings the meters have");
  if (ct.ratio_uncertainty.si() < 0) throw at.at("ratio_uncertainty").failure("expected 0 % or more");
  if (ct.phase_uncertainty.si() < 0) throw at.at("phase_uncertainty").failure("expected 0 rad or more");
  at.finish();
  return ct;
}

Recorder read_recorder(const Settings& at) {
  Recorder recorder;
  recorder.rate = at.at("rate").frequency();
  // The engine cannot tell harmonics from aliases below, and nobody looks at the files above.
  if (!(recorder.rate.si() >= 2500 && recorder.rate.si() <= 250e3))
    throw at.at("rate").failure("expected 2.5 kHz to 250 kHz");
  recorder.uncertainty = at.at("uncertainty").ratio();
  if (!(recorder.uncertainty.si() > 0)) throw at.at("uncertainty").failure("expected more than 0");
  at.finish();
  return recorder;
}

Socket read_socket(const Settings& at) {
  Socket socket{.position = {}, .port = {}, .pulses = {}, .alarm = {}, .serial = {}, .settings = at};
  const auto number = at.at("position").integer();
  if (number < 1 || number > 80) throw at.at("position").failure("expected 1 to 80");
  socket.position = static_cast<int>(number);
  socket.port = at.at("port").text();
  socket.pulses = at.at("pulses").text();
  if (socket.port.empty()) throw at.at("port").failure("expected a device such as /dev/ttyUSB0, found nothing");
  if (socket.pulses.empty())
    throw at.at("pulses").failure("expected a contact input such as gpiochip0/1, found nothing");
  if (const auto alarm = at.find("alarm")) {
    socket.alarm = alarm->text();
    if (socket.alarm.empty()) throw alarm->failure("expected a contact input such as gpiochip0/11, found nothing");
  }
  if (const auto serial = at.find("serial")) socket.serial = serial->text();
  if (const auto calculator = at.find("calculator")) {
    socket.calculator = calculator->text();
    if (socket.calculator.empty())
      throw calculator->failure("expected an input of the reference meter such as SC1, found nothing");
  }
  return socket;
}

const std::vector<std::string> ct_quantities = {"ratio", "phase"};

/// The certificates, and what they cannot be used without.
void read_traceability(const Settings& file, const std::vector<Settings>& sockets, BenchFile& bench) {
  const char* ct = "ct-substitute";
  bool any = false;
  if (const auto certificates = file.find("certificates")) {
    any = true;
    if (const auto list = certificates->find("reference"))
      bench.reference_certificates =
          read_certificates(*list, bench.path, bench.reference_driver,
                            {"active power", "reactive power", "phase", "voltage", "current", "frequency"});
    if (const auto list = certificates->find("ct_substitute"))
      bench.ct_certificates = read_certificates(*list, bench.path, ct, ct_quantities);
    certificates->finish();
  }
  for (std::size_t i = 0; i < sockets.size(); ++i)
    if (const auto list = sockets[i].find("ct_certificates")) {
      any = true;
      bench.sockets[i].ct_certificates = read_certificates(*list, bench.path, ct, ct_quantities);
    }
  if (const auto environment = file.find("environment")) bench.environment = read_environment(*environment);
  if (bench.simulation)
    if (const auto date = bench.simulation->find("date"))
      bench.simulated_day = value_or_throw(parse_date(date->text(), date->where()));
  if (any && !bench.environment)
    throw file.failure("expected an 'environment': a certificate holds at its own temperatures only");
  if (any && bench.simulation && !bench.simulated_day)
    throw bench.simulation->failure("expected a 'date': certificates have days, and a simulated bench has none itself");
}

/// One thing under one name: "ASRL/dev/ttyUSB0::INSTR" is "/dev/ttyUSB0", and case and board numbers of VISA addresses
/// mean nothing.
std::string plain_name(const std::string& text) {
  const auto address = parse_visa_address(text, {});
  if (!address) return text;
  if (address->kind == VisaAddress::Kind::serial) return address->device;
  return fmt::format("{}:{}", address->host, address->port);
}

/// What stands under any of these keys stands once.
void refuse_twice(const std::vector<Settings>& items, const std::vector<std::string>& keys) {
  std::map<std::string, std::string> seen;
  for (const auto& item : items)
    for (const auto& key : keys) {
      const auto value = item.find(key);
      if (!value) continue;
      const auto [first, fresh] = seen.emplace(plain_name(value->text()), value->where());
      if (!fresh)
        throw value->failure(fmt::format("{} '{}' stands twice; first at {}", key, value->text(), first->second));
    }
}

/// Meters that share a port differ in their address and in nothing else of the line; an RS-485 line takes 63.
void check_shared_ports(const std::vector<Settings>& sockets) {
  std::map<std::string, std::vector<const Settings*>> ports;
  const auto said = [](const Settings& socket, const char* key, const char* otherwise) {
    const auto value = socket.find(key);
    return value ? value->text() : std::string{otherwise};
  };
  for (const auto& socket : sockets) {
    const auto port = socket.at("port");
    auto& sharing = ports[plain_name(port.text())];
    for (const auto* other : sharing) {
      const auto first = other->at("port").where();
      if (said(socket, "unit", "1") == said(*other, "unit", "1"))
        throw port.failure(fmt::format("port '{}' stands twice; first at {}. Meters that share one need a `unit` each",
                                       port.text(), first));
      for (const auto& [key, factory] : {std::pair{"baud", "19200"}, {"parity", "none"}})
        if (said(socket, key, factory) != said(*other, key, factory))
          throw port.failure(
              fmt::format("port '{}' has another {} than at {}; a line has one", port.text(), key, first));
    }
    sharing.push_back(&socket);
    if (sharing.size() > 63) throw port.failure(fmt::format("port '{}' has more than 63 meters", port.text()));
  }
}

}  // namespace

std::optional<std::string> Envelope::outside(const LoadPoint& point) const {
  if (point.frequency < lowest || point.frequency > highest)
    return fmt::format("{} is outside the bench's {} to {}", show(point.frequency), show(lowest), show(highest));
  for (const auto& phase : point.phases) {
    double voltage_square = 1, current_square = 1;
    for (const auto& h : phase.voltage_harmonics) voltage_square += h.of_fundamental.si() * h.of_fundamental.si();
    for (const auto& h : phase.current_harmonics) current_square += h.of_fundamental.si() * h.of_fundamental.si();
    const auto u = phase.voltage * std::sqrt(voltage_square);
    const auto i = phase.current * std::sqrt(current_square);
    if (!(u <= voltage)) return fmt::format("{} is above the bench's envelope of {}", show(u), show(voltage));
    if (!(i <= current)) return fmt::format("{} is above the bench's envelope of {}", show(i), show(current));
  }
  return std::nullopt;
}

int BenchFile::most_on_one_port() const {
  std::map<std::string, int> sharing;
  int most = 1;
  for (const auto& socket : sockets) most = std::max(most, ++sharing[plain_name(socket.port)]);
  return most;
}

const std::vector<BenchCertificate>& BenchFile::ct_certificates_of(int position) const {
  const auto& own = sockets.at(static_cast<std::size_t>(position) - 1).ct_certificates;
  return own.empty() ? ct_certificates : own;
}

BenchFile load_bench(const std::string& path) {
  const auto file = Settings::load(path);
  BenchFile bench;
  bench.path = path;
  std::ifstream stream{path, std::ios::binary};
  std::ostringstream text;
  text << stream.rdbuf();
  bench.text = text.str();

  bench.name = file.at("bench").text();
  const auto meter = file.at("meter");
  bench.meter = meter.text();
  value_or_throw(meters().find(bench.meter, meter.where()));
  const auto system = file.at("system");
  bench.system = value_or_throw(parse_system_type(system.text(), system.where()));
  bench.envelope = read_envelope(file.at("envelope"));
  bench.ct_substitute = read_ct_substitute(file.at("ct_substitute"));
  bench.instruments = {file.at("source"), file.at("reference"), file.at("control_power")};
  bench.source_driver = driver_of(bench.source(), ac_sources());
  bench.reference_driver = driver_of(bench.reference(), reference_meters());
  bench.control_power_driver = driver_of(bench.control_power(), control_powers());
  for (const auto& instrument : bench.instruments) {
    const auto address = instrument.at("address");
    value_or_throw(parse_visa_address(address.text(), address.where()));
  }
  refuse_twice(bench.instruments, {"address"});

  const auto sockets = file.at("positions").items();
  if (sockets.empty()) throw file.at("positions").failure("expected at least one position");
  for (const auto& item : sockets) bench.sockets.push_back(read_socket(item));
  for (const char* key : {"position", "serial"}) refuse_twice(sockets, {key});
  check_shared_ports(sockets);
  refuse_twice(sockets, {"pulses", "alarm"});
  refuse_twice(sockets, {"calculator"});
  for (std::size_t i = 0; i < sockets.size(); ++i)
    if (bench.sockets[i].position != static_cast<int>(i) + 1)
      throw sockets[i]
          .at("position")
          .failure(fmt::format("expected position {}: they are numbered from 1 in order", i + 1));
  if (const auto recorder = file.find("recorder")) bench.recorder = read_recorder(*recorder);
  bench.simulation = file.find("simulation");
  read_traceability(file, sockets, bench);
  file.finish();
  return bench;
}

}  // namespace blondel
