#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "references/register_maps/register_codec.hpp"
#include "references/register_maps/register_map.hpp"
#include "references/series_4000_k/accuracy_rules.hpp"
#include "references/series_4000_k/expectation.hpp"

// What every point of the register map must read. The rules, and where they come from, stand in README.md.

namespace blondel::series_4000_k {

/// What went through the meter since it was read last, in kWh, kvarh and kVAh on the primary side.
struct Energies {
  double active{}, reactive{}, apparent{};
  std::array<double, 3> phase_active{};
};

/// A demand sub-interval that is over: its mean powers, as magnitudes.
struct DemandSubinterval {
  double kilowatts{}, kilovars{}, kilovoltamperes{};
  Seconds length;
};

/// What has happened to a meter.
struct History {
  /// What points read at an earlier instant, by name; what is missing here has no verdict where it matters.
  std::map<std::string, double> before;
  Energies since;  ///< since then, at the load that stands now
  /// How much longer or shorter the meter may have counted: registers are renewed once a second at an instant of the
  /// meter's own, so two readings of them are off by up to one period, and by what reading them took.
  Seconds counting_doubt{1};
  int resets = 0;     ///< of the energy accumulators, since before; then `before` holds zeros
  int power_ups = 0;  ///< since before
  /// All sub-intervals since the demand set-up was written, in order; nothing where nobody knows.
  std::optional<std::vector<DemandSubinterval>> demand;
};

/// All that decides what the registers read.
struct Circumstances {
  Quantities truth{};             ///< on the primary side, steady for some seconds
  Conditions conditions;          ///< nominal load, configuration, temperature
  int highest_order = 1;          ///< harmonic in voltage or current
  std::optional<int> firmware{};  ///< version × 1000, where known
  ScaleExponents exponents{};     ///< as the meter tells them; nobody predicts them
  History history{};
  bool lost_before = false, overrun_before = false;  ///< as in AlertConditions
};

/// An Expectation for every readable point of the map, by name: values in the unit of the map, register resolution
/// included, or the reason why there is no verdict.
std::map<std::string, Expectation> expected_registers(const RegisterMap& map, const Circumstances& circumstances);

/// The points that this model has: those of the map without the log of its siblings, and without what its firmware
/// is too old for. In the order of the map.
std::vector<std::string> points_of_model(const RegisterMap& map, int firmware);

}  // namespace blondel::series_4000_k
