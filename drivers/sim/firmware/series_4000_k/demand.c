#include "demand.h"

#include <math.h>
#include <string.h>

#include "fault.h"
#include "variants.h"

enum { most_subintervals = 6, least_spacing_s = 10 };

// A command that is followed at most every 10 s.
struct spaced_command {
  unsigned since_s;  // since it was last followed
  bool waits;
};

static struct {
  struct second_energy ended[most_subintervals];  // the last sub-intervals, the newest first
  unsigned ended_s[most_subintervals];            // their lengths
  unsigned ended_count;
  struct second_energy sum;  // of the sub-interval in progress
  unsigned elapsed_s;
  struct spaced_command close, reset;
  bool has_present;  // an interval has been complete since power-up
  struct power present, maximum;
} state;

static const struct second_energy nothing;

void demand_restart(void) {
  state.sum = nothing;
  state.elapsed_s = 0;
  state.ended_count = 0;
}

void demand_start(const struct demand_store* saved) {
  memset(&state, 0, sizeof state);
  state.close.since_s = state.reset.since_s = least_spacing_s;
  if (!saved) return;
  if (!FAULT(maximum_demand_lost_without_supply)) state.maximum = saved->maximum;
  // 329/330 is printed as kept, its integer twin and its two neighbours are not.
  if (variants()->apparent_demand_kept) state.present.apparent = saved->present.apparent;
}

static void raise(double* maximum, double value) {
  if (value > *maximum || FAULT(maximum_demand_follows_present)) *maximum = value;
}

static struct power mean_of(const struct second_energy* wh, double seconds) {
  const double to_power = 3600.0 / seconds;
  return (struct power){wh->real * to_power, wh->reactive * to_power, wh->apparent * to_power};
}

// Closed by commands alone, an interval is one sub-interval.
static unsigned subintervals(const struct config* c) {
  if (FAULT(rolling_demand_one_interval_short) && c->subintervals > 1) return c->subintervals - 1u;
  return c->subinterval_s == 0 ? 1 : c->subintervals;
}

static void close_subinterval(unsigned intervals) {
  for (int n = most_subintervals - 1; n > 0; --n) {
    state.ended[n] = state.ended[n - 1];
    state.ended_s[n] = state.ended_s[n - 1];
  }
  state.ended[0] = state.sum;
  state.ended_s[0] = state.elapsed_s;
  if (state.ended_count < most_subintervals) ++state.ended_count;
  state.sum = nothing;
  state.elapsed_s = 0;
  if (state.ended_count < intervals) return;  // the first interval is not complete yet

  struct power mean = {0, 0, 0};
  for (unsigned n = 0; n < intervals; ++n) {
    const struct power one = mean_of(&state.ended[n], state.ended_s[n]);
    mean.real += one.real / intervals;
    mean.reactive += one.reactive / intervals;
    mean.apparent += one.apparent / intervals;
  }
  state.present = mean;
  state.has_present = true;
  raise(&state.maximum.real, mean.real);
  raise(&state.maximum.reactive, mean.reactive);
  raise(&state.maximum.apparent, mean.apparent);
}

// Whether the command is to be followed in this second.
static bool followed(struct spaced_command* command, bool asked) {
  if (command->since_s < least_spacing_s) ++command->since_s;
  const bool early = command->since_s < least_spacing_s && variants()->early_command != early_command_obeyed;
  const bool wanted = asked || command->waits;
  command->waits = wanted && early && variants()->early_command == early_command_queued;
  if (!wanted || early) return false;
  command->since_s = 0;
  return true;
}

bool demand_second(const struct config* c, const struct second_energy* second, bool close, bool reset_maximum) {
  state.sum.real += second->real;
  state.sum.reactive += second->reactive;
  state.sum.apparent += second->apparent;
  ++state.elapsed_s;

  const bool timed = c->subinterval_s != 0;
  const unsigned window_s = FAULT(demand_window_one_second_short) ? c->subinterval_s - 1u : c->subinterval_s;
  const bool obeys = FAULT(subinterval_command_ignored)
                         ? false
                         : !timed || variants()->timed_subinterval_command == timed_command_closes;
  const bool by_command = followed(&state.close, close && obeys);
  const bool ended = by_command || (timed && state.elapsed_s >= window_s);
  if (ended) close_subinterval(subintervals(c));
  if (followed(&state.reset, reset_maximum) && !FAULT(maximum_demand_not_reset)) state.maximum = state.present;
  return ended;
}

// Over the sub-intervals of the interval in progress and what there is of the running one.
static struct power running(const struct config* c) {
  struct second_energy sum = state.sum;
  unsigned seconds = state.elapsed_s;
  for (unsigned n = 0; n + 1 < subintervals(c) && n < state.ended_count; ++n) {
    sum.real += state.ended[n].real;
    sum.reactive += state.ended[n].reactive;
    sum.apparent += state.ended[n].apparent;
    seconds += state.ended_s[n];
  }
  return seconds == 0 ? state.present : mean_of(&sum, seconds);
}

struct power demand_present(const struct config* c) {
  if (variants()->present_demand == present_is_running) return running(c);
  if (!state.has_present && variants()->demand_before_first == before_first_qnan) return (struct power){NAN, NAN, NAN};
  return state.present;
}

const struct power* demand_maximum(void) {
  return &state.maximum;
}

struct demand_store demand_to_store(void) {
  return (struct demand_store){state.maximum, state.present};
}
