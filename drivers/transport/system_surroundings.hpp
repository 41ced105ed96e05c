#pragma once

#include "drivers/modbus/shared_line.hpp"
#include "drivers/transport/surroundings.hpp"

namespace blondel {

/// The sockets and devices of the operating system.
class SystemSurroundings final : public Surroundings {
 public:
  explicit SystemSurroundings(Clock& clock) : clock_{clock} {}

  Clock& clock() override { return clock_; }
  Task<std::unique_ptr<ByteStream>> connect(std::string visa_address, Order order, Time deadline) override;
  std::unique_ptr<ModbusLine> rs485(const std::string& device, Order order) override;
  /// Contact inputs of real benches are not supported yet: whoever asks one gets Failure(incapable) that says so.
  std::unique_ptr<PulseInput> contact(const std::string& line, Order order) override;

 private:
  Clock& clock_;
  OpenLines lines_;
};

}  // namespace blondel
