#pragma once

#include <map>
#include <span>
#include <string>

#include "drivers/sim/circuit/circuit.hpp"

namespace blondel::sim {

/// A range of a Fluke 6105A's output: the amplitudes it can give, rms, in V or A.
struct FlukeRange {
  double lowest, full_scale;
  bool operator==(const FlukeRange&) const = default;
};

/// One output channel of a simulated Fluke 6105A: range, harmonics and whether it is armed.
class FlukeChannel {
 public:
  /// A harmonic as it is set: amplitude in V or A rms, angle in degrees.
  struct Component {
    double amplitude = 0, degrees = 0;
  };

  FlukeChannel(std::span<const FlukeRange> ranges, std::string unit);

  void reset();
  /// Takes the narrowest range that covers lowest..highest. A fundamental that does not fit into it becomes zero and
  /// its harmonics go (the instrument's own behaviour is not described).
  /// @throws Refusal(-222) when there is none.
  void choose_range(double lowest, double highest);
  void use_ranges(std::span<const FlukeRange> ranges) { ranges_ = ranges; }
  const FlukeRange& range() const { return range_; }

  /// Sets one component. @throws Refusal: -222 an order outside 0..100, an angle outside -180..180, an amplitude the
  /// range cannot give; -221 DC with an angle.
  void set(int order, Component component);
  /// What is set at an order. @throws Refusal(-222) outside 0..100.
  Component at(int order) const;
  /// All orders from 1 to the highest that is set.
  int highest_order() const;
  void clear_harmonics();
  /// Rescales all components together. @throws Refusal: -222; -221 when there is nothing to scale.
  void set_rms(double rms);
  double rms() const;

  /// The components as phasors: complex rms, angles counted from `zero_degrees`. Harmonics count when they are
  /// switched on, and their angles from the channel's own fundamental.
  Spectrum spectrum(double zero_degrees) const;

  bool armed = false;         ///< VOLT:STAT, CURR:STAT
  bool harmonics_on = false;  ///< MHAR:STAT

 private:
  void check(const std::map<int, Component>& components) const;

  std::span<const FlukeRange> ranges_;
  std::string unit_;
  FlukeRange range_;
  std::map<int, Component> components_;
};

}  // namespace blondel::sim
