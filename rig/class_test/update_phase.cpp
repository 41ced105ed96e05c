#include "rig/class_test/update_phase.hpp"

namespace blondel {

using namespace std::chrono_literals;

namespace {

/// By which a meter's clock and the bench's may differ.
constexpr double clocks_apart = 200e-6;
/// Two requests, so that the register is read before it changes as well as after.
constexpr Duration spare = 40ms;

}  // namespace

/// What the bracket of the last change leaves open, and by what the clocks have come apart since.
Duration UpdatePhase::margin(Duration since) const {
  const Duration apart = std::chrono::duration_cast<Duration>(since * clocks_apart);
  return (seen_->before - seen_->after) + std::max(apart, -apart) + spare;
}

/// Up to the time between two requests, another one at every look: else a meter would be asked in step with its
/// renewals, and where between two requests these fall would be no matter of chance but an error that stays.
Duration UpdatePhase::dither() {
  // SplitMix64: the same in the same run again.
  std::uint64_t z =
      static_cast<std::uint64_t>(seen_->after.time_since_epoch().count()) + ++looks_ * 0x9E3779B97F4A7C15u;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  const auto fraction = static_cast<double>((z ^ (z >> 31)) >> 11) * 0x1p-53;
  return std::chrono::duration_cast<Duration>((seen_->asked - seen_->after) * fraction);
}

Time UpdatePhase::nearest(Time to) const {
  const Time middle = seen_->middle();
  const auto half = to >= middle ? register_update / 2 : -register_update / 2;
  return middle + register_update * ((to - middle + half) / register_update);
}

void UpdatePhase::saw(const RegisterChange& change) {
  if (seen_) {
    const Duration off = change.middle() - nearest(change.middle());
    proved_ = std::max(off, -off) <= margin(change.middle() - seen_->middle());
  }
  seen_ = change;
}

std::optional<Time> UpdatePhase::first_after(Time now) {
  if (!proved_) return std::nullopt;
  const Duration early = margin(now - seen_->middle()) + dither();
  Time due = nearest(now);
  while (due - early < now) due += register_update;
  return due - early;
}

std::optional<Time> UpdatePhase::last_before(Time end) {
  if (!proved_) return std::nullopt;
  const Duration early = margin(end - seen_->middle()) + dither();
  Time due = nearest(end);
  while (due + register_update_with_spare > end) due -= register_update;
  return due - early;
}

}  // namespace blondel
