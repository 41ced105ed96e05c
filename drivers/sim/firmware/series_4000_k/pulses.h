// The energy pulse contact and the two pulse counters.
#ifndef SERIES_4000_K_PULSES_H
#define SERIES_4000_K_PULSES_H

#include <stdbool.h>
#include <stdint.h>

#include "config.h"
#include "drivers/sim/firmware/blondel_firmware.h"

struct pulse_store {
  uint32_t real, reactive;          // 043-046, roll over to 0
  double real_rest, reactive_rest;  // Wh and varh towards the next pulse
  int64_t owed;                     // complete and not yet on the contact
};

void pulses_start(const struct blondel_hal* hal, const struct pulse_store* saved, const struct config* c);
// `wh_of_second` is the energy of the second in progress so far. A pulse closes the contact at the sample in which its
// energy is complete, or as soon after as the contact has been open as long as it was closed.
void pulses_sample(double wh_of_second);
// The second's energy as finally decided, and whether the contact could keep up with its power.
void pulses_second(double wh, double varh);
void pulses_configure(const struct config* c);
// The supply goes: `wh` of the second in progress have been counted.
void pulses_power_fail(double wh);
// Command 16498: the counters.
void pulses_clear_counters(void);
// Command 30078: what is still owed, and the overrun with it.
void pulses_clear_backlog(void);
// Alert bit 14. Set while the power is beyond what the contact can show, and until what it owes has been sent; other
// ways of clearing are variants.
bool pulses_overrun(void);
// To be saved.
struct pulse_store pulses_now(void);

#endif
