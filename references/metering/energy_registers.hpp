#pragma once

#include <array>

#include "references/quantity.hpp"

namespace blondel {

/// How energy is parted into imported and exported.
enum class DirectionSplit {
  net,        ///< the phases are added first, the sum's sign decides ("vectorial")
  per_phase,  ///< every phase's sign decides, then the phases are added
};

/// What the apparent energy of an interval is.
enum class ApparentSum {
  arithmetic,  ///< the sum of the phases' S
  vector,      ///< sqrt(P² + Q²) of the sums
};

struct EnergySettings {
  DirectionSplit split = DirectionSplit::net;
  ApparentSum apparent = ApparentSum::arithmetic;
};

/// Mean powers of one decision interval, phase by phase; a phase that is not there is zero. Reactive power by whichever
/// definition is to be registered.
struct PhasePowers {
  std::array<ActivePower, 3> active{};
  std::array<ReactivePower, 3> reactive{};
  std::array<ApparentPower, 3> apparent{};
};

/// The energies a meter counts. Signs are decided anew in each interval that is fed: a cycle, 200 ms or a second make
/// different registers where a load swings, so the interval is part of what is registered.
///
/// Reactive energy goes by quadrant: I imports both, II exports active and imports reactive power, III exports both,
/// IV imports active and exports reactive. A power of zero counts as positive.
/// Source: IEC 62053-23, annex on quadrants; IEC 62053-24.
class EnergyRegisters {
 public:
  explicit EnergyRegisters(EnergySettings settings = {}) : settings_{settings} {}

  /// @pre duration >= 0; std::logic_error otherwise
  void add(const PhasePowers& mean, Seconds duration);

  ActiveEnergy imported() const { return imported_; }
  ActiveEnergy exported() const { return exported_; }  ///< counted positive
  ActiveEnergy net() const { return imported_ - exported_; }
  /// Of quadrant 1 to 4, counted positive. @pre 1 to 4; std::logic_error otherwise
  ReactiveEnergy quadrant(int number) const;
  ReactiveEnergy reactive_imported() const { return quadrant(1) + quadrant(2); }
  ReactiveEnergy reactive_exported() const { return quadrant(3) + quadrant(4); }
  ApparentEnergy apparent() const { return apparent_; }

 private:
  void count(ActivePower p, ReactivePower q, Seconds duration);

  EnergySettings settings_;
  ActiveEnergy imported_, exported_;
  std::array<ReactiveEnergy, 4> quadrant_{};
  ApparentEnergy apparent_;
};

}  // namespace blondel
