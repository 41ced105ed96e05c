#include "drivers/transport/system_surroundings.hpp"

#include "drivers/modbus/serial_line.hpp"
#include "drivers/transport/tcp_stream.hpp"
#include "drivers/transport/visa_address.hpp"
#include "references/error.hpp"

namespace blondel {

namespace {

/// Stands where a bench names a contact input, so that plans without pulses run.
class AbsentInput final : public PulseInput {
 public:
  explicit AbsentInput(std::string line) : line_{std::move(line)} {}
  Task<std::vector<ContactEdge>> edges() override {
    refuse();
    co_return std::vector<ContactEdge>{};
  }
  Task<bool> closed() override {
    refuse();
    co_return false;
  }
  Duration stamp_uncertainty() const override { return {}; }

 private:
  void refuse() const {
    throw Failure{Fault::incapable, line_, "contact inputs of real benches are not supported yet"};
  }
  std::string line_;
};

}  // namespace

Task<std::unique_ptr<ByteStream>> SystemSurroundings::connect(std::string visa_address, Order, Time deadline) {
  const auto address = value_or_throw(parse_visa_address(visa_address, visa_address));
  if (address.kind == VisaAddress::Kind::serial)
    throw Failure{Fault::incapable, visa_address, "instruments on serial ports are not supported yet"};
  co_return co_await tcp_connect(clock_, address.host, address.port, deadline);
}

std::unique_ptr<ModbusLine> SystemSurroundings::rs485(const std::string& device, Order order) {
  return lines_.at(device, [&] { return std::make_shared<SerialLine>(clock_, device, order); });
}

std::unique_ptr<PulseInput> SystemSurroundings::contact(const std::string& line, Order) {
  return std::make_unique<AbsentInput>(line);
}

}  // namespace blondel
