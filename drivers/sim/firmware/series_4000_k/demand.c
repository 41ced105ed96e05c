#include "demand.h"

enum { most_subintervals = 6, least_spacing_s = 10 };

static struct {
  struct power ended[most_subintervals];  // means of the last sub-intervals, the newest first
  unsigned ended_count;
  struct second_energy sum;  // of the sub-interval in progress
  unsigned elapsed_s;
  unsigned since_close_s, since_reset_s;
  struct power present, maximum;
} state;

void demand_restart(void) {
  static const struct second_energy none;
  state.sum = none;
  state.elapsed_s = 0;
  state.ended_count = 0;
}

void demand_start(const struct power* saved_maximum) {
  static const struct power none;
  demand_restart();
  state.present = none;
  state.maximum = saved_maximum ? *saved_maximum : none;
  state.since_close_s = state.since_reset_s = least_spacing_s;
}

static void raise(double* maximum, double value) {
  if (value > *maximum) *maximum = value;
}

static void close_subinterval(unsigned intervals) {
  for (int n = most_subintervals - 1; n > 0; --n) state.ended[n] = state.ended[n - 1];
  const double to_power = 3600.0 / state.elapsed_s;
  state.ended[0].real = state.sum.real * to_power;
  state.ended[0].reactive = state.sum.reactive * to_power;
  state.ended[0].apparent = state.sum.apparent * to_power;
  if (state.ended_count < most_subintervals) ++state.ended_count;
  const unsigned ended = state.ended_count;
  static const struct second_energy none;
  state.sum = none;
  state.elapsed_s = 0;
  if (ended < intervals) return;  // the first interval is not complete yet

  struct power mean = {0, 0, 0};
  for (unsigned n = 0; n < intervals; ++n) {
    mean.real += state.ended[n].real / intervals;
    mean.reactive += state.ended[n].reactive / intervals;
    mean.apparent += state.ended[n].apparent / intervals;
  }
  state.present = mean;
  raise(&state.maximum.real, mean.real);
  raise(&state.maximum.reactive, mean.reactive);
  raise(&state.maximum.apparent, mean.apparent);
}

void demand_second(const struct config* c, const struct second_energy* second, bool close) {
  state.sum.real += second->real;
  state.sum.reactive += second->reactive;
  state.sum.apparent += second->apparent;
  ++state.elapsed_s;
  if (state.since_close_s < least_spacing_s) ++state.since_close_s;
  if (state.since_reset_s < least_spacing_s) ++state.since_reset_s;

  const bool by_command = close && state.since_close_s >= least_spacing_s;
  const bool by_time = c->subinterval_s != 0 && state.elapsed_s >= c->subinterval_s;
  if (!by_command && !by_time) return;
  if (by_command) state.since_close_s = 0;
  // Closed by commands alone, an interval is one sub-interval.
  close_subinterval(c->subinterval_s == 0 ? 1 : c->subintervals);
}

void demand_reset_maximum(void) {
  if (state.since_reset_s < least_spacing_s) return;
  state.since_reset_s = 0;
  state.maximum = state.present;
}

const struct power* demand_present(void) {
  return &state.present;
}
const struct power* demand_maximum(void) {
  return &state.maximum;
}
