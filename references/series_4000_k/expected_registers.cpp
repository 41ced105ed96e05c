#include "references/series_4000_k/expected_registers.hpp"

#include <algorithm>
#include <cmath>

#include "references/series_4000_k/expected_parts.hpp"

namespace blondel::series_4000_k {
namespace {

/// Above this share of the largest integer the register may be saturated; what it reads then is not printed.
constexpr double saturation = 0.95 * 32767;

bool may_saturate(const RegisterPoint& point) {
  return point.format == RegisterFormat::uint16 && point.scale != RegisterScale::none &&
         point.scale != RegisterScale::fixed;
}

bool of_the_log(const RegisterPoint& point) {
  return point.system_types.empty() && !point.name.starts_with("reserved_");
}

/// The name under which the parts know a point: an integer is known by its float.
std::string known_as(const RegisterMap& map, const RegisterPoint& point) {
  if (point.format == RegisterFormat::float32 || !point.twin) return point.name;
  const auto* twin = map.find(*point.twin);
  return twin ? twin->name : point.name;
}

double step_of(const RegisterPoint& point, const ScaleExponents& exponents) {
  return scaled(point, 1, exponents);
}

/// Half of a register's step at a value; whole pulses are not rounded.
double half_step(const RegisterPoint& point, double value, const ScaleExponents& exponents) {
  if (point.format == RegisterFormat::float32) return std::ldexp(std::abs(value), -24);
  if (point.scale == RegisterScale::none) return 0;
  return step_of(point, exponents) / 2;
}

void widen(Expectation& e, const RegisterPoint& point, const Circumstances& at) {
  double before = 0;
  if (e.since_before) {
    const auto found = at.history.before.find(point.name);
    if (found == at.history.before.end() || !std::isfinite(found->second)) {
      e = no_verdict("nobody knows what it read before");
      return;
    }
    before = found->second;
  }
  for (auto& range : e.values) {
    range = {before + range.value, before + range.lower, before + range.upper};
    // A difference of two readings is rounded twice.
    e.resolution = half_step(point, range.value, at.exponents) * (e.since_before ? 2 : 1);
    range.lower -= e.resolution;
    range.upper += e.resolution;
  }
}

Expectation expectation(const RegisterMap& map, const RegisterPoint& point, const Expectations& parts,
                        const Circumstances& at) {
  if (of_the_log(point)) return no_verdict("only in the siblings that have a log");
  if (point.after_firmware && at.firmware && *at.firmware <= point.after_firmware)
    return no_verdict("not in this firmware");
  if (point.name == "reserved_25" || point.name == "reserved_25_f") return without_value("reserved, has no value");
  const auto found = parts.find(known_as(map, point));
  if (found == parts.end()) return no_verdict("nothing is said of this point");
  Expectation e = found->second;
  // Thirty-two bits have no agreed way to say "no value".
  if (e.no_value && e.values.empty() && point.format == RegisterFormat::uint32) {
    const double step = step_of(point, at.exponents);
    return exact({0, 0x80000000u * step, 0x80008000u * step}, "no such value in this system type");
  }
  const bool number = e.measured || point.name == "max_system_power";
  if (!number) return e;
  widen(e, point, at);
  if (may_saturate(point) && std::ranges::any_of(e.values, [&](const Permitted& p) {
        return p.value > saturation * step_of(point, at.exponents);
      }))
    return no_verdict("above 95 % of what the integer can hold: read the float");
  return e;
}

}  // namespace

std::map<std::string, Expectation> expected_registers(const RegisterMap& map, const Circumstances& circumstances) {
  Expectations parts = expected_instantaneous(circumstances);
  parts.merge(expected_energies(circumstances));
  parts.merge(expected_demands(circumstances));
  parts.merge(expected_configuration(circumstances));
  std::map<std::string, Expectation> all;
  for (const auto& point : map.points())
    if (point.readable) all[point.name] = expectation(map, point, parts, circumstances);
  return all;
}

std::vector<std::string> points_of_model(const RegisterMap& map, int firmware) {
  std::vector<std::string> names;
  for (const auto& point : map.points())
    if (point.readable && !of_the_log(point) && (!point.after_firmware || firmware > point.after_firmware))
      names.push_back(point.name);
  return names;
}

}  // namespace blondel::series_4000_k
