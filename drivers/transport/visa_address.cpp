#include "drivers/transport/visa_address.hpp"

#include <algorithm>
#include <cctype>
#include <string_view>
#include <vector>

#include "references/quantity_text.hpp"

namespace blondel {

namespace {

std::string upper(std::string_view text) {
  std::string all{text};
  std::ranges::transform(all, all.begin(), [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  return all;
}

std::vector<std::string> parts_of(const std::string& text) {
  std::vector<std::string> parts;
  std::size_t from = 0;
  for (auto at = text.find("::"); at != std::string::npos; from = at + 2, at = text.find("::", from))
    parts.push_back(text.substr(from, at - from));
  parts.push_back(text.substr(from));
  return parts;
}

/// "TCPIP" of "TCPIP0" or "tcpip".
std::string interface_of(const std::string& first) {
  const auto letters = first.find_first_of("0123456789");
  const auto rest = letters == std::string::npos ? std::string{} : first.substr(letters);
  if (!std::ranges::all_of(rest, [](unsigned char c) { return std::isdigit(c); })) return {};
  return upper(first.substr(0, letters));
}

bool is_host(const std::string& text) {
  return !text.empty() &&
         std::ranges::all_of(text, [](unsigned char c) { return std::isalnum(c) || c == '.' || c == '-' || c == '_'; });
}

}  // namespace

Result<VisaAddress> parse_visa_address(const std::string& text, const std::string& where) {
  const auto parts = parts_of(text);
  const auto interface = interface_of(parts.front());
  VisaAddress address;
  if (interface == "TCPIP" && parts.size() == 4 && upper(parts[3]) == "SOCKET" && is_host(parts[1])) {
    const auto port = parse_integer(parts[2], where);
    if (!port || *port < 1 || *port > 65535)
      return fail(Fault::malformed, where, "'" + text + "': a port is 1 to 65535, not " + parts[2]);
    address.kind = VisaAddress::Kind::socket;
    address.host = parts[1];
    address.port = static_cast<std::uint16_t>(*port);
    return address;
  }
  // The device follows the word at once, so the part is no interface with a board number.
  if (parts.size() == 2 && upper(parts[0]).starts_with("ASRL/") && upper(parts[1]) == "INSTR") {
    address.kind = VisaAddress::Kind::serial;
    address.device = parts[0].substr(4);
    return address;
  }
  const std::string can = "expected 'TCPIP::host::port::SOCKET' or 'ASRL/dev/name::INSTR'";
  if (parts.size() > 1 && (interface == "GPIB" || interface == "USB" || interface == "TCPIP"))
    return fail(Fault::malformed, where, "'" + text + "': this kind of VISA address is not supported yet; " + can);
  return fail(Fault::malformed, where, "'" + text + "' is no VISA resource string; " + can);
}

}  // namespace blondel
