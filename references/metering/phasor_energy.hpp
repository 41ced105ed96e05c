#pragma once

#include <array>
#include <vector>

#include "references/error.hpp"
#include "references/metering/phasor_set.hpp"
#include "references/metering/service.hpp"
#include "references/quantity.hpp"

namespace blondel {

/// What flows through the elements of a service in a stretch of time. Elements stand at the place of their current.
struct Energies {
  std::array<ActiveEnergy, 3> active{};      ///< of each element, signed: the integral of u·i
  std::array<ReactiveEnergy, 3> reactive{};  ///< Q1 times time
  std::array<ApparentEnergy, 3> apparent{};  ///< S times time, S of the steady waveform
  ActiveEnergy total_active() const { return active[0] + active[1] + active[2]; }
  ReactiveEnergy total_reactive() const { return reactive[0] + reactive[1] + reactive[2]; }
  ApparentEnergy total_apparent() const { return apparent[0] + apparent[1] + apparent[2]; }  ///< arithmetic
};

/// Energy of a steady stimulus from one instant to another, exact at any pair of instants: the active energy has the
/// power's oscillations at every sum and difference of orders in it, each integrated in closed form.
/// Ramps of frequency have no such form and are not offered.
/// @param begin, end  after the instant at which the phasors have their angles
/// @pre begin <= end; std::logic_error otherwise
Energies phasor_energy(const PhasorSet& set, Service service, Seconds begin, Seconds end);

/// One stretch of a stimulus that changes in steps. Its phasors' angles count from the common time 0.
struct PhasorStretch {
  PhasorSet set;
  Seconds begin, end;
};
/// The sum over all stretches of what lies between two instants.
/// @returns an Error (malformed) when the stretches overlap or leave a gap between `begin` and `end`
Result<Energies> phasor_energy(const std::vector<PhasorStretch>& stretches, Service service, Seconds begin,
                               Seconds end);

}  // namespace blondel
