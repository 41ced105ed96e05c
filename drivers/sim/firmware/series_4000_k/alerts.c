#include "alerts.h"

#include <math.h>

#include "fault.h"
#include "phase_loss.h"
#include "variants.h"

static struct {
  bool last_alarm;  // what the second before asked for
} state;

void alerts_start(void) {
  state.last_alarm = true;
  phase_loss_start();
}

// The measuring range of the inputs: 20 % above the 600 V line to line that they are rated for, or, as the guide can
// also be read, above what the system is said to have.
static unsigned beyond_range(const struct config* c, const struct readings* r) {
  const double pt = c->pt_ratio / 100.0;
  const bool of_system = variants()->over_range == over_range_of_system;
  const double line = 1.2 * (of_system ? c->system_voltage : 600.0 * pt);
  const double neutral = 1.2 * (of_system ? phase_loss_nominal_ln(c) : 600.0 / sqrt(3.0) * pt);
  const bool line_only = c->system_type == 11 || c->system_type == 31;
  // Below the 90 V line to neutral from which on the accuracy is stated.
  const double lowest = variants()->under_range == under_range_alert ? 90.0 * pt : 0;
  static const unsigned ends[3] = {1 << 0 | 1 << 1, 1 << 1 | 1 << 2, 1 << 0 | 1 << 2};
  unsigned bits = 0;
  for (int k = 0; k < phases; ++k) {
    if (line_only) {
      const double u = r->voltage_ll[k];
      if (!isnan(u) && (u > line || u < sqrt(3.0) * lowest)) bits |= ends[k];
    } else {
      const double u = r->voltage_ln[k];
      if (!isnan(u) && (u > neutral || u < lowest)) bits |= 1u << k;
    }
  }
  return bits;
}

// Mis-wired phases show as a low power factor; without a load there is none to speak of.
static bool low_power_factor(const struct config* c, const struct readings* r, int phase) {
  if (variants()->low_pf_without_load == low_pf_idle_ignored && r->current[phase] < 0.01 * c->ct_primary) return false;
  // A current that lags by exactly 120 degrees is measured a hair to one side or the other of 0.5.
  double limit = variants()->low_pf_compare == compare_inclusive ? 0.5 + 1e-4 : 0.5;
  if (FAULT(low_power_factor_below_0_7)) limit = 0.7;
  return r->power_factor[phase] < limit;
}

unsigned alerts_second(const struct config* c, const struct readings* r, bool overrun) {
  const struct elements e = metering_elements(c);
  unsigned bits = beyond_range(c, r);
  for (int k = 0; k < phases; ++k) {
    if (!e.used[k]) continue;
    if (r->current[k] > 1.2 * c->ct_primary && !FAULT(no_current_over_range_bits)) bits |= alert_current_a << k;
    if (low_power_factor(c, r, k) && !FAULT(no_low_power_factor_bits)) bits |= alert_low_power_factor_a << k;
  }
  if (r->frequency_lost && !FAULT(no_frequency_bit)) bits |= alert_frequency;
  if (FAULT(reserved_alert_bit_set)) bits |= 1u << 7;
  bits |= phase_loss_second(c, r) << 8;
  if (overrun && !FAULT(no_overrun_bit)) bits |= alert_pulse_overrun;
  if (c->pulse_duration == 0) bits |= alert_pulse_configuration;
  return bits;
}

bool alerts_alarm(unsigned bits) {
  if (FAULT(alarm_never_closes)) return false;
  if (FAULT(alarm_always_closed)) return true;
  if (FAULT(alarm_by_phase_a_only)) bits &= ~(alert_any_phase_loss & ~(unsigned)alert_phase_loss_a);
  const bool now = (bits & (variants()->alarm_cause == alarm_by_any_alert ? 0xFFFFu : alert_any_phase_loss)) != 0;
  const bool alarm = variants()->alarm_delay_s == 0 ? now : state.last_alarm;
  state.last_alarm = now;
  return alarm;
}
