#pragma once

#include <cstdint>
#include <string>

#include "references/error.hpp"

namespace blondel {

/// Where an instrument is, as a VISA resource string says it.
struct VisaAddress {
  enum class Kind { socket, serial } kind{};
  std::string host;      ///< socket: name or address
  std::uint16_t port{};  ///< socket
  std::string device;    ///< serial: "/dev/ttyUSB0"
  bool operator==(const VisaAddress&) const = default;
};

/// Reads `TCPIP0::host::port::SOCKET` or `ASRL/dev/ttyUSB0::INSTR` (board numbers optional, case ignored).
/// Forms that VISA knows and this program cannot reach yet (GPIB, USB, VXI-11, HiSLIP) are refused by name.
Result<VisaAddress> parse_visa_address(const std::string& text, const std::string& where);

}  // namespace blondel
