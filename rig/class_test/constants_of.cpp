#include "rig/class_test/constants_of.hpp"

#include "rig/balanced_load.hpp"

namespace blondel {

namespace {

/// Imin over In, or 0 where the class does not name it.
double imin_to_in(const ClaimedClass& claimed) {
  const auto* column = claimed.standard->connection(claimed.class_name, claimed.connection);
  if (!column || !column->named.contains(claimed.class_name)) return 0;
  const auto& named = column->named.at(claimed.class_name);
  const auto imin = named.find("Imin"), rated = named.find(column->rated(claimed.class_name));
  if (imin == named.end() || rated == named.end()) return 0;
  return imin->second / rated->second;
}

}  // namespace

MeterConstants constants_of(const ClaimedClass& claimed, const PulseSetUp& set_up, const BenchFile& bench, Voltage un) {
  const auto rated = bench.ct_substitute.primary;
  MeterConstants meter;
  meter.pulses_per_kwh = 3.6e6 / (set_up.choose(bench).per_pulse.si() * set_up.scale(bench));
  meter.elements = 0;
  for (const auto& phase : balanced_load(bench.system, un, rated, Angle{0}, Frequency{50}).phases)
    if (phase.voltage.si() > 0) {
      ++meter.elements;
      meter.un = phase.voltage;
    }
  meter.imax = rated * claimed.imax_to_in;
  if (const auto start = claimed.standard->starting_current(claimed.class_name, claimed.connection))
    meter.ist = rated * start->ratio_to_in;
  if (const double ratio = imin_to_in(claimed); ratio > 0) {
    meter.imin = rated * ratio;
    const double lag = claimed.standard->energy() == MeteredEnergy::active ? 0 : degrees(90).si();
    if (const auto claim = claim_at(claimed, {claimed.standard->energy(), ratio, Angle{lag}, 0}))
      meter.limit_at_imin = claim->limit.limit;
  }
  return meter;
}

}  // namespace blondel
