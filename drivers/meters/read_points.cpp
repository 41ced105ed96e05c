// Reads points of a Series 4000-K through its driver and prints them as one JSON object by name, null for "no value":
// what the driver makes of the registers, to be compared with what other Modbus clients make of them.

#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "drivers/meters/meter.hpp"
#include "drivers/time/wall_clock.hpp"
#include "drivers/transport/system_surroundings.hpp"
#include "references/error.hpp"

namespace blondel {
namespace {

Task<void> read(Meter& meter, std::vector<std::string> names, std::map<std::string, double>& values) {
  values = co_await meter.read(std::move(names));
}

void print_points(const std::string& device, std::vector<std::string> names) {
  WallClock clock;
  SystemSurroundings around{clock};
  const auto make = value_or_throw(meters().find("series-4000-k", "read_points"));
  const auto meter = make(Settings::parse(fmt::format("port: {}", device), "command line"), around, Order{1, 1});
  std::map<std::string, double> values;
  clock.run(read(*meter, std::move(names), values));

  auto points = nlohmann::json::object();
  for (const auto& [name, value] : values) points[name] = std::isnan(value) ? nlohmann::json{} : nlohmann::json(value);
  fmt::print("{}\n", points.dump(1));
}

}  // namespace
}  // namespace blondel

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fprintf(stderr, "usage: read_points DEVICE POINT...\n");
    return 4;
  }
  try {
    blondel::print_points(argv[1], {argv + 2, argv + argc});
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "read_points: %s\n", failure.what());
    return 3;
  }
  return 0;
}
