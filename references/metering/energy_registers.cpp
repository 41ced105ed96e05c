#include "references/metering/energy_registers.hpp"

#include <cmath>
#include <stdexcept>

namespace blondel {

void EnergyRegisters::count(ActivePower p, ReactivePower q, Seconds duration) {
  const bool imports = p.si() >= 0, lags = q.si() >= 0;
  auto& active = imports ? imported_ : exported_;
  active = active + ActiveEnergy{std::abs(p.si()) * duration.si()};
  auto& reactive = quadrant_[lags ? (imports ? 0 : 1) : (imports ? 3 : 2)];
  reactive = reactive + ReactiveEnergy{std::abs(q.si()) * duration.si()};
}

void EnergyRegisters::add(const PhasePowers& mean, Seconds duration) {
  if (!(duration.si() >= 0)) throw std::logic_error{"energy cannot be counted backwards"};
  const auto p = mean.active[0] + mean.active[1] + mean.active[2];
  const auto q = mean.reactive[0] + mean.reactive[1] + mean.reactive[2];
  if (settings_.split == DirectionSplit::net) {
    count(p, q, duration);
  } else {
    for (std::size_t k = 0; k < 3; ++k) count(mean.active[k], mean.reactive[k], duration);
  }
  const double s = settings_.apparent == ApparentSum::vector
                       ? std::hypot(p.si(), q.si())
                       : (mean.apparent[0] + mean.apparent[1] + mean.apparent[2]).si();
  apparent_ = apparent_ + ApparentEnergy{s * duration.si()};
}

ReactiveEnergy EnergyRegisters::quadrant(int number) const {
  if (number < 1 || number > 4) throw std::logic_error{"there are four quadrants"};
  return quadrant_[static_cast<std::size_t>(number - 1)];
}

}  // namespace blondel
