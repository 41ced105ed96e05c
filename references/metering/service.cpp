#include "references/metering/service.hpp"

#include <algorithm>
#include <stdexcept>

namespace blondel {

std::vector<ElementWiring> elements(Service service) {
  constexpr double third = 1.0 / 3.0;
  switch (service) {
    case Service::one_phase: return {{"a", {1, 0, 0}, {1, 0, 0}}};
    case Service::two_wire_ll: return {{"ab", {1, -1, 0}, {1, 0, 0}}};
    case Service::split_phase: return {{"a", {1, 0, 0}, {1, 0, 0}}, {"b", {0, 1, 0}, {0, 1, 0}}};
    case Service::two_wattmeters: return {{"ab", {1, -1, 0}, {1, 0, 0}}, {"cb", {0, -1, 1}, {0, 0, 1}}};
    case Service::virtual_neutral:
      return {{"a", {2 * third, -third, -third}, {1, 0, 0}},
              {"b", {-third, 2 * third, -third}, {0, 1, 0}},
              {"c", {-third, -third, 2 * third}, {0, 0, 1}}};
    case Service::four_wire:
      return {{"a", {1, 0, 0}, {1, 0, 0}}, {"b", {0, 1, 0}, {0, 1, 0}}, {"c", {0, 0, 1}, {0, 0, 1}}};
  }
  throw std::logic_error{"unknown service"};
}

std::array<bool, 6> needed_channels(Service service) {
  std::array<bool, 6> needed{};
  for (const auto& element : elements(service))
    for (std::size_t k = 0; k < 3; ++k) {
      needed[k] |= element.voltage[k] != 0;
      needed[k + 3] |= element.current[k] != 0;
    }
  return needed;
}

Service service_of(SystemType type) {
  switch (type) {
    case SystemType::one_phase: return Service::one_phase;
    case SystemType::two_wire_ll: return Service::two_wire_ll;
    case SystemType::split_phase: return Service::split_phase;
    case SystemType::delta: return Service::virtual_neutral;
    case SystemType::wye: return Service::four_wire;
  }
  throw std::logic_error{"unknown system type"};
}

std::string_view name(Service service) {
  switch (service) {
    case Service::one_phase: return "one-phase";
    case Service::two_wire_ll: return "two-wire L-L";
    case Service::split_phase: return "split phase";
    case Service::two_wattmeters: return "two wattmeters";
    case Service::virtual_neutral: return "delta";
    case Service::four_wire: return "wye";
  }
  throw std::logic_error{"unknown service"};
}

Result<Service> parse_service(std::string_view text, const std::string& where) {
  const auto found = std::ranges::find(services, text, [](Service service) { return name(service); });
  if (found != services.end()) return *found;
  std::string known;
  for (const Service service : services) known += fmt::format("{}{}", known.empty() ? "" : ", ", name(service));
  return fail(Fault::malformed, where, fmt::format("expected a service, one of {}; found '{}'", known, text));
}

}  // namespace blondel
