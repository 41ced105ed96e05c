#include "drivers/sim/bus/bus_line.hpp"

namespace blondel::sim {

BusLine::BusLine(Clock& clock, SimulatedMeter& meter, std::string device, SerialSettings meter_port, Order order,
                 std::uint64_t seed)
    : device_{std::move(device)},
      socket_{clock, order, [this](const std::string& request) { wire_.send(request); }},
      wire_{clock, meter, meter_port, order, seed, [this](const std::string& bytes) {
              if (!socket_.answer(bytes)) ++stray_;
            }} {}

}  // namespace blondel::sim
