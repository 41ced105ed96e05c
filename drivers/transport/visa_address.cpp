#include "drivers/transport/visa_address.hpp"

#include <charconv>
#include <regex>

namespace blondel {

Result<VisaAddress> parse_visa_address(const std::string& text, const std::string& where) {
  static const std::regex socket{R"(TCPIP\d*::([A-Za-z0-9_.\-]+)::(\d+)::SOCKET)", std::regex::icase};
  static const std::regex serial{R"(ASRL(/[^:]+)::INSTR)", std::regex::icase};
  static const std::regex known{R"((GPIB|USB|TCPIP)\d*::.*)", std::regex::icase};
  std::smatch match;
  VisaAddress address;
  if (std::regex_match(text, match, socket)) {
    address.kind = VisaAddress::Kind::socket;
    address.host = match[1];
    const auto digits = match[2].str();
    unsigned port{};
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
    if (error != std::errc{} || port == 0 || port > 65535)
      return fail(Fault::malformed, where, "'" + text + "': a port is 1 to 65535, not " + digits);
    address.port = static_cast<std::uint16_t>(port);
    return address;
  }
  if (std::regex_match(text, match, serial)) {
    address.kind = VisaAddress::Kind::serial;
    address.device = match[1];
    return address;
  }
  const std::string can = "expected 'TCPIP::host::port::SOCKET' or 'ASRL/dev/name::INSTR'";
  if (std::regex_match(text, known))
    return fail(Fault::malformed, where, "'" + text + "': this kind of VISA address is not supported yet; " + can);
  return fail(Fault::malformed, where, "'" + text + "' is no VISA resource string; " + can);
}

}  // namespace blondel
