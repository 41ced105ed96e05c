#include "rig/class_test/sheet_reading.hpp"

#include <fmt/format.h>

#include <cmath>

#include "references/series_4000_k/readings.hpp"
#include "references/uncertainty/point_budget.hpp"

namespace blondel {

namespace {

void add_certified(Budget& budget, const std::string& source, const PointInputs::Certified& c, double weight,
                   double sign) {
  const double to_percent = 100 * weight;
  const auto add = [&](Contribution line) {
    line.group = c.group.empty() ? "" : c.group + ", " + line.source;
    budget.add(std::move(line).of_input(c.value, "1", sign * to_percent));
  };
  add({source, c.standard_uncertainty, c.degrees_of_freedom, "B", "normal"});
  if (c.interpolation_half_width > 0) add(rectangular(source + ", between its points", c.interpolation_half_width));
  if (c.drift_half_width > 0) add(rectangular(source + ", drift", c.drift_half_width));
}

}  // namespace

Traceability::Reading SheetReading::of_reference() const {
  return quantity == "voltage"   ? Traceability::Reading::voltage
         : quantity == "current" ? Traceability::Reading::current
                                 : Traceability::Reading::frequency;
}

std::vector<SheetReading> sheet_readings(const LoadPoint& load, SystemType system) {
  const auto nominal = series_4000_k::readings(phasor_metering(phasors(load), system), system);
  std::vector<SheetReading> all;
  const auto take = [&](std::string name, const char* quantity, std::vector<int> elements) {
    const auto found = nominal.find(name);
    if (found == nominal.end() || !std::isfinite(found->second) || series_4000_k::bookkeeping(name, system))
      return false;
    // "voltage_an_f" is the voltage of phase A; a line-to-line voltage keeps both letters.
    std::string shown = name.substr(0, name.size() - 2);
    if (shown.starts_with("voltage_") && shown.ends_with("n")) shown.pop_back();
    all.push_back({std::move(name), std::move(shown), quantity, std::move(elements)});
    return true;
  };
  bool to_neutral = false;
  for (int k = 0; k < 3; ++k)
    to_neutral = take(fmt::format("voltage_{}n_f", "abc"[k]), "voltage", {k + 1}) || to_neutral;
  if (!to_neutral) {
    take("voltage_ab_f", "voltage", {1, 2});
    take("voltage_bc_f", "voltage", {2, 3});
    take("voltage_ac_f", "voltage", {1, 3});
  }
  for (int k = 0; k < 3; ++k) take(fmt::format("current_{}_f", "abc"[k]), "current", {k + 1});
  for (int k = 0; k < 3; ++k) take(fmt::format("power_factor_{}_f", "abc"[k]), "power factor", {k + 1});
  take("frequency_f", "frequency", {1});
  return all;
}

SheetDoubt sheet_doubt(const SheetComparison& at, int position, const SheetReading& reading) {
  SheetDoubt doubt;
  const auto inputs = [&] {
    return value_or_throw(at.traceability.at(at.for_ratio, PointInputs::Energy::active, position));
  };
  if (reading.quantity == "power factor") {
    const auto of_ct = inputs();
    doubt.budget.add(
        certificate("reference meter, of apparent power", at.bench.reference().expanded_uncertainty(at.load).si())
            .of_input(0, "1", -100 / at.factor.cosine));
    doubt.budget.add(Contribution{"CT substitute, phase", of_ct.ct_phase->standard_uncertainty,
                                  of_ct.ct_phase->degrees_of_freedom, "B", "normal"}
                         .of_input(of_ct.ct_phase->value, "rad", -100 * std::tan(at.factor.lag().si())));
    return doubt;
  }
  const double share = 1.0 / static_cast<double>(reading.elements.size());
  for (const int element : reading.elements)
    if (const auto known = at.traceability.of(reading.of_reference(), at.load, element)) {
      doubt.correction += known->value * share;
      // Elements of one certificate err alike as far as anybody knows: their shares add.
      add_certified(doubt.budget, fmt::format("reference meter, {}", reading.quantity), *known, share, -1);
    }
  const auto& environment = at.bench.file().environment;
  if (reading.quantity == "voltage" && environment && environment->leads)
    doubt.budget.add(rectangular("leads, meter against reference", environment->leads->si()).of_input(0, "1", 100));
  if (reading.quantity == "current") {
    const auto of_ct = inputs();
    doubt.correction = (1 + doubt.correction) * (1 + of_ct.ct_ratio->value) - 1;
    add_certified(doubt.budget, "CT substitute, ratio", *of_ct.ct_ratio, 1, -1);
  }
  return doubt;
}

}  // namespace blondel
