#pragma once

#include <string>

#include "references/load_point.hpp"
#include "references/standards/power_factor.hpp"
#include "references/standards/standard.hpp"
#include "rig/bench_file.hpp"

namespace blondel {

/// One load point of a class test, whichever class is judged by it.
struct ClassPoint {
  MeteredEnergy energy{};
  double current_ratio{};  ///< I / In, nominal
  Angle lag;               ///< of the current behind its voltage, in the loaded elements
  int element{};           ///< the one that is loaded, from 1; 0: all of them alike

  /// "0.5 ind", of reactive energy "sin 0.5 ind".
  std::string factor() const;
  /// "balanced" or "element 2 alone"
  std::string load() const;
  /// "0.05 In, PF 0.5 ind" or "0.05 In, sin 1 ind, element 2 alone"
  std::string text() const;
  /// The same load, the last bits of a computed ratio or lag aside.
  bool same_as(const ClassPoint& other) const;
};

/// The load of a point on a bench: all voltages stand, whichever element carries current.
/// @param system_voltage  line to line; in system type 10 line to neutral
/// @pre the element is one of elements_of(bench.system)
LoadPoint load_of(const ClassPoint& point, const BenchFile& bench, Voltage system_voltage, Frequency frequency);

/// How many elements of a wiring can carry current alone against a voltage of their own: those between a line and the
/// neutral. Nothing of a delta, where every line current flows through two elements.
int elements_of(SystemType system);

/// Active (W) or reactive (var) power of a sinusoidal load on the source's side, without sign.
double power_of(const LoadPoint& load, MeteredEnergy energy);

}  // namespace blondel
