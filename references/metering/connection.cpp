#include "references/metering/connection.hpp"

#include <stdexcept>

namespace blondel {

Connection connection(SystemType type) {
  switch (type) {
    case SystemType::one_phase:
      return {{true, false, false}, {true, false, false}, {false, false, false}, {true, false, false}};
    case SystemType::two_wire_ll:
      return {{true, false, false}, {false, false, false}, {true, false, false}, {true, false, false}};
    case SystemType::split_phase:
      return {{true, true, false}, {true, true, false}, {true, false, false}, {true, true, false}};
    case SystemType::delta: return {{true, true, true}, {false, false, false}, {true, true, true}, {true, true, true}};
    case SystemType::wye: return {{true, true, true}, {true, true, true}, {true, true, true}, {true, true, true}};
  }
  throw std::logic_error{"unknown system type"};
}

std::string_view name(SystemType type) {
  switch (type) {
    case SystemType::one_phase: return "one-phase";
    case SystemType::two_wire_ll: return "two-wire L-L";
    case SystemType::split_phase: return "split phase";
    case SystemType::delta: return "delta";
    case SystemType::wye: return "wye";
  }
  throw std::logic_error{"unknown system type"};
}

Result<SystemType> parse_system_type(std::string_view text, const std::string& where) {
  for (const SystemType type : system_types)
    if (text == name(type) || text == std::to_string(static_cast<int>(type))) return type;
  std::string known;
  for (const SystemType type : system_types)
    known += fmt::format("{}{} ({})", known.empty() ? "" : ", ", static_cast<int>(type), name(type));
  return fail(Fault::malformed, where, fmt::format("expected a system type, one of {}; found '{}'", known, text));
}

Result<SystemType> system_type(long long number, const std::string& where) {
  return parse_system_type(std::to_string(number), where);
}

}  // namespace blondel
