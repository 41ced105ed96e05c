#pragma once

#include <chrono>

#include "rig/run.hpp"

namespace blondel {

/// What decides a meter's pulses: what is written, and the closure that the meter has to choose for it.
struct PulseSetting {
  Current ct_primary;
  ActiveEnergy per_pulse;
  std::chrono::milliseconds closure{};
};

/// Brings a position's meter to a pulse setting. When a meter chooses its closure anew is not printed, at every change
/// or only when the energy per pulse is written; so the energy is written again, equal or not, where the closure is not
/// the one it must be.
/// @returns the closure that the meter keeps in the end.
/// @throws Failure(rejected) when it holds another CT primary or energy afterwards.
Task<std::chrono::milliseconds> set_pulses(Run& run, Position& position, PulseSetting wanted);

/// For a meter that keeps another closure than the data sheet's longest that keeps up.
Failure closure_refused(const Position& position, const PulseSetting& wanted, std::chrono::milliseconds kept);

}  // namespace blondel
