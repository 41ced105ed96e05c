#include "drivers/time/wall_stamp.hpp"

#include <fmt/chrono.h>

#include <chrono>

namespace blondel {

std::string wall_stamp() {
  using namespace std::chrono;
  const auto now = floor<milliseconds>(system_clock::now());
  const auto whole = floor<std::chrono::seconds>(now);
  return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:03}Z", fmt::gmtime(system_clock::to_time_t(whole)), (now - whole).count());
}

}  // namespace blondel
