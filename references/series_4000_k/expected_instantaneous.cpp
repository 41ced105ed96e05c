#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "references/series_4000_k/expected_parts.hpp"
#include "references/series_4000_k/readings.hpp"

namespace blondel::series_4000_k {
namespace {

constexpr std::array<const char*, 3> letters{"a", "b", "c"};
constexpr double frequency_rule_hz = 0.05;

Expectation within(std::vector<double> values, double half_width, Basis basis) {
  Expectation e;
  for (const double v : values) e.values.push_back(around(v, half_width));
  e.measured = true;
  e.basis = std::move(basis);
  return e;
}

Expectation within(double value, const std::optional<Allowance>& allowance, double unit, const char* why_not) {
  if (!allowance) return no_verdict(why_not);
  return within(std::vector{value}, allowance->half_width / unit, allowance->basis);
}

constexpr const char* no_voltage = "the data sheet states nothing outside 90 V L-N to 600 V L-L";
constexpr const char* no_current = "the data sheet states nothing below 1 % and above 100 % of the range";
constexpr const char* no_class = "the class sets no limit at this load";
constexpr const char* not_here = "no such value in this system type";

/// The members of an average, and the average itself, which may be taken of the valid ones or of three.
struct Members {
  double sum = 0, allowed = 0;
  int valid = 0;
  bool all_stated = true;
  Basis basis;

  void add(double value, const std::optional<Allowance>& allowance) {
    sum += value;
    ++valid;
    all_stated = all_stated && allowance;
    if (!allowance) return;
    allowed += allowance->half_width;
    basis = allowance->basis;
  }
  Expectation average(const char* why_not) const {
    if (valid == 0) return without_value(not_here);
    if (!all_stated) return no_verdict(why_not);
    Basis from = basis;
    from.standard = "rule of this rig";
    from.mark.clear();
    from.clause = "mean of the phases: " + from.clause;
    Expectation e;
    e.measured = true;
    e.basis = from;
    e.values.push_back(around(sum / valid, allowed / valid));
    if (valid < 3) e.values.push_back(around(sum / 3, allowed / 3));
    return e;
  }
};

class Instantaneous {
 public:
  explicit Instantaneous(const Circumstances& at)
      : at_{at}, type_{at.conditions.configuration.type}, readings_{readings(at.truth, type_)} {}

  Expectations all() {
    voltages();
    currents();
    phases();
    totals();
    frequency();
    if (at_.highest_order > highest_judged_order)
      for (auto& [name, e] : told_)
        if (e.measured) e = no_verdict("harmonics above the 15th: the meter's band ends at its sampling limit");
    return std::move(told_);
  }

 private:
  double reading(const std::string& name) const { return readings_.at(name); }

  void voltages() {
    Members ln, ll;
    constexpr std::array<const char*, 3> lines{"ab", "bc", "ac"};
    const auto& nominal = at_.conditions.nominal;
    for (std::size_t k = 0; k < 3; ++k) {
      const auto one = [&](const std::string& name, const std::optional<Voltage>& truth,
                           const std::optional<Voltage>& expected, bool line_to_line, Members& members) {
        if (!truth || !expected) {
          told_[name] = without_value(not_here);
          return;
        }
        const auto allowance = voltage_allowance(at_.conditions, *expected, line_to_line, *truth);
        told_[name] = within(truth->si(), allowance, 1, no_voltage);
        members.add(truth->si(), allowance);
      };
      one(fmt::format("voltage_{}n_f", letters[k]), at_.truth.voltage_ln[k], nominal.voltage_ln[k], false, ln);
      one(fmt::format("voltage_{}_f", lines[k]), at_.truth.voltage_ll[k], nominal.voltage_ll[k], true, ll);
    }
    told_["voltage_ln_avg_f"] = ln.average(no_voltage);
    told_["voltage_ll_avg_f"] = ll.average(no_voltage);
  }

  void currents() {
    Members members;
    for (std::size_t k = 0; k < 3; ++k) {
      const auto name = fmt::format("current_{}_f", letters[k]);
      const auto &truth = at_.truth.current[k], &nominal = at_.conditions.nominal.current[k];
      if (!truth || !nominal) {
        told_[name] = without_value(not_here);
        continue;
      }
      const auto allowance = current_allowance(at_.conditions, *nominal, *truth);
      told_[name] = within(truth->si(), allowance, 1, no_current);
      members.add(truth->si(), allowance);
    }
    told_["current_avg_f"] = members.average(no_current);
  }

  /// Under distortion "reactive" has several meanings: of the fundamental, Budeanu's and all that is not active.
  std::vector<double> reactive_meanings(const Element& phase) const {
    if (at_.highest_order <= 1) return {std::abs(phase.reactive.si())};
    return {std::abs(phase.reactive.si()), std::abs(phase.budeanu.si()), phase.nonactive.si()};
  }

  Expectation reactive(std::vector<double> vars, const std::optional<Allowance>& allowance) const {
    if (!allowance) return no_verdict(no_class);
    for (auto& v : vars) v /= 1000;
    return within(std::move(vars), allowance->half_width / 1000, allowance->basis);
  }

  /// A quotient of two readings, each with its own error.
  Expectation factor(double active, double apparent, const std::optional<Allowance>& p,
                     const std::optional<Allowance>& s) const {
    if (!p || !s || !(apparent > 0)) return no_verdict("no limit for P or S at this load, so none for P / S");
    return within(std::vector{active / apparent}, (p->half_width + active / apparent * s->half_width) / apparent,
                  {"rule of this rig", "", "P / S, errors added", ""});
  }

  void phases() {
    for (std::size_t k = 0; k < 3; ++k) {
      const std::string letter = letters[k];
      const auto tell = [&](const std::string& quantity, Expectation e) {
        told_[quantity + "_" + letter + "_f"] = std::move(e);
      };
      const auto& phase = at_.truth.phase[k];
      if (!phase || !at_.conditions.nominal.phase[k]) {
        for (const char* quantity : {"real_power", "reactive_power", "apparent_power", "power_factor"})
          tell(quantity, without_value(not_here));
        continue;
      }
      if (type_ == SystemType::delta) {
        for (const char* quantity : {"real_power", "reactive_power", "apparent_power", "power_factor"})
          tell(quantity, no_verdict("a phase of a delta has no neutral: only the sum has a meaning"));
        continue;
      }
      const auto p = phase_active_allowance(at_.conditions, k, at_.truth);
      const auto s = phase_apparent_allowance(at_.conditions, k, at_.truth);
      tell("real_power", within(reading("real_power_" + letter + "_f"), p, 1000, no_class));
      tell("reactive_power",
           reactive(reactive_meanings(*phase), phase_reactive_allowance(at_.conditions, k, at_.truth)));
      tell("apparent_power", within(reading("apparent_power_" + letter + "_f"), s, 1000,
                                    "no limit for V or I at this load, so none for their product"));
      tell("power_factor", factor(std::abs(phase->active.si()), phase->apparent.si(), p, s));
    }
  }

  void totals() {
    double active = 0, arithmetic = 0;
    std::vector<double> vars(at_.highest_order <= 1 ? 1 : 3);
    for (const auto& phase : at_.truth.phase) {
      if (!phase) continue;
      active += std::abs(phase->active.si());
      arithmetic += phase->apparent.si();
      const auto meanings = reactive_meanings(*phase);
      for (std::size_t m = 0; m < meanings.size(); ++m) vars[m] += meanings[m];
    }
    const auto p = total_active_allowance(at_.conditions, at_.truth);
    const auto s = total_apparent_allowance(at_.conditions, at_.truth);
    told_["real_power_total_f"] = within(active / 1000, p, 1000, no_class);
    told_["reactive_power_total_f"] = reactive(vars, total_reactive_allowance(at_.conditions, at_.truth));
    // The manual does not say how the phases' S are added: the arithmetic and the vector sum may both be told.
    const std::array<double, 2> sums{arithmetic, std::hypot(active, vars.front())};
    if (!s) {
      told_["apparent_power_total_f"] = no_verdict("no limit for V or I at this load, so none for their product");
      told_["power_factor_total_f"] = no_verdict("no limit for P or S at this load, so none for P / S");
      return;
    }
    Expectation apparent = within(arithmetic / 1000, s, 1000, ""), quotient = factor(active, arithmetic, p, s);
    for (std::size_t n = 1; n < sums.size(); ++n) {
      if (std::abs(sums[n] - arithmetic) <= 1e-9 * arithmetic) continue;
      apparent.values.push_back(around(sums[n] / 1000, s->half_width / 1000));
      if (quotient.judged()) quotient.values.push_back(factor(active, sums[n], p, s).values.front());
    }
    told_["apparent_power_total_f"] = std::move(apparent);
    told_["power_factor_total_f"] = std::move(quotient);
  }

  void frequency() {
    auto& told = told_["frequency_f"];
    const auto& truth = at_.truth;
    const double pt = at_.conditions.configuration.pt_ratio;
    const bool phase_a_alive = truth.voltage_ln[0]   ? truth.voltage_ln[0]->si() / pt >= 90
                               : truth.voltage_ll[0] ? truth.voltage_ll[0]->si() / pt >= 156
                                                     : false;
    const double f = truth.frequency.si();
    if (!phase_a_alive)
      told = no_verdict("frequency is taken from phase A, which is lost");
    else if (f < 45 || f > 65)
      told = no_verdict("outside 45 Hz to 65 Hz");
    else
      told = within(std::vector{f}, frequency_rule_hz,
                    {"rule of this rig", "", fmt::format("frequency, {} Hz", frequency_rule_hz), ""});
  }

  const Circumstances& at_;
  SystemType type_;
  std::map<std::string, double> readings_;
  Expectations told_;
};

}  // namespace

Expectations expected_instantaneous(const Circumstances& at) {
  return Instantaneous{at}.all();
}

}  // namespace blondel::series_4000_k
