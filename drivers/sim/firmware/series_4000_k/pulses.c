#include "pulses.h"

#include <math.h>
#include <string.h>

#include "fault.h"
#include "variants.h"

static struct {
  const struct blondel_hal* hal;
  struct pulse_store store;
  double energy;  // Wh and varh per pulse
  int64_t closure_ns;
  double next;         // Wh of this second, counted from its start, at which the next pulse is complete
  int64_t complete;    // of this second, held back where pulses are worked out once a second
  int64_t free_at_ns;  // when the contact may close again
  bool in_bursts;
  bool overrun;
  bool cleared;         // the accumulators, since the overrun was last seen
  double overrun_from;  // pulse energy at which it was last seen
} state;

void pulses_start(const struct blondel_hal* hal, const struct pulse_store* saved, const struct config* c) {
  memset(&state, 0, sizeof state);
  state.hal = hal;
  if (saved && !FAULT(pulse_counters_lost_without_supply)) state.store = *saved;
  if (variants()->pulse_backlog == backlog_lost) state.store.owed = 0;
  state.in_bursts = variants()->pulse_spacing == pulse_in_bursts;
  pulses_configure(c);
}

void pulses_configure(const struct config* c) {
  state.energy = FAULT(pulse_energy_not_followed) ? 1000 : c->pulse_energy;
  // Beyond the shortest closure the contact does what it can, and alert bit 15 says so.
  state.closure_ns = (int64_t)(c->pulse_duration ? c->pulse_duration : 10) * 1000000;
  if (FAULT(closure_half_as_long)) state.closure_ns /= 2;
  state.store.real_rest = fmod(state.store.real_rest, state.energy);
  state.store.reactive_rest = fmod(state.store.reactive_rest, state.energy);
  state.next = state.energy - state.store.real_rest;
}

static void complete_up_to(double wh_of_second) {
  while (wh_of_second >= state.next) {
    state.next += state.energy;
    ++*(state.in_bursts ? &state.complete : &state.store.owed);
  }
}

void pulses_sample(double wh_of_second) {
  complete_up_to(wh_of_second);
  if (state.store.owed == 0) return;
  // The timer of the contact takes an instant before the next sample, so that a train at full rate keeps its rate.
  const int64_t now = state.hal->now_ns(state.hal->context);
  const int64_t next_sample = now + 1000000000 / BLONDEL_SAMPLES_PER_SECOND;
  if (state.free_at_ns >= next_sample) return;
  const int64_t at = state.free_at_ns > now ? state.free_at_ns : now;
  if (!FAULT(every_tenth_pulse_lost) || state.store.real % 10 != 9) {
    state.hal->contact(state.hal->context, BLONDEL_PULSE, 1, at);
    state.hal->contact(state.hal->context, BLONDEL_PULSE, 0, at + state.closure_ns);
  }
  state.free_at_ns = at + (FAULT(open_time_cut_short) ? 5 : 8) * state.closure_ns / 4;
  ++state.store.real;
  --state.store.owed;
}

// Sets and clears the overrun at the end of a second of so many watts.
static void judge_overrun(double watts) {
  if (FAULT(overrun_never_ends) && state.overrun) return;
  const double capacity = state.energy * 3600.0 * 1e9 / (2.0 * (double)state.closure_ns);
  if (watts > capacity) {
    if (!state.overrun) state.overrun_from = state.energy;
    state.overrun = true;
    state.cleared = false;
    return;
  }
  switch (variants()->overrun_clear) {
    case overrun_until_slower: state.overrun = false; break;
    case overrun_until_sent: state.overrun = state.overrun && state.store.owed > 0; break;
    case overrun_until_reset: state.overrun = state.overrun && !state.cleared; break;
    default: state.overrun = state.overrun && !(state.cleared && state.energy > state.overrun_from);
  }
}

void pulses_second(double wh, double varh) {
  // What the second's end added for phases that were not counted sample by sample.
  complete_up_to(wh);
  state.next -= wh;
  state.store.real_rest = state.energy - state.next;
  state.store.owed += state.complete;
  state.complete = 0;

  state.store.reactive_rest += varh;
  while (state.store.reactive_rest >= state.energy) {
    state.store.reactive_rest -= state.energy;
    ++state.store.reactive;
  }
  judge_overrun(wh * 3600.0);
}

void pulses_power_fail(double wh) {
  complete_up_to(wh);
  state.store.real_rest = state.energy - (state.next - wh);
  state.store.owed += state.complete;
}

void pulses_clear_counters(void) {
  if (FAULT(counters_not_cleared)) return;
  state.store.real = state.store.reactive = 0;
}

void pulses_clear_backlog(void) {
  state.store.owed = 0;
  state.overrun =
      state.overrun && (variants()->overrun_clear == overrun_until_reset_and_larger || FAULT(overrun_never_ends));
  state.cleared = true;
  state.store.real_rest = state.store.reactive_rest = 0;
  state.next = state.energy;
}

bool pulses_overrun(void) {
  return state.overrun;
}

struct pulse_store pulses_now(void) {
  return state.store;
}
