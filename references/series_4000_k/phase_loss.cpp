#include "references/series_4000_k/phase_loss.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "references/series_4000_k/pulse_output.hpp"
#include "references/series_4000_k/tolerances.hpp"

namespace blondel::series_4000_k {
namespace {

using alert::bit;

constexpr double sqrt3 = std::numbers::sqrt3;
/// The ends of L-L voltage k in the order of Quantities: AB, BC, AC.
constexpr std::array<std::array<int, 2>, 3> ends{{{0, 1}, {1, 2}, {0, 2}}};
/// Printed limits are rounded to whole volts, and the meter may round them too.
constexpr double rounding_v = 1;
/// Below 90 V L-N the data sheet states nothing; we trust a meter there to a tenth and a volt.
constexpr double unstated_share = 0.1, unstated_v = 1;
constexpr double hysteresis = 0.02;

struct Band {
  double low, high;
};

/// What the meter may read of a voltage, on the primary side. `line_to_line` says how it compares with the range.
Band as_read(double volts, bool line_to_line, double pt_ratio, Temperature ambient) {
  const double terminal = volts / pt_ratio;
  const double to_neutral = line_to_line ? terminal / sqrt3 : terminal;
  if (const auto stated = voltage_tolerance(Voltage{to_neutral}, ambient))
    return {volts * (1 - stated->si()), volts * (1 + stated->si())};
  const double slack = unstated_share * volts + unstated_v * pt_ratio;
  return {volts - slack, volts + slack};
}

/// Which of the system type's voltages are tested, as the meter may read them.
struct Tested {
  std::array<std::optional<Band>, 3> ln, ll;
};

/// The limits in every permitted reading: the leg of a split phase is printed as V/2, and the general rule, V/√3, may
/// be taken for it too.
std::vector<PhaseLossLimits> permitted_limits(const Configuration& c) {
  std::vector<PhaseLossLimits> all{phase_loss_limits(c.type, c.system_voltage, c.phase_loss_drop)};
  if (c.type != SystemType::split_phase) return all;
  all.push_back(all.front());
  const auto wye = phase_loss_limits(SystemType::wye, c.system_voltage, c.phase_loss_drop);
  all.back().nominal_ln = wye.nominal_ln;
  all.back().limit_ln = wye.limit_ln;
  return all;
}

Tested tested(const AlertConditions& at) {
  Tested t;
  const auto limits =
      phase_loss_limits(at.configuration.type, at.configuration.system_voltage, at.configuration.phase_loss_drop);
  for (std::size_t k = 0; k < 3; ++k) {
    if (limits.limit_ln && at.truth.voltage_ln[k])
      t.ln[k] = as_read(at.truth.voltage_ln[k]->si(), false, at.configuration.pt_ratio, at.ambient);
    if (limits.limit_ll && at.truth.voltage_ll[k])
      t.ll[k] = as_read(at.truth.voltage_ll[k]->si(), true, at.configuration.pt_ratio, at.ambient);
  }
  return t;
}

enum class Answer { yes, no, open };

Answer below(const Band& voltage, double limit, const AlertConditions& at) {
  const double rounding = rounding_v * std::max(1.0, at.configuration.pt_ratio);
  if (voltage.high < limit - rounding) return Answer::yes;
  const double fine = at.lost_before ? limit * (1 + hysteresis) : limit + rounding;
  return voltage.low > std::max(fine, limit + rounding) ? Answer::no : Answer::open;
}

Answer all_of(const std::vector<Answer>& readings) {
  const bool agree = std::ranges::all_of(readings, [&](Answer a) { return a == readings.front(); });
  return agree ? readings.front() : Answer::open;
}

/// Whether a voltage is below its limit in every permitted reading.
Answer below(const Band& voltage, std::optional<Voltage> PhaseLossLimits::*limit,
             const std::vector<PhaseLossLimits>& readings, const AlertConditions& at) {
  std::vector<Answer> answers;
  for (const auto& limits : readings) answers.push_back(below(voltage, (limits.*limit)->si(), at));
  return all_of(answers);
}

/// The spread of the voltages of one kind in the five definitions: of all of them, and of the two farthest apart, for
/// they may be compared in pairs. Only to the mean does that make a difference.
std::array<double, 7> spreads(const std::vector<double>& v, double nominal) {
  const auto [least, most] = std::ranges::minmax(v);
  double mean = 0, deviation = 0;
  for (const double x : v) mean += x / static_cast<double>(v.size());
  for (const double x : v) deviation = std::max(deviation, std::abs(x - mean));
  const double of_pair = (most + least) / 2;
  return {(most - least) / most, (most - least) / mean,    (most - least) / least,      (most - least) / nominal,
          deviation / mean,      (most - least) / of_pair, (most - least) / 2 / of_pair};
}

/// Whether the voltages of one kind are out of balance: yes or no only where all definitions agree, whatever the
/// meter's error within its statement.
Answer unbalanced(const std::array<std::optional<Band>, 3>& bands, double nominal, const AlertConditions& at) {
  std::vector<double> middle;
  double doubt = 2 * rounding_v * std::max(1.0, at.configuration.pt_ratio) / nominal;
  for (const auto& band : bands) {
    if (!band) continue;
    middle.push_back((band->low + band->high) / 2);
    doubt += (band->high - band->low) / nominal;
  }
  if (middle.size() < 2 || !(std::ranges::max(middle) > 0)) return Answer::no;
  const auto [least, most] = std::ranges::minmax(spreads(middle, nominal));
  const double threshold = at.configuration.imbalance.si();
  if (least - doubt > threshold) return Answer::yes;
  const double fine = at.lost_before ? threshold * (1 - hysteresis) : threshold;
  return most + doubt < fine ? Answer::no : Answer::open;
}

void phase_loss(const AlertConditions& at, AlertExpectation& expected) {
  const auto& c = at.configuration;
  const auto limits = permitted_limits(c);
  const auto voltages = tested(at);
  std::array<bool, 3> may_be_lost{};
  for (std::size_t k = 0; k < 3; ++k) {
    if (voltages.ln[k]) {
      const auto low = below(*voltages.ln[k], &PhaseLossLimits::limit_ln, limits, at);
      if (low == Answer::yes) expected.must_be_set |= bit(alert::phase_loss_a + static_cast<int>(k));
      if (low != Answer::no) may_be_lost[k] = true;
    }
    if (voltages.ll[k]) {
      const auto low = below(*voltages.ll[k], &PhaseLossLimits::limit_ll, limits, at);
      const auto [one, other] = ends[k];
      if (low == Answer::yes)
        expected.at_least_one_of.push_back(bit(alert::phase_loss_a + one) | bit(alert::phase_loss_a + other));
      if (low != Answer::no)
        may_be_lost[static_cast<std::size_t>(one)] = may_be_lost[static_cast<std::size_t>(other)] = true;
    }
  }
  const auto& used = connection(c.type);
  const auto balance = [&](const std::array<std::optional<Band>, 3>& bands,
                           std::optional<Voltage> PhaseLossLimits::*nominal) {
    std::vector<Answer> readings;
    for (const auto& reading : limits) readings.push_back(unbalanced(bands, (reading.*nominal)->si(), at));
    const auto answer = all_of(readings);
    if (answer == Answer::yes) expected.at_least_one_of.push_back(alert::phase_loss_bits);
    if (answer == Answer::no) return;
    for (std::size_t k = 0; k < 3; ++k)
      if (used.current[k]) may_be_lost[k] = true;
  };
  if (c.type == SystemType::wye || c.type == SystemType::split_phase)
    balance(voltages.ln, &PhaseLossLimits::nominal_ln);
  if (c.type == SystemType::wye || c.type == SystemType::delta) balance(voltages.ll, &PhaseLossLimits::nominal_ll);
  for (std::size_t k = 0; k < 3; ++k)
    if (!may_be_lost[k]) expected.must_be_clear |= bit(alert::phase_loss_a + static_cast<int>(k));
}

/// Whether a voltage of a phase may be below the 90 V line to neutral down to which the data sheet states an accuracy.
bool may_be_below_range(const AlertConditions& at, std::size_t phase) {
  // 1 % is more than the meter's error there.
  constexpr double lowest = 90 * 1.01;
  const double pt = at.configuration.pt_ratio;
  const auto& v = at.truth;
  if (v.voltage_ln[phase] && v.voltage_ln[phase]->si() / pt < lowest) return true;
  for (std::size_t k = 0; k < 3; ++k)
    if (const auto& [one, other] = ends[k]; (static_cast<int>(phase) == one || static_cast<int>(phase) == other) &&
                                            v.voltage_ll[k] && v.voltage_ll[k]->si() / pt < sqrt3 * lowest)
      return true;
  return false;
}

void ranges(const AlertConditions& at, AlertExpectation& expected) {
  constexpr double most_ln = 347, most_ll = 600, over_system = 1.15;
  const auto& c = at.configuration;
  const auto nominal = phase_loss_limits(c.type, c.system_voltage, Ratio{0});
  bool within = true;
  for (std::size_t k = 0; k < 3; ++k) {
    if (const auto& v = at.truth.voltage_ln[k])
      within =
          within && v->si() / c.pt_ratio <= most_ln && (!nominal.nominal_ln || *v <= *nominal.nominal_ln * over_system);
    if (const auto& v = at.truth.voltage_ll[k])
      within =
          within && v->si() / c.pt_ratio <= most_ll && (!nominal.nominal_ll || *v <= *nominal.nominal_ll * over_system);
  }
  for (int k = 0; k < 3; ++k) {
    if (within && !may_be_below_range(at, static_cast<std::size_t>(k)))
      expected.must_be_clear |= bit(alert::voltage_a + k);
    const auto& i = at.truth.current[static_cast<std::size_t>(k)];
    const double load = i ? *i / c.ct_primary : 0;
    if (load <= 1.1) expected.must_be_clear |= bit(alert::current_a + k);
    if (load >= 1.3) expected.must_be_set |= bit(alert::current_a + k);
  }
}

/// The voltages that phase A takes part in: its own where there is a neutral, else those to the other lines.
std::vector<double> of_phase_a(const AlertConditions& at) {
  std::vector<double> volts;
  const double pt = at.configuration.pt_ratio;
  if (at.truth.voltage_ln[0]) return {at.truth.voltage_ln[0]->si() / pt};
  for (const std::size_t k : {0u, 2u})
    if (at.truth.voltage_ll[k]) volts.push_back(at.truth.voltage_ll[k]->si() / pt / sqrt3);
  return volts;
}

void frequency(const AlertConditions& at, AlertExpectation& expected) {
  const double f = at.truth.frequency.si();
  const auto volts = of_phase_a(at);
  const bool dead = std::ranges::all_of(volts, [](double v) { return v < 1; });
  const bool in_range = std::ranges::all_of(volts, [](double v) { return v >= 90; });
  if (dead || f <= 44.5 || f >= 65.5) expected.must_be_set |= bit(alert::frequency);
  if (in_range && f >= 45.5 && f <= 64.5) expected.must_be_clear |= bit(alert::frequency);
}

void power_factors(const AlertConditions& at, AlertExpectation& expected) {
  const bool bookkept = at.configuration.type == SystemType::delta;
  for (std::size_t k = 0; k < 3; ++k) {
    const auto mask = bit(alert::power_factor_a + static_cast<int>(k));
    const auto& phase = at.truth.phase[k];
    if (!phase) {
      expected.must_be_clear |= mask;
      continue;
    }
    const bool measurable =
        phase->current / at.configuration.ct_primary >= 0.05 && phase->voltage.si() / at.configuration.pt_ratio >= 90;
    if (!measurable) continue;
    const double factor = std::abs(phase->power_factor());
    if (factor <= 0.45 && !bookkept) expected.must_be_set |= mask;
    if (factor >= 0.55) expected.must_be_clear |= mask;
  }
}

void pulses(const AlertConditions& at, AlertExpectation& expected) {
  const auto& c = at.configuration;
  double watts = 0;
  for (const auto& phase : at.truth.phase)
    if (phase) watts += std::abs(phase->active.si());
  const double capacity = pulse_capacity(c.per_pulse, c.closure).si();
  if (watts > 1.02 * capacity) expected.must_be_set |= bit(alert::pulse_overrun);
  if (watts < 0.98 * capacity && !at.overrun_before) expected.must_be_clear |= bit(alert::pulse_overrun);
  const double most = maximum_power(c.type, c.system_voltage, c.ct_primary).si();
  const double fastest = pulse_capacity(c.per_pulse, pulse_closures.back()).si();
  if (most > fastest * 1.0005) expected.must_be_set |= bit(alert::pulse_configuration);
  if (most < fastest * 0.9995) expected.must_be_clear |= bit(alert::pulse_configuration);
}

std::string bits_of(std::uint16_t mask) {
  std::string text;
  for (int n = 0; n < 16; ++n)
    if (mask & bit(n)) text += fmt::format("{}{}", text.empty() ? "" : ", ", n);
  return text;
}

}  // namespace

PhaseLossLimits phase_loss_limits(SystemType type, Voltage system_voltage, Ratio drop) {
  const double left = 1 - drop.si();
  PhaseLossLimits limits;
  const auto ll = [&] {
    limits.nominal_ll = system_voltage;
    limits.limit_ll = system_voltage * left;
  };
  const auto ln = [&](double divisor) {
    limits.nominal_ln = system_voltage / divisor;
    limits.limit_ln = system_voltage / divisor * left;
  };
  switch (type) {
    case SystemType::one_phase: ln(1); break;
    case SystemType::two_wire_ll:
    case SystemType::delta: ll(); break;
    case SystemType::split_phase:
      ll();
      ln(2);
      break;
    case SystemType::wye:
      ll();
      ln(sqrt3);
      break;
  }
  return limits;
}

std::string AlertExpectation::objection(std::uint16_t bits) const {
  std::string text;
  const auto add = [&](const std::string& what) { text += (text.empty() ? "" : "; ") + what; };
  if (const auto missing = static_cast<std::uint16_t>(must_be_set & ~bits))
    add("not set though they must be: bit " + bits_of(missing));
  if (const auto wrong = static_cast<std::uint16_t>(must_be_clear & bits))
    add("set though they must be clear: bit " + bits_of(wrong));
  for (const auto mask : at_least_one_of)
    if (!(mask & bits)) add("none set of bits " + bits_of(mask));
  return text;
}

AlertExpectation expected_alerts(const AlertConditions& at) {
  AlertExpectation expected;
  phase_loss(at, expected);
  ranges(at, expected);
  frequency(at, expected);
  power_factors(at, expected);
  pulses(at, expected);
  expected.must_be_clear |= bit(7);
  return expected;
}

std::optional<bool> alarm_contact_closed(bool control_power, const AlertExpectation& alerts) {
  if (!control_power) return true;
  if (alerts.must_be_set & alert::phase_loss_bits) return true;
  for (const auto mask : alerts.at_least_one_of)
    if (!(mask & ~alert::phase_loss_bits)) return true;
  if ((alerts.must_be_clear & alert::phase_loss_bits) == alert::phase_loss_bits) return false;
  return std::nullopt;
}

}  // namespace blondel::series_4000_k
