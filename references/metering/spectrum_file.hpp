#pragma once

#include <string>

#include "references/metering/phasor_set.hpp"
#include "references/metering/service.hpp"
#include "references/settings.hpp"

namespace blondel {

/// A steady state as people write it down: the lines of up to six channels, and how they are metered.
struct SpectrumFile {
  Service service{};
  PhasorSet set;  ///< channels that the service has not are empty
};

/// Reads `frequency`, `connection` (a service's name or a system type's number) and one list a channel (`va` to `ic`)
/// of {order, rms, angle}. A line is sqrt(2)·rms·cos(order·ωt + angle); order 0 is DC, signed and without an angle.
/// An empty list says that the channel is there and dead.
///
/// @throws Failure (malformed, "file:line:column") for an unknown key, a value without its unit or with another
///         kind's, a frequency outside 10 Hz to 1 kHz, an order that stands twice, is negative or beyond 1000, a
///         negative rms, a DC line with an angle, values beyond 1 GV and 1 GA, a channel that the connection needs
///         and the file lacks, and one that it has no use for.
SpectrumFile read_spectrum(const Settings& file);

/// A service by its name or by a meter's system number: "wye" or "40".
/// @returns an Error (malformed) at `where` for anything else.
Result<Service> parse_connection(const std::string& text, const std::string& where);

}  // namespace blondel
