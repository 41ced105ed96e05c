#include "energy.h"

#include <math.h>
#include <string.h>

#include "event_count.h"
#include "fault.h"
#include "variants.h"

// The meter counts in one direction only and a reversed CT must not change a reading: each phase counts the magnitude
// of its energy. Instant by instant a phase's power swings through zero twice a cycle unless its power factor is 1, so
// the magnitude is taken of the phase's energy over a second. So that pulses still come at the sample in which their
// energy is complete, every sample counts at once with the sign the phase had in the last second, and the second's end
// sets right what was counted with the wrong sign. A phase that has just come to life waits for the end of its first
// second.
//
// Where the total is to be the absolute value of the signed sum, the same is done with the sum over the phases.
static struct {
  struct energies total;
  int64_t second[3];  // products of codes of the second in progress
  int direction[3];   // of the last second: 1, -1, or 0 when the phase did not count
  int sum_direction;  // of the sum over the phases
  bool absolute_of_sum;
} state;

void energy_start(const struct energies* saved) {
  memset(&state, 0, sizeof state);
  if (saved && !FAULT(energy_lost_without_supply)) state.total = *saved;
  state.sum_direction = 1;
  state.absolute_of_sum = variants()->reversed_total == total_absolute_of_sum;
}

int64_t energy_sample(const int64_t product[3]) {
  // 24 by 25 bits over 2520 samples stay below 2^61.
  for (int k = 0; k < phases; ++k) state.second[k] += product[k];
  int64_t counted = 0;
  if (!state.absolute_of_sum) {
    for (int k = 0; k < phases; ++k) counted += state.direction[k] * state.second[k];
    return counted;
  }
  for (int k = 0; k < phases; ++k)
    if (state.direction[k] != 0) counted += state.second[k];
  return state.sum_direction * counted;
}

double energy_per_product(void) {
  return metering_volts_per_count() * metering_amperes_per_count() / samples_per_second / 3600.0;
}

static void add(struct energy* e, double amount) {
  e->rest += amount;
  const double whole = floor(e->rest);
  e->whole += (uint64_t)whole;
  e->rest -= whole;
}

static void spoil(const struct readings* r, struct second_energy* sum) {
  if (FAULT(capacitive_energy_lost) && r->leading) sum->reactive = 0;
  // A rating of 600 V and 100 A has 35 W in a thousandth of one phase's power.
  if (FAULT(creeps_without_current) && !r->counts[0]) sum->real += 35.0 / 3600.0;
  if (FAULT(energy_counts_at_overload_twice) && r->overloaded) sum->real *= 2;
}

struct second_energy energy_second(const struct readings* r) {
  const double unit = energy_per_product();
  struct second_energy sum = {0, 0, 0};
  bool all_count = true;
  double reactive_of_counting = 0;
  int64_t signed_sum = 0;
  for (int k = 0; k < phases; ++k) {
    const int64_t second = state.second[k];
    state.second[k] = 0;
    if (r->counts[k] || state.direction[k] != 0) {
      const double real = unit * (double)(second < 0 ? -second : second);
      add(&state.total.real_phase[k], real);
      sum.real += real;
      signed_sum += second;
    }
    if (r->counts[k]) {
      sum.apparent += (FAULT(apparent_energy_counts_real) ? r->real[k] : r->apparent[k]) / 3600.0;
      reactive_of_counting += r->reactive[k] / 3600.0;
    } else if (!isnan(r->current[k])) {
      all_count = false;
    }
    state.direction[k] = !r->counts[k] ? 0 : second < 0 ? -1 : 1;
  }
  state.sum_direction = signed_sum < 0 ? -1 : 1;
  if (state.absolute_of_sum) sum.real = unit * fabs((double)signed_sum);
  // The total lets inductive and capacitive phases cancel; it can only be taken when none of them is left out.
  sum.reactive = all_count ? r->reactive_total / 3600.0 : fmin(reactive_of_counting, r->reactive_total / 3600.0);
  spoil(r, &sum);
  add(&state.total.real, sum.real);
  add(&state.total.reactive, sum.reactive);
  add(&state.total.apparent, sum.apparent);
  return sum;
}

double energy_power_fail(void) {
  static const int64_t nothing[3] = {0, 0, 0};
  const double unit = energy_per_product();
  const double real = unit * fmax((double)energy_sample(nothing), 0);
  add(&state.total.real, real);
  for (int k = 0; k < phases; ++k)
    add(&state.total.real_phase[k], unit * fmax((double)(state.direction[k] * state.second[k]), 0));
  return real;
}

void energy_clear(void) {
  // The real, reactive and apparent accumulators and one for each phase.
  const unsigned accumulators = 3u + phases;
  const uint16_t resets =
      event_count_plus(state.total.resets, variants()->reset_count == resets_per_register ? accumulators : 1);
  if (FAULT(energy_not_cleared)) {
    state.total.resets = resets;
    return;
  }
  const struct energies before = state.total;
  memset(&state.total, 0, sizeof state.total);
  state.total.resets = FAULT(resets_not_counted) ? before.resets : resets;
  if (FAULT(phase_energies_not_cleared)) memcpy(state.total.real_phase, before.real_phase, sizeof before.real_phase);
}

const struct energies* energy_now(void) {
  return &state.total;
}

double energy_kilo(const struct energy* e) {
  return ((double)e->whole + e->rest) / 1000.0;
}
