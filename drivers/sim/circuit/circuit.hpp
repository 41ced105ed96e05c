#pragma once

#include <array>
#include <complex>
#include <cstdint>
#include <map>
#include <vector>

#include "drivers/time/clock.hpp"

namespace blondel::sim {

/// Complex rms of one component: the wave is sqrt(2)·|z|·cos(order·ωt + arg z), ωt counted from bench time 0.
using Phasor = std::complex<double>;
/// A channel's components by order; 0 is DC (then the plain value).
using Spectrum = std::map<int, Phasor>;

enum Channel { ua, ub, uc, ia, ib, ic };

/// What the source is set to: V and A at its own terminals, to neutral.
struct SetPoint {
  bool on = false;
  double frequency_hz = 50;
  std::array<Spectrum, 6> channels;  ///< by Channel
  bool operator==(const SetPoint&) const = default;
};

/// The waves at one place of the circuit while they can be called constant.
struct Stretch {
  Time from, to;
  double frequency_hz{};
  std::array<Spectrum, 6> channels;
  std::uint64_t load = 0;  ///< number of the set-point that stands: 0 before the first one
};

/// The one electrical circuit behind all simulated instruments: source, wiring, reference meter, CT substitutes, leads
/// and the meters' inputs. Source, reference and every meter read it, so they agree or disagree for a reason.
class Circuit {
 public:
  virtual ~Circuit() = default;

  /// Whoever changes something that a meter can notice says so at least this long ahead: by then the meters may
  /// already have been run.
  static constexpr Duration notice{20'000'000};

  /// The source's terminals go towards `target` from `at` on (>= now + notice), with the source's own setting errors,
  /// settling and noise.
  virtual void set(const SetPoint& target, Time at) = 0;
  /// What the source was last told.
  virtual const SetPoint& target() const = 0;
  /// True when the source's terminals are dead (below 1 V and 1 mA) at `at`.
  virtual bool dead(Time at) const = 0;

  /// What stands at the reference meter's terminals over an interval of the past, in stretches.
  virtual std::vector<Stretch> at_reference(Time from, Time to) const = 0;

  /// The control power of a position (from 1) changes at `at` (>= now + notice).
  virtual void set_control_power(int position, bool on, Time at) = 0;
  virtual bool control_power(int position, Time at) const = 0;
};

}  // namespace blondel::sim
