#include "metering.h"

#include <math.h>
#include <string.h>

#include "drivers/sim/firmware/blondel_firmware.h"
#include "fault.h"
#include "frequency.h"
#include "samples.h"
#include "variants.h"

static const double pi = 3.14159265358979323846;

static struct {
  struct windowed second;  // the one in progress, under Hann's window for whole periods
  int count;
  struct elements elements;
  int64_t has[phases], minus_b;  // the same as factors: 0 or 1
  double volts_per_count, amperes_per_count;
  double last_frequency;  // NAN before the first
  double ct_at_power_up;  // A
} state;

void metering_start(void) {
  if (state.second.window[1] == 0)
    for (int n = 0; n < samples_per_second; ++n)
      state.second.window[n] = 0.5 - 0.5 * cos(2 * pi * n / samples_per_second);
  state.count = 0;
  state.ct_at_power_up = 0;
  state.last_frequency = NAN;
  frequency_start();
}

struct elements metering_elements(const struct config* c) {
  struct elements e = {{true, false, false}, false};
  e.line_to_line = c->system_type == 11;
  e.used[1] = c->system_type == 12 || c->system_type == 31 || c->system_type == 40;
  e.used[2] = c->system_type == 31 || c->system_type == 40;
  return e;
}

void metering_configure(const struct config* c, double celsius) {
  const struct variants* v = variants();
  if (state.ct_at_power_up == 0) state.ct_at_power_up = c->ct_primary;
  const double ct_primary = FAULT(new_ct_waits_for_power_up) ? state.ct_at_power_up : c->ct_primary;
  const double kelvin = celsius - 25;
  // The labels 1/3 V and 0.333 V are used side by side.
  const double third = v->one_third_volt == one_third_exact ? 1.0 / 3.0 : 0.333;
  const double rated_volt = c->ct_secondary == 3 && !FAULT(ct_secondary_not_followed) ? third : 1.0;
  const double pt_ratio = FAULT(pt_ratio_not_followed) ? 1.0 : c->pt_ratio / 100.0;
  state.elements = metering_elements(c);
  for (int k = 0; k < phases; ++k) state.has[k] = state.elements.used[k];
  state.minus_b = state.elements.line_to_line;
  state.volts_per_count = BLONDEL_FULL_SCALE_VOLTAGE / BLONDEL_FULL_SCALE_COUNTS * pt_ratio *
                          (1 + 1e-6 * v->temperature_voltage_ppm_per_k * kelvin);
  state.amperes_per_count = BLONDEL_FULL_SCALE_CT_VOLTAGE / BLONDEL_FULL_SCALE_COUNTS * (ct_primary / rated_volt) *
                            (1 + 1e-6 * v->temperature_current_ppm_per_k * kelvin);
}

double metering_volts_per_count(void) {
  return state.volts_per_count;
}

double metering_amperes_per_count(void) {
  return state.amperes_per_count;
}

bool metering_sample(const int32_t codes[channels], int64_t product[3]) {
  struct code_row* row = &state.second.codes[state.count];
  memcpy(&row->u, codes + BLONDEL_UA, phases * sizeof *codes);
  memcpy(&row->i, codes + BLONDEL_IA, phases * sizeof *codes);
  // Factors of 0 and 1: a branch less in the inner loop of every run.
  product[0] = (codes[BLONDEL_UA] - state.minus_b * codes[BLONDEL_UB]) * codes[BLONDEL_IA];
  product[1] = state.has[1] * codes[BLONDEL_UB] * codes[BLONDEL_IB];
  product[2] = state.has[2] * codes[BLONDEL_UC] * codes[BLONDEL_IC];
  if (++state.count < samples_per_second) return false;
  state.count = 0;
  return true;
}

// Mean of those that are there.
static double mean(const double* values) {
  double sum = 0;
  int count = 0;
  for (int k = 0; k < 3; ++k)
    if (!isnan(values[k])) {
      sum += values[k];
      ++count;
    }
  return count ? sum / (variants()->averages == average_of_three ? 3 : count) : NAN;
}

static double ratio(double power, double apparent) {
  return apparent > 0 ? fmin(power / apparent, 1.0) : 0.0;
}

// What the type does not connect has no value.
static void blank(const struct config* c, struct readings* r) {
  const unsigned type = c->system_type;
  const bool neutral = type == 10 || type == 12 || type == 40;
  for (int k = 0; k < 3; ++k) {
    if (!neutral || (k == 1 && type == 10) || (k == 2 && type != 40)) r->voltage_ln[k] = NAN;
    if (type == 10 || (k > 0 && type != 31 && type != 40)) r->voltage_ll[k] = NAN;
  }
}

// The channel whose voltage tells the frequency for the correlation: A, and only where A is dead another one, so that
// the reactive power of the living phases stays right. -1 when all are dead.
static int reference_channel(const double star_voltage_at_terminals[3]) {
  for (int k = 0; k < 3; ++k)
    if (star_voltage_at_terminals[k] >= 20.0) return k;
  return -1;
}

// Register 026: that of phase A, within the limits of the register, which shows hundredths.
static void show_frequency(bool of_phase_a, double hertz, struct readings* r) {
  r->frequency_lost = !(of_phase_a && hertz > 44.995 && hertz < 65.005);
  if (!r->frequency_lost) state.last_frequency = hertz;
  r->frequency = state.last_frequency;
  if (!r->frequency_lost || variants()->frequency_lost == frequency_lost_last) return;
  r->frequency = variants()->frequency_lost == frequency_lost_zero ? 0 : NAN;
}

// A reversed CT turns the sign of both powers of its phase; counted with the sign of the real power, inductive and
// capacitive phases still cancel in the total as they should. Near power factor 0 that sign is only noise.
static void add_to_totals(int phase, double real, double reactive, struct readings* r) {
  const bool signed_sum = variants()->reversed_total == total_absolute_of_sum;
  const bool turned = !signed_sum && real < -0.01 * r->apparent[phase];
  r->real_total += signed_sum ? real : r->real[phase];
  r->reactive_total += turned ? -reactive : reactive;
  r->apparent_total += r->apparent[phase];
}

// The rms of a sine wave with the rectified mean of a current, in codes: what a cheap meter shows.
static double rectified_mean(int phase) {
  double sum = 0;
  for (int n = 0; n < samples_per_second; ++n) sum += fabs(state.second.window[n] * state.second.codes[n].i[phase]);
  return pi / sqrt(8.0) * sum / (samples_per_second / 2.0);
}

struct readings metering_nothing(void) {
  struct readings r = {.frequency = NAN, .frequency_lost = true};
  for (int k = 0; k < 3; ++k) {
    r.voltage_ln[k] = r.voltage_ll[k] = r.star_voltage[k] = r.current[k] = NAN;
    r.real[k] = r.reactive[k] = r.apparent[k] = r.power_factor[k] = NAN;
  }
  r.voltage_ln_avg = r.voltage_ll_avg = r.current_avg = NAN;
  r.real_total = r.reactive_total = r.apparent_total = r.power_factor_total = NAN;
  return r;
}

// Hann-weighted sums over a second, of phase by phase; `ll` of A-B, B-C, C-A.
struct products {
  by_phase uu, ii, ui, ll;
  double ab_ia;
};

IN_BOTH void sum_up(const struct windowed* x, struct products* result) {
  struct products p = {{0}, {0}, {0}, {0}, 0};
  for (int n = 0; n < samples_per_second; ++n) {
    const double w = x->window[n];
    const by_phase u = __builtin_convertvector(x->codes[n].u, by_phase);
    const by_phase i = __builtin_convertvector(x->codes[n].i, by_phase);
    const by_phase next = {u[1], u[2], u[0], 0};
    const by_phase between = u - next, wu = w * u, wi = w * i;
    p.uu += wu * u;
    p.ii += wi * i;
    p.ui += wu * i;
    p.ll += w * between * between;
    p.ab_ia += w * between[0] * i[0];
  }
  *result = p;
}

WIDE_REGISTERS static void sum_up_wide(const struct windowed* x, struct products* result) {
  sum_up(x, result);
}

static void sum_up_plain(const struct windowed* x, struct products* result) {
  sum_up(x, result);
}

void metering_second(const struct config* c, struct readings* r) {
  // Hann-weighted means. A plain mean over one second is off by up to 0.2 % unless the second holds a whole number of
  // half cycles; the weight makes that 1e-6 at any frequency and phase.
  struct products p;
  if (HAS_WIDE_REGISTERS)
    sum_up_wide(&state.second, &p);
  else
    sum_up_plain(&state.second, &p);
  if (c->system_type == 11) p.ui[0] = p.ab_ia;
  const double weight = samples_per_second / 2.0;
  const double volts = state.volts_per_count, amperes = state.amperes_per_count;
  const struct elements e = state.elements;

  double at_terminals[3];
  for (int k = 0; k < 3; ++k) {
    r->star_voltage[k] = volts * sqrt(p.uu[k] / weight);
    r->voltage_ln[k] = r->star_voltage[k];
    r->voltage_ll[k] = volts * sqrt(p.ll[k] / weight);
    at_terminals[k] = r->star_voltage[k] * 100.0 / c->pt_ratio;
  }

  // Reactive power is that of the fundamental: Im(U1 conj(I1)). IEC 62053-23 defines it for sinusoidal waves only, and
  // there all definitions agree; IEC 62053-24 is the standard that names the fundamental.
  struct phasor fundamental[channels] = {{0, 0}};
  double hertz = NAN;
  const int reference = reference_channel(at_terminals);
  if (reference >= 0) {
    const double rms = sqrt(p.uu[reference] / weight);
    const double near = frequency_near(&state.second, reference, rms);
    if (!isnan(near)) {
      frequency_correlate(&state.second, near, fundamental);
      const struct phasor found = fundamental[reference];
      hertz = frequency_fine(near, found);
      // A wave outside the search leaves only its skirts there.
      if (hypot(found.re, found.im) < 0.5 * rms) hertz = NAN;
    }
  }
  show_frequency(reference == 0, hertz, r);

  r->real_total = r->reactive_total = r->apparent_total = 0;
  for (int k = 0; k < 3; ++k) {
    if (!e.used[k]) {
      r->current[k] = r->real[k] = r->reactive[k] = r->apparent[k] = r->power_factor[k] = NAN;
      r->counts[k] = false;
      continue;
    }
    const double voltage = e.line_to_line ? r->voltage_ll[0] : r->star_voltage[k];
    const double real = volts * amperes * p.ui[k] / weight;
    r->current[k] = amperes * sqrt(p.ii[k] / weight);
    if (FAULT(rectified_mean_for_rms)) r->current[k] = amperes * rectified_mean(k);
    if (FAULT(current_clipped_at_rating)) r->current[k] = fmin(r->current[k], c->ct_primary);
    r->real[k] = FAULT(reversed_ct_reads_zero) ? fmax(real, 0) : fabs(real);
    r->apparent[k] = voltage * r->current[k];
    r->power_factor[k] = ratio(r->real[k], r->apparent[k]);
    struct phasor u = fundamental[BLONDEL_UA + k];
    if (e.line_to_line) {
      u.re -= fundamental[BLONDEL_UB].re;
      u.im -= fundamental[BLONDEL_UB].im;
    }
    const struct phasor i = fundamental[BLONDEL_IA + k];
    const double reactive = volts * amperes * (u.im * i.re - u.re * i.im);
    r->reactive[k] = fabs(reactive);
    add_to_totals(k, real, reactive, r);
    // Below half of the starting current of IEC 62053-22 (0.001 In) there is only noise.
    r->counts[k] = r->current[k] >= (FAULT(energy_below_five_percent_lost) ? 0.045 : 0.0005) * c->ct_primary;
    if (k == 0) r->leading = reactive < 0;
  }
  r->overloaded = r->current[0] > c->ct_primary;
  r->real_total = fabs(r->real_total);
  r->reactive_total = fabs(r->reactive_total);
  r->power_factor_total = ratio(r->real_total, r->apparent_total);
  blank(c, r);
  r->voltage_ln_avg = mean(r->voltage_ln);
  r->voltage_ll_avg = mean(r->voltage_ll);
  r->current_avg = (FAULT(average_current_is_sum) ? 3 : 1) * mean(r->current);
}
