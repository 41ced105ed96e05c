#include "rig/reference_phasors.hpp"

#include <algorithm>
#include <cmath>

namespace blondel {

namespace {

/// A spectrum of that shape, as large as `rms_read` and turned in time until its fundamental stands at `angle`.
Spectrum shaped(const Spectrum& shape, double rms_read, double angle) {
  const double whole = rms(shape);
  if (shape.size() <= 1 || !(whole > 0)) return {{1, std::polar(rms_read, angle)}};
  const double turn = angle - std::arg(shape.at(1));
  Spectrum lines;
  for (const auto& [order, line] : shape) lines[order] = line * (rms_read / whole) * std::polar(1.0, order * turn);
  return lines;
}

double square_sum(const std::vector<HarmonicShare>& harmonics) {
  double sum = 0;
  for (const auto& h : harmonics) sum += h.of_fundamental.si() * h.of_fundamental.si();
  return sum;
}

/// Sum of what voltage and current have at the same order, each relative to its fundamental.
double pair_sum(const PhaseLoad& phase) {
  double sum = 0;
  for (const auto& u : phase.voltage_harmonics)
    for (const auto& i : phase.current_harmonics)
      if (u.order == i.order) sum += u.of_fundamental.si() * i.of_fundamental.si();
  return sum;
}

}  // namespace

PhasorSet phasors_of(const ReferenceReading& reading, double current_ratio) {
  return phasors_of(reading, LoadPoint{}, current_ratio);
}

PhasorSet phasors_of(const ReferenceReading& reading, const LoadPoint& load, double current_ratio) {
  const auto set_point = phasors(load);
  PhasorSet set;
  set.frequency = reading.frequency;
  for (std::size_t k = 0; k < 3; ++k) {
    const double angle = reading.voltage_angle[k].si();
    set.voltage[k] = shaped(set_point.voltage[k], reading.voltage[k].si(), angle);
    set.current[k] = shaped(set_point.current[k], reading.current[k].si() * current_ratio, angle - reading.lag[k].si());
  }
  return set;
}

int highest_order(const LoadPoint& load) {
  int highest = 1;
  for (const auto& phase : load.phases)
    for (const auto* harmonics : {&phase.voltage_harmonics, &phase.current_harmonics})
      for (const auto& h : *harmonics) highest = std::max(highest, h.order);
  return highest;
}

Ratio doubt_of_harmonics(const LoadPoint& load) {
  double worst = 0;
  // A share r of the rms sqrt(1 + r²) that is wrong by 1 % leaves the fundamental wrong by 1 % of r²; the power of a
  // pair has four such errors, of two sizes and two angles.
  for (const auto& phase : load.phases)
    worst = std::max(worst,
                     square_sum(phase.voltage_harmonics) + square_sum(phase.current_harmonics) + 4 * pair_sum(phase));
  return Ratio{0.01 * worst};
}

}  // namespace blondel
