#include "references/series_4000_k/overrun_choice.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>

#include "references/series_4000_k/pulse_output.hpp"

namespace blondel::series_4000_k {

Result<OverrunChoice> choose_overrun(SystemType type, Voltage system_voltage, double current_ratio) {
  using std::chrono::milliseconds;
  constexpr std::array<milliseconds, 6> preferred{milliseconds{100}, milliseconds{50},  milliseconds{250},
                                                  milliseconds{25},  milliseconds{500}, milliseconds{10}};
  // The meter may compare with a rounded maximum power, and reads its inputs with an error of its own.
  constexpr double under = 0.998, least_load = 1.03, least_primary = 5, most_primary = 32000;
  const double per_ampere = maximum_power(type, system_voltage, Current{1}).si();
  for (const auto closure : preferred)
    for (std::size_t n = 0; n + 1 < pulse_energies.size(); ++n) {
      const auto capacity = pulse_capacity(pulse_energies[n], closure);
      const Current primary{std::floor(capacity.si() * under / per_ampere)};
      if (!(primary.si() >= least_primary && primary.si() <= most_primary)) continue;
      const auto maximum = maximum_power(type, system_voltage, primary);
      const double load = current_ratio * (maximum / capacity);
      if (load >= least_load && selected_closure(pulse_energies[n], maximum) == closure)
        return OverrunChoice{.per_pulse = pulse_energies[n],
                             .cure = pulse_energies[n + 1],
                             .ct_primary = primary,
                             .closure = closure,
                             .capacity = capacity,
                             .load = load};
    }
  return fail(
      Fault::incapable, "pulse overrun",
      fmt::format("no pulse energy and CT primary are outrun by {} In at {} V", current_ratio, system_voltage.si()));
}

}  // namespace blondel::series_4000_k
