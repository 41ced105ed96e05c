#include "alerts.h"

#include <math.h>

// A line-to-line voltage has two ends, and either may be the lost one.
static const unsigned ends_of[3] = {1 << 0 | 1 << 1, 1 << 1 | 1 << 2, 1 << 0 | 1 << 2};  // AB, BC, AC
static const unsigned end_of[3] = {1 << 0, 1 << 1, 1 << 2};

// Phases whose voltage has dropped by more than the allowed share of nominal. Register 142 is the drop, not the level.
static unsigned below(const double* voltages, const unsigned* marks, double nominal, unsigned drop_percent) {
  unsigned lost = 0;
  for (int k = 0; k < 3; ++k)
    if (!isnan(voltages[k]) && voltages[k] < nominal * (100.0 - drop_percent) / 100.0) lost |= marks[k];
  return lost;
}

// Phases that are lower than the highest by more than the allowed share of it.
static unsigned uneven(const double* voltages, const unsigned* marks, unsigned percent) {
  double highest = 0;
  unsigned lost = 0;
  for (int k = 0; k < 3; ++k)
    if (voltages[k] > highest) highest = voltages[k];
  for (int k = 0; k < 3; ++k)
    if (!isnan(voltages[k]) && highest - voltages[k] > highest * percent / 100.0) lost |= marks[k];
  return lost;
}

static unsigned phase_loss(const struct config* c, const struct readings* r) {
  const double system = c->system_voltage;
  unsigned lost = 0;
  switch (c->system_type) {
    case 10: return below(r->voltage_ln, end_of, system, c->loss_drop);
    case 11: return below(r->voltage_ll, ends_of, system, c->loss_drop);
    case 12:
      lost = below(r->voltage_ll, ends_of, system, c->loss_drop);
      lost |= below(r->voltage_ln, end_of, system / 2.0, c->loss_drop);
      return lost | uneven(r->voltage_ln, end_of, c->loss_imbalance);
    case 31:
      return below(r->voltage_ll, ends_of, system, c->loss_drop) | uneven(r->voltage_ll, ends_of, c->loss_imbalance);
    default:
      lost = below(r->voltage_ll, ends_of, system, c->loss_drop);
      lost |= below(r->voltage_ln, end_of, system / sqrt(3.0), c->loss_drop);
      lost |= uneven(r->voltage_ln, end_of, c->loss_imbalance);
      return lost | uneven(r->voltage_ll, ends_of, c->loss_imbalance);
  }
}

unsigned alerts_of(const struct config* c, const struct readings* r, bool overrun) {
  unsigned bits = 0;
  const struct elements e = metering_elements(c);
  const double pt = c->pt_ratio / 100.0;
  for (int k = 0; k < phases; ++k) {
    // 20 % above the 600 V line to line that the inputs are rated for.
    if (e.used[k] && r->star_voltage[k] > 1.2 * 600.0 / sqrt(3.0) * pt) bits |= alert_voltage_a << k;
    if (e.used[k] && r->current[k] > 1.2 * c->ct_primary) bits |= alert_current_a << k;
    // Mis-wired phases show as a low power factor; without a load there is none to speak of.
    if (e.used[k] && r->current[k] >= 0.01 * c->ct_primary && r->power_factor[k] < 0.5)
      bits |= alert_low_power_factor_a << k;
  }
  if (isnan(r->frequency)) bits |= alert_frequency;
  bits |= phase_loss(c, r) << 8;
  if (overrun) bits |= alert_pulse_overrun;
  if (config_pulse_duration(c) == 0) bits |= alert_pulse_configuration;
  return bits;
}
