// The alert bitmap, register 146.
#ifndef SERIES_4000_K_ALERTS_H
#define SERIES_4000_K_ALERTS_H

#include "metering.h"

enum alert {
  alert_voltage_a = 1 << 0,  // then B, C: beyond the measuring range
  alert_current_a = 1 << 3,
  alert_frequency = 1 << 6,
  alert_phase_loss_a = 1 << 8,
  alert_low_power_factor_a = 1 << 11,
  alert_pulse_overrun = 1 << 14,
  alert_pulse_configuration = 1 << 15,
  alert_any_phase_loss = 7 << 8,
};

void alerts_start(void);
// End of a second: the bits of register 146. They follow their cause and are not latched.
unsigned alerts_second(const struct config* c, const struct readings* r, bool overrun);
// Whether the alarm contact is closed (form B: open is the only healthy state) after this second's bits.
bool alerts_alarm(unsigned bits);

#endif
