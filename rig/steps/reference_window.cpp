#include "rig/steps/reference_window.hpp"

#include <fmt/format.h>

#include <cmath>
#include <numbers>

#include "references/quantity_text.hpp"
#include "references/series_4000_k/readings.hpp"
#include "rig/reference_phasors.hpp"

namespace blondel {

using namespace std::chrono_literals;

namespace {

template <class Q>
Q mean(const std::vector<ReferenceReading>& readings, auto value) {
  const double first = value(readings.front()).si();
  double sum = 0;
  for (const auto& r : readings) {
    double apart = value(r).si() - first;
    if constexpr (std::is_same_v<Q, Angle>) apart = std::remainder(apart, 2 * std::numbers::pi);
    sum += apart;
  }
  return Q{first + sum / static_cast<double>(readings.size())};
}

}  // namespace

Task<std::vector<ReferenceReading>> collect_reference(Run& run, Time end) {
  std::vector<ReferenceReading> readings;
  // A reading takes up to two integration times of one second; the last one must end within the window.
  while (run.clock.now() + 2200ms <= end) {
    auto reading = co_await run.bench.reference().next();
    readings.push_back(std::move(reading));
  }
  if (readings.size() < 3) throw Failure{Fault::instrument, "reference meter", "fewer than three readings in a window"};
  co_return readings;
}

ReferenceReading mean_of(const std::vector<ReferenceReading>& readings) {
  ReferenceReading m = readings.front();
  m.to = readings.back().to;
  m.frequency = mean<Frequency>(readings, [](const auto& r) { return r.frequency; });
  m.active_total = mean<ActivePower>(readings, [](const auto& r) { return r.active_total; });
  for (std::size_t k = 0; k < 3; ++k) {
    m.voltage[k] = mean<Voltage>(readings, [k](const auto& r) { return r.voltage[k]; });
    m.current[k] = mean<Current>(readings, [k](const auto& r) { return r.current[k]; });
    m.voltage_angle[k] = mean<Angle>(readings, [k](const auto& r) { return r.voltage_angle[k]; });
    m.lag[k] = mean<Angle>(readings, [k](const auto& r) { return r.lag[k]; });
    m.active[k] = mean<ActivePower>(readings, [k](const auto& r) { return r.active[k]; });
    m.reactive[k] = mean<ReactivePower>(readings, [k](const auto& r) { return r.reactive[k]; });
    m.apparent[k] = mean<ApparentPower>(readings, [k](const auto& r) { return r.apparent[k]; });
  }
  return m;
}

std::map<std::string, Repeatability> spreads_of(const std::vector<ReferenceReading>& readings, const LoadPoint& load,
                                                SystemType type, double current_ratio) {
  std::map<std::string, std::vector<double>> all;
  for (const auto& reading : readings)
    for (const auto& [name, value] :
         series_4000_k::readings(phasor_metering(phasors_of(reading, load, current_ratio), type), type))
      all[name].push_back(value);
  std::map<std::string, Repeatability> spreads;
  for (const auto& [name, values] : all)
    if (const auto spread = repeatability(values)) spreads[name] = *spread;
  return spreads;
}

std::optional<std::string> two_ways_apart(const ReferenceReading& mean, const LoadPoint& load,
                                          Ratio expanded_uncertainty) {
  const auto set = phasors_of(mean, load);
  double by_phasors = 0, apparent = 0;
  for (std::size_t k = 0; k < 3; ++k) {
    for (const auto& [order, u] : set.voltage[k]) by_phasors += (u * std::conj(line(set.current[k], order))).real();
    apparent += mean.voltage[k].si() * mean.current[k].si();
  }
  const double permitted = (expanded_uncertainty.si() + doubt_of_harmonics(load).si()) * apparent;
  if (std::abs(by_phasors - mean.active_total.si()) <= permitted) return std::nullopt;
  return fmt::format("tells {} and, from its voltages, currents and angles{}, {}: further apart than it may be",
                     show(mean.active_total), highest_order(load) > 1 ? " with the harmonics of the load" : "",
                     show(ActivePower{by_phasors}));
}

void check_two_ways(const ReferenceReading& mean, const LoadPoint& load, Ratio expanded_uncertainty) {
  if (auto apart = two_ways_apart(mean, load, expanded_uncertainty))
    throw Failure{Fault::instrument, "reference meter", *std::move(apart)};
}

}  // namespace blondel
