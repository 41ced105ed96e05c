#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "references/error.hpp"
#include "references/metering/connection.hpp"

namespace blondel {

/// How wattmeter elements are put to a circuit of N wires: N - 1 of them suffice where all voltages are referred to
/// the remaining wire. Source: A. Blondel, Measurement of the energy of polyphase currents, 1893.
enum class Service {
  one_phase,        ///< line and neutral: v_a·i_a
  two_wire_ll,      ///< two lines: v_ab·i_a
  split_phase,      ///< two lines and neutral: v_a·i_a + v_b·i_b
  two_wattmeters,   ///< three wires, B the common one: v_ab·i_a + v_cb·i_c
  virtual_neutral,  ///< three wires, three sensors: against the mean of the three potentials
  four_wire,        ///< three lines and neutral: v_a·i_a + v_b·i_b + v_c·i_c
};

/// All services, in the order above.
inline constexpr std::array<Service, 6> services{Service::one_phase,       Service::two_wire_ll,
                                                 Service::split_phase,     Service::two_wattmeters,
                                                 Service::virtual_neutral, Service::four_wire};

/// The six channels of a recording or a spectrum: the potentials of A, B, C against neutral or, where there is none,
/// against any one point; then the currents through A, B, C towards the load.
inline constexpr std::array<std::string_view, 6> channel_names{"va", "vb", "vc", "ia", "ib", "ic"};

/// One wattmeter: its voltage and its current as sums of the channels.
struct ElementWiring {
  std::string name;               ///< "a", "ab", ...
  std::array<double, 3> voltage;  ///< weights of va, vb, vc
  std::array<double, 3> current;  ///< weights of ia, ib, ic
};
std::vector<ElementWiring> elements(Service service);

/// Which of the six channels a service needs.
std::array<bool, 6> needed_channels(Service service);

/// The service of a meter's system type.
Service service_of(SystemType type);

/// "one-phase", "two-wire L-L", "split phase", "two wattmeters", "delta", "wye".
std::string_view name(Service service);
/// By that name. @returns an Error (malformed) at `where` for another word.
Result<Service> parse_service(std::string_view text, const std::string& where);

}  // namespace blondel
