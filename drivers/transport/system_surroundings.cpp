#include "drivers/transport/system_surroundings.hpp"

#include "drivers/modbus/serial_line.hpp"
#include "drivers/transport/tcp_stream.hpp"
#include "drivers/transport/visa_address.hpp"
#include "references/error.hpp"

namespace blondel {

Task<std::unique_ptr<ByteStream>> SystemSurroundings::connect(std::string visa_address, Order, Time deadline) {
  const auto address = value_or_throw(parse_visa_address(visa_address, visa_address));
  if (address.kind == VisaAddress::Kind::serial)
    throw Failure{Fault::incapable, visa_address, "instruments on serial ports are not supported yet"};
  co_return co_await tcp_connect(clock_, address.host, address.port, deadline);
}

std::unique_ptr<ModbusLine> SystemSurroundings::rs485(const std::string& device, Order order) {
  return std::make_unique<SerialLine>(clock_, device, order);
}

std::unique_ptr<PulseInput> SystemSurroundings::contact(const std::string& line, Order) {
  throw Failure{Fault::unreachable, line, "contact inputs of real benches are not supported yet"};
}

}  // namespace blondel
