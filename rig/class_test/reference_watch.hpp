#pragma once

#include <vector>

#include "references/standards/standard.hpp"
#include "references/uncertainty/repeatability.hpp"
#include "rig/run.hpp"

namespace blondel {

/// Mean power by the reference meter, over as many of its readings as were watched.
class ReferenceWatch {
 public:
  ReferenceWatch(Run& run, MeteredEnergy energy) : run_{run}, energy_{energy} {}

  /// Takes readings from now on; the last one ends before `end`. @throws Failure(instrument) when it were not two.
  Task<void> watch(Time end);

  struct Mean {
    double power{};        ///< W or var, without sign
    Repeatability spread;  ///< of the readings, relative to their mean
  };
  /// @pre something was watched
  Mean mean() const;
  const std::vector<double>& readings() const { return readings_; }  ///< W or var, with sign

 private:
  Run& run_;
  MeteredEnergy energy_;
  std::vector<double> readings_;
};

}  // namespace blondel
