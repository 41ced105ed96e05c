#include "references/standards/no_load_time.hpp"

#include <initializer_list>
#include <utility>

namespace blondel {
namespace {

/// The first of these that is not above 0, in words.
std::string missing(std::initializer_list<std::pair<const char*, double>> needed) {
  for (const auto& [name, value] : needed)
    if (!(value > 0)) return fmt::format("{} must be above 0 for this test's time, it is {}", name, value);
  return {};
}

Result<Seconds> over(double numerator, Seconds unit, std::initializer_list<std::pair<const char*, double>> factors) {
  if (auto what = missing(factors); !what.empty()) return fail(Fault::malformed, "test time", std::move(what));
  double product = 1;
  for (const auto& [name, value] : factors) product *= value;
  return unit * (numerator / product);
}

}  // namespace

Result<Seconds> no_load_time(const NoLoad& rule, const MeterConstants& meter) {
  const std::pair<const char*, double> k{"the meter constant", meter.pulses_per_kwh},
      m{"the number of elements", meter.elements}, un{"Un", meter.un.si()};
  switch (rule.over) {
    case NoLoad::Over::imax: return over(rule.numerator, rule.unit, {k, m, un, {"Imax", meter.imax.si()}});
    case NoLoad::Over::start:
      return over(rule.numerator, rule.unit,
                  {k, m, {"the test voltage", meter.un.si() * rule.voltage.si()}, {"Ist", meter.ist.si()}});
    case NoLoad::Over::minimum:
      return over(rule.numerator, rule.unit,
                  {k, m, un, {"Imin", meter.imin.si()}, {"the limit at Imin", in_percent(meter.limit_at_imin)}});
    case NoLoad::Over::nothing: return rule.unit;
  }
  return fail(Fault::malformed, "test time", "unknown formula");
}

Result<Seconds> start_pulse_time(const MeterConstants& meter) {
  return over(3.6e6, Seconds{1},
              {{"the number of elements", meter.elements},
               {"the meter constant", meter.pulses_per_kwh},
               {"Un", meter.un.si()},
               {"Ist", meter.ist.si()}});
}

}  // namespace blondel
