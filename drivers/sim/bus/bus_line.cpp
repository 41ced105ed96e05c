#include "drivers/sim/bus/bus_line.hpp"

namespace blondel::sim {

namespace {
std::unique_ptr<Bus> bus_of_one(Clock& clock, SimulatedMeter& meter, SerialSettings port, Order order,
                                std::uint64_t seed) {
  auto bus = std::make_unique<Bus>(clock, order, seed);
  bus->add_meter(meter, port);
  return bus;
}
}  // namespace

BusLine::BusLine(Clock& clock, std::unique_ptr<Bus> own, Bus* shared, std::string device, SerialSettings port,
                 Order order)
    : device_{std::move(device)},
      own_{std::move(own)},
      bus_{own_ ? *own_ : *shared},
      turns_{clock, device_},
      call_{clock, order, [this](const std::string& request) { return bus_.say(tap_, request); }},
      tap_{bus_.add_master(
          port,
          [this](const std::string& bytes) {
            if (!call_.answer(bytes)) ++stray_;
          },
          [this] { call_.line_gone(); })} {}

BusLine::BusLine(Clock& clock, Bus& bus, std::string device, SerialSettings port, Order order)
    : BusLine{clock, nullptr, &bus, std::move(device), port, order} {}

BusLine::BusLine(Clock& clock, SimulatedMeter& meter, std::string device, SerialSettings meter_port, Order order,
                 std::uint64_t seed)
    : BusLine{clock, bus_of_one(clock, meter, meter_port, order, seed), nullptr, std::move(device), meter_port, order} {
}

BusLine::~BusLine() {
  call_.detach();
  bus_.remove_master(tap_);
}

}  // namespace blondel::sim
