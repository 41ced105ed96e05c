#include "energy.h"

#include <math.h>

// The meter counts in one direction only and a reversed CT must not change a reading: each phase counts the magnitude
// of its energy. Instant by instant a phase's power swings through zero twice a cycle unless its power factor is 1, so
// the magnitude is taken of the phase's energy over a second. So that pulses still come at the sample in which their
// energy is complete, every sample counts at once with the sign the phase had in the last second, and the second's end
// sets right what was counted with the wrong sign. A phase that has just come to life waits for the end of its first
// second.
static struct {
  struct energies total;
  int64_t second[3];  // products of codes of the second in progress
  int direction[3];   // of the last second: 1, -1, or 0 when the phase did not count
} state;

void energy_start(const struct energies* saved) {
  static const struct energies none;
  state.total = saved ? *saved : none;
  for (int k = 0; k < phases; ++k) state.second[k] = state.direction[k] = 0;
}

int64_t energy_sample(const int64_t product[3]) {
  // 24 by 25 bits over 2520 samples stay below 2^61.
  int64_t counted = 0;
  for (int k = 0; k < phases; ++k) {
    state.second[k] += product[k];
    counted += state.direction[k] * state.second[k];
  }
  return counted;
}

double energy_per_product(const struct config* c) {
  return metering_volts_per_count(c) * metering_amperes_per_count(c) / samples_per_second / 3600.0;
}

static void add(struct energy* e, double amount) {
  e->rest += amount;
  const double whole = floor(e->rest);
  e->whole += (uint64_t)whole;
  e->rest -= whole;
}

struct second_energy energy_second(const struct config* c, const struct readings* r) {
  const double unit = energy_per_product(c);
  struct second_energy sum = {0, 0, 0};
  bool all_count = true;
  double reactive_of_counting = 0;
  for (int k = 0; k < phases; ++k) {
    const int64_t second = state.second[k];
    state.second[k] = 0;
    if (r->counts[k] || state.direction[k] != 0) {
      const double real = unit * (double)(second < 0 ? -second : second);
      add(&state.total.real_phase[k], real);
      sum.real += real;
    }
    if (r->counts[k]) {
      sum.apparent += r->apparent[k] / 3600.0;
      reactive_of_counting += r->reactive[k] / 3600.0;
    } else if (!isnan(r->current[k])) {
      all_count = false;
    }
    state.direction[k] = !r->counts[k] ? 0 : second < 0 ? -1 : 1;
  }
  // The total lets inductive and capacitive phases cancel; it can only be taken when none of them is left out.
  sum.reactive = all_count ? r->reactive_total / 3600.0 : fmin(reactive_of_counting, r->reactive_total / 3600.0);
  add(&state.total.real, sum.real);
  add(&state.total.reactive, sum.reactive);
  add(&state.total.apparent, sum.apparent);
  return sum;
}

void energy_clear(void) {
  const uint16_t resets = (uint16_t)((state.total.resets + 1) & 0x7FFF);
  static const struct energies none;
  state.total = none;
  state.total.resets = resets;
}

const struct energies* energy_now(void) {
  return &state.total;
}

double energy_kilo(const struct energy* e) {
  return ((double)e->whole + e->rest) / 1000.0;
}
