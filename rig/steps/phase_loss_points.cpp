#include "rig/steps/phase_loss_points.hpp"

#include <array>

#include "references/metering/phasor_metering.hpp"
#include "rig/balanced_load.hpp"

namespace blondel {

using series_4000_k::alarm_contact_closed;
using series_4000_k::AlertExpectation;

namespace {

/// A line is not lowered further than this.
constexpr double least = 0.01;

/// The share at which something that holds at `yes` and not at `no` begins to hold, from the side where it holds.
template <class Holds>
double edge(double no, double yes, Holds holds) {
  for (int i = 0; i < 60; ++i) {
    const double middle = (no + yes) / 2;
    (holds(middle) ? yes : no) = middle;
  }
  return yes;
}

}  // namespace

LoadPoint PhaseLossCase::load(double share) const {
  auto point = balanced_load(configuration.type, configuration.system_voltage, current, Angle{0}, frequency);
  point.phases[phase].voltage = point.phases[phase].voltage * share;
  return point;
}

AlertExpectation PhaseLossCase::expected(const Quantities& truth, bool lost_before) const {
  auto all = series_4000_k::expected_alerts(
      {.truth = truth, .configuration = configuration, .ambient = Temperature{25}, .lost_before = lost_before});
  AlertExpectation ours;
  ours.must_be_set = all.must_be_set & series_4000_k::alert::phase_loss_bits;
  ours.must_be_clear = all.must_be_clear & series_4000_k::alert::phase_loss_bits;
  for (const auto mask : all.at_least_one_of)
    if (!(mask & ~series_4000_k::alert::phase_loss_bits)) ours.at_least_one_of.push_back(mask);
  return ours;
}

DecidingVoltage deciding_voltage(const PhaseLossCase& at, const Quantities& truth) {
  constexpr std::array<const char*, 3> ln = {"AN", "BN", "CN"}, ll = {"AB", "BC", "AC"};
  const auto limits = series_4000_k::phase_loss_limits(at.configuration.type, at.configuration.system_voltage,
                                                       at.configuration.phase_loss_drop);
  DecidingVoltage lowest{"none", Voltage{1e9}, Voltage{1}};
  const auto look = [&](const char* name, std::optional<Voltage> voltage, std::optional<Voltage> limit) {
    if (voltage && limit && *voltage / *limit < lowest.voltage / lowest.limit) lowest = {name, *voltage, *limit};
  };
  for (std::size_t k = 0; k < 3; ++k) {
    look(ln[k], truth.voltage_ln[k], limits.limit_ln);
    look(ll[k], truth.voltage_ll[k], limits.limit_ll);
  }
  return lowest;
}

std::optional<PhaseLossBounds> phase_loss_bounds(const PhaseLossCase& at) {
  const auto contact = [&](double share, bool lost_before) {
    const auto truth = phasor_metering(phasors(at.load(share)), at.configuration.type);
    return alarm_contact_closed(true, at.expected(truth, lost_before));
  };
  const auto open = [&](bool lost_before) {
    return [&contact, lost_before](double share) { return contact(share, lost_before) == false; };
  };
  const auto closed = [&](double share) { return contact(share, false) == true; };
  if (!open(false)(1) || !open(true)(1) || !closed(least)) return std::nullopt;
  return PhaseLossBounds{
      .clear = edge(least, 1, open(false)), .lost = edge(1, least, closed), .recovered = edge(least, 1, open(true))};
}

std::optional<PhaseLossBounds> points_beyond(const PhaseLossCase& at, const PhaseLossBounds& bounds, double margin) {
  const auto voltage = [&](double share) {
    return deciding_voltage(at, phasor_metering(phasors(at.load(share)), at.configuration.type)).voltage;
  };
  const auto above = [&](double bound) -> std::optional<double> {
    const auto holds = [&](double share) { return voltage(share) >= voltage(bound) * (1 + margin); };
    return holds(1) ? std::optional{edge(bound, 1, holds)} : std::nullopt;
  };
  const auto below = [&](double bound) -> std::optional<double> {
    const auto holds = [&](double share) { return voltage(share) <= voltage(bound) * (1 - margin); };
    return holds(least) ? std::optional{edge(bound, least, holds)} : std::nullopt;
  };
  const auto clear = above(bounds.clear), lost = below(bounds.lost), recovered = above(bounds.recovered);
  if (!clear || !lost || !recovered) return std::nullopt;
  return PhaseLossBounds{.clear = *clear, .lost = *lost, .recovered = *recovered};
}

}  // namespace blondel
