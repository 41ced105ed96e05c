#include "phase_loss.h"

#include <math.h>
#include <string.h>

#include "fault.h"
#include "variants.h"

enum tests { line_to_line = 1, line_to_neutral = 2 };

static struct {
  bool low[2][3];      // L-L and L-N voltages below their limit in the last second: for the hysteresis
  unsigned lost_s[3];  // seconds in a row in which a phase failed, and passed
  unsigned healthy_s[3];
  unsigned lost;  // as reported
} state;

void phase_loss_start(void) {
  memset(&state, 0, sizeof state);
}

// What the arithmetic's own rounding leaves between two values counts as equal.
static bool exceeds(double value, double limit) {
  const double hair = 1e-9 * fabs(limit);
  return variants()->loss_compare == compare_inclusive ? value >= limit - hair : value > limit + hair;
}

double phase_loss_nominal_ln(const struct config* c) {
  const double system = c->system_voltage;
  double nominal = system;
  if (c->system_type == 40) nominal = system / sqrt(3.0);
  if (c->system_type == 12) nominal = variants()->type_12_nominal == type_12_half ? system / 2.0 : system / sqrt(3.0);
  // The guide prints 277 V for 480 V.
  return variants()->loss_rounding == loss_whole_volts ? floor(nominal + 0.5) : nominal;
}

// The voltages (bit 0 for the first) that have dropped by more than the allowed share of nominal. Register 142 is the
// drop, not the level.
static unsigned below(const double* voltages, bool* was_low, double nominal, unsigned drop_percent) {
  double limit = nominal * (100.0 - drop_percent) / 100.0;
  if (FAULT(drop_limit_two_percent_low)) limit -= 0.02 * nominal;
  if (FAULT(drop_taken_for_level)) limit = nominal * drop_percent / 100.0;
  if (variants()->loss_rounding == loss_whole_volts) limit = floor(limit + 0.5);
  unsigned low = 0;
  for (int k = 0; k < 3; ++k) {
    if (isnan(voltages[k])) continue;
    const double own = was_low[k] ? limit * (1 + variants()->loss_hysteresis_percent / 100.0) : limit;
    was_low[k] = exceeds(own, voltages[k]);
    if (was_low[k]) low |= 1u << k;
  }
  return low;
}

// What a difference between voltages is compared with. The guide says "phase-to-phase difference" and no more.
static double imbalance_base(double highest, double lowest, double mean, double nominal) {
  switch (variants()->imbalance_definition) {
    case imbalance_of_system_voltage: return nominal;
    case imbalance_of_mean:
    case imbalance_nema: return mean;
    case imbalance_of_minimum: return lowest;
    default: return highest;
  }
}

// The voltages among `chosen` that are lower than the highest of them by more than the allowed share; with the
// definition of NEMA MG 1 those that deviate by more from the mean, up or down.
static unsigned uneven_among(unsigned chosen, const double* voltages, double nominal, unsigned percent) {
  double highest = 0, lowest = INFINITY, sum = 0;
  int count = 0;
  for (int k = 0; k < 3; ++k) {
    if (!(chosen & 1u << k)) continue;
    highest = fmax(highest, voltages[k]);
    lowest = fmin(lowest, voltages[k]);
    sum += voltages[k];
    ++count;
  }
  const double mean = count ? sum / count : 0;
  const double limit = imbalance_base(highest, lowest, mean, nominal) * percent / 100.0;
  unsigned marked = 0;
  for (int k = 0; k < 3; ++k) {
    if (!(chosen & 1u << k)) continue;
    const double deviation =
        variants()->imbalance_definition == imbalance_nema ? fabs(voltages[k] - mean) : highest - voltages[k];
    if (deviation > 0 && exceeds(deviation, limit)) marked |= 1u << k;
  }
  return marked;
}

static unsigned uneven(const double* voltages, double nominal, unsigned percent) {
  unsigned present = 0, marked = 0;
  for (int k = 0; k < 3; ++k)
    if (!isnan(voltages[k])) present |= 1u << k;
  if (variants()->imbalance_scope == imbalance_over_all) marked = uneven_among(present, voltages, nominal, percent);
  for (int k = 0; k < 3 && variants()->imbalance_scope == imbalance_by_pairs; ++k) {
    const unsigned pair = 7u & ~(1u << k);
    if ((present & pair) == pair) marked |= uneven_among(pair, voltages, nominal, percent);
  }
  return marked != 0 && variants()->imbalance_bits == imbalance_marks_all ? present : marked;
}

// A line-to-line voltage (AB, BC, AC) has two ends, and either may be the lost one.
static unsigned phases_of_lines(unsigned lines) {
  static const unsigned ends[3] = {1 << 0 | 1 << 1, 1 << 1 | 1 << 2, 1 << 0 | 1 << 2};
  if (variants()->phase_bits_ll == ll_marks_first_end) return lines;  // AB for A, BC for B, CA for C
  unsigned united = 0, common = 7;
  int count = 0;
  for (int k = 0; k < 3; ++k) {
    if (!(lines & 1u << k)) continue;
    united |= ends[k];
    common &= ends[k];
    ++count;
  }
  return variants()->phase_bits_ll == ll_marks_common && count == 2 ? common : united;
}

// What this second alone says.
static unsigned failing(const struct config* c, const struct readings* r) {
  const unsigned type = c->system_type;
  unsigned voltage_tests = type == 10 ? line_to_neutral : type == 11 || type == 31 ? line_to_line : 3;
  unsigned balance_tests = type == 40 ? 3 : type == 31 ? line_to_line : type == 12 ? line_to_neutral : 0;
  if (FAULT(line_to_neutral_not_tested)) voltage_tests &= ~(unsigned)line_to_neutral;
  if (FAULT(no_imbalance_test)) balance_tests = 0;
  const double system = c->system_voltage, neutral = phase_loss_nominal_ln(c);
  unsigned lines = 0, lost = 0;
  if (voltage_tests & line_to_line) lines |= below(r->voltage_ll, state.low[0], system, c->loss_drop);
  if (balance_tests & line_to_line) lines |= uneven(r->voltage_ll, system, c->loss_imbalance);
  if (voltage_tests & line_to_neutral) lost |= below(r->voltage_ln, state.low[1], neutral, c->loss_drop);
  if (balance_tests & line_to_neutral) lost |= uneven(r->voltage_ln, neutral, c->loss_imbalance);
  return lost | phases_of_lines(lines);
}

static unsigned a_and_b_exchanged(unsigned bits) {
  return (bits & 4u) | (bits & 1u) << 1 | (bits & 2u) >> 1;
}

unsigned phase_loss_second(const struct config* c, const struct readings* r) {
  unsigned fails = failing(c, r);
  if (FAULT(loss_bits_a_and_b_exchanged)) fails = a_and_b_exchanged(fails);
  if (FAULT(no_loss_bit_of_c)) fails &= 3u;
  const unsigned more_s = FAULT(loss_after_ten_seconds) ? 10 : 0;
  for (int k = 0; k < phases; ++k) {
    const bool failed = (fails & 1u << k) != 0;
    state.lost_s[k] = failed ? state.lost_s[k] + 1 : 0;
    state.healthy_s[k] = failed ? 0 : state.healthy_s[k] + 1;
    if (state.lost_s[k] > (unsigned)variants()->loss_delay_s + more_s) state.lost |= 1u << k;
    if (FAULT(loss_latched)) continue;
    if (state.healthy_s[k] > (unsigned)variants()->loss_recovery_s) state.lost &= ~(1u << k);
  }
  return state.lost;
}
