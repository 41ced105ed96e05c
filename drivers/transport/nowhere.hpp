#pragma once

#include "drivers/time/virtual_clock.hpp"
#include "drivers/transport/surroundings.hpp"
#include "references/error.hpp"

namespace blondel {

/// Surroundings without any wire, for looking at a bench without touching it.
class Nowhere final : public Surroundings {
 public:
  Clock& clock() override { return clock_; }
  Task<std::unique_ptr<ByteStream>> connect(std::string visa_address, Order, Time) override {
    throw Failure{Fault::unreachable, visa_address, "nothing is connected while a plan is only looked at"};
  }
  std::unique_ptr<ModbusLine> rs485(const std::string& device, Order) override {
    throw Failure{Fault::unreachable, device, "nothing is connected while a plan is only looked at"};
  }
  std::unique_ptr<PulseInput> contact(const std::string& line, Order) override {
    throw Failure{Fault::unreachable, line, "nothing is connected while a plan is only looked at"};
  }

 private:
  VirtualClock clock_;
};

}  // namespace blondel
