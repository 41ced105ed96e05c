#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "drivers/sim/circuit/circuit.hpp"
#include "drivers/sim/circuit/circuit_settings.hpp"

namespace blondel::sim {

/// How one channel's amplitude moves after a change: a factor on its wave.
struct Settling {
  enum class Law { exponential, ramp } law = Law::exponential;
  double first = 1, last = 1;
  double time_s = 1;  ///< time constant, or length of the ramp

  /// The factor so long after the change. It counts as settled, and is `last` exactly, once it is within 1e-9 of it.
  double at(double since_s) const;
  double settled_after_s() const;
  /// at() of instants that follow each other every `step_s`, to within 1e-12, at a fraction of the cost.
  void at_each(double since_s, double step_s, std::span<double> factors) const;
};

/// What the source gives from one change to the next.
struct Regime {
  Time from;
  double frequency_hz = 50;
  std::array<Spectrum, 6> waves;  ///< at its terminals without load, setting errors included
  std::array<Settling, 6> settling;
  Time steady_from;  ///< when every channel has settled
  bool on = false;
  std::uint64_t load = 0;  ///< set-points up to here that changed an amplitude, an angle or the frequency
};

/// All that the source ever gave and, as far as it has been told, will give. A pure function of bench time once told.
class SourceHistory {
 public:
  SourceHistory(const SourceBehaviour& behaviour, std::uint64_t seed);

  /// From `at` on; whatever had been told for later instants is forgotten.
  void set(const SetPoint& target, Time at);
  const SetPoint& target() const { return target_; }
  /// Rises with every set: what was computed for the future before is void.
  std::uint64_t revision() const { return revision_; }

  /// The longest interval around an instant over which the same numbers hold.
  struct Piece {
    const Regime* regime{};
    Time until;           ///< the next change, `never` when none is known
    bool steady = false;  ///< the settling factors are at their last value throughout
    std::int64_t flutter_interval{};
  };
  Piece piece_at(Time t) const;

  /// 1 + the fluctuation of a channel over a piece.
  double flutter(int channel, std::int64_t interval) const;
  /// Settling and fluctuation of a channel, at an instant of a piece.
  double factor(const Piece& piece, int channel, Time t) const;

  static constexpr Duration flutter_length{100'000'000};

 private:
  SourceBehaviour behaviour_;
  std::uint64_t seed_;
  SetPoint target_;
  std::uint64_t revision_ = 0, loads_ = 0;
  std::vector<Regime> regimes_;  // by rising instant; the first is "off since ever"
};

/// rms over all components.
double rms(const Spectrum& spectrum);

}  // namespace blondel::sim
