#include "pulses.h"

#include <math.h>

static struct {
  const struct blondel_hal* hal;
  struct pulse_store store;
  double energy;       // Wh and varh per pulse
  int64_t closure_ns;  // 0: no closure is short enough, the contact stays open
  double next;         // Wh of this second, counted from its start, at which the next pulse is complete
  int64_t owed;        // complete and not yet on the contact
  int64_t free_at_ns;  // when the contact may close again
  bool overrun;
} state;

void pulses_start(const struct blondel_hal* hal, const struct pulse_store* saved, const struct config* c) {
  static const struct pulse_store none;
  state.hal = hal;
  state.store = saved ? *saved : none;
  state.owed = 0;
  state.free_at_ns = 0;
  state.overrun = false;
  pulses_configure(c);
}

void pulses_configure(const struct config* c) {
  state.energy = c->pulse_energy;
  const unsigned duration = config_pulse_duration(c);
  // Beyond the shortest closure the contact does what it can, and alert bit 15 says so.
  state.closure_ns = (int64_t)(duration ? duration : 10) * 1000000;
  state.store.real_rest = fmod(state.store.real_rest, state.energy);
  state.store.reactive_rest = fmod(state.store.reactive_rest, state.energy);
  state.next = state.energy - state.store.real_rest;
}

void pulses_sample(double wh_of_second) {
  while (wh_of_second >= state.next) {
    state.next += state.energy;
    ++state.owed;
  }
  if (state.owed == 0) return;
  // The timer of the contact takes an instant before the next sample, so that a train at full rate keeps its rate.
  const int64_t now = state.hal->now_ns(state.hal->context);
  const int64_t next_sample = now + 1000000000 / BLONDEL_SAMPLES_PER_SECOND;
  if (state.free_at_ns >= next_sample) return;
  const int64_t at = state.free_at_ns > now ? state.free_at_ns : now;
  state.hal->contact(state.hal->context, BLONDEL_PULSE, 1, at);
  state.hal->contact(state.hal->context, BLONDEL_PULSE, 0, at + state.closure_ns);
  state.free_at_ns = at + 2 * state.closure_ns;
  ++state.store.real;
  --state.owed;
}

void pulses_second(double wh, double varh) {
  // What the second's end added for phases that were not counted sample by sample.
  while (wh >= state.next) {
    state.next += state.energy;
    ++state.owed;
  }
  state.next -= wh;
  state.store.real_rest = state.energy - state.next;

  state.store.reactive_rest += varh;
  while (state.store.reactive_rest >= state.energy) {
    state.store.reactive_rest -= state.energy;
    ++state.store.reactive;
  }

  const double watts = wh * 3600.0;
  const double capacity = state.energy * 3600.0 * 1e9 / (2.0 * (double)state.closure_ns);
  state.overrun = watts > capacity || (state.overrun && state.owed > 0);
}

void pulses_clear_counters(void) {
  state.store.real = state.store.reactive = 0;
}

void pulses_clear_backlog(void) {
  state.owed = 0;
  state.overrun = false;
  state.store.real_rest = state.store.reactive_rest = 0;
  state.next = state.energy;
}

bool pulses_overrun(void) {
  return state.overrun;
}

struct pulse_store pulses_now(void) {
  return state.store;
}
