#include "registers.h"

#include <math.h>
#include <string.h>

// The register map, as one table of points.
enum access { R = 1, W = 2, RW = 3 };
enum { Y = 1, N = 0 };
enum format { uint16, sint16, uint32, float32 };
enum scale { scale_I, scale_V, scale_W, scale_E, scale_none, scale_ten_thousandth, scale_hundredth, scales };

struct point {
  uint16_t number;
  uint16_t words;
  enum format format;
  enum scale scale;
  double minimum, maximum;
  uint16_t twin;            // number of the float with the same meaning, or of the integer
  uint16_t after_firmware;  // exists in later versions only
  uint16_t types;           // bit per system type
};

enum point_id {
#define POINT(number, words, name, access, nv, format, scale, minimum, maximum, initial, twin, after, types) \
  point_##name,
#include "register_table.inc"
#undef POINT
  point_count
};

static const struct point table[point_count] = {
#define POINT(number, words, name, access, nv, format, scale, minimum, maximum, initial, twin, after, types) \
  {number, words, format, scale_##scale, minimum, maximum, twin, after, types},
#include "register_table.inc"
#undef POINT
};

enum { highest = 346, version_number = 7001 };

static struct {
  uint16_t image[highest + 1];
  bool exists[highest + 1];
  uint16_t version;
  bool type_31_phases;
  unsigned type_bit;
  int exponent[scales];
} state;

static const struct point* point_at(unsigned number) {
  for (int n = 0; n < point_count; ++n)
    if (table[n].number == number) return &table[n];
  return 0;
}

void registers_start(uint16_t version, bool type_31_phases) {
  memset(&state, 0, sizeof state);
  state.version = version;
  state.type_31_phases = type_31_phases;
  for (int n = 0; n < point_count; ++n)
    for (unsigned word = 0; word < table[n].words; ++word)
      if (table[n].number + word <= highest) state.exists[table[n].number + word] = version > table[n].after_firmware;
}

bool register_range(unsigned number, double* low, double* high) {
  const struct point* p = point_at(number);
  if (!p || p->words != 1) return false;
  *low = p->minimum;
  *high = p->maximum;
  return true;
}

// The smallest power of ten in units of which `largest` still fits a positive 16-bit integer.
static int smallest_exponent(double largest) {
  int exponent = -4;
  while (exponent < 4 && largest > 32767.0 * pow(10.0, exponent)) ++exponent;
  return exponent;
}

static void choose_exponents(const struct config* c) {
  // The full scale with the over-range of 20 % on voltage and on current.
  state.exponent[scale_I] = smallest_exponent(1.2 * c->ct_primary);
  state.exponent[scale_V] = smallest_exponent(1.2 * c->system_voltage);
  state.exponent[scale_W] = smallest_exponent(1.44 * config_max_power(c) / 1000.0);
  // An energy step is ten times the power step: at full load a 32-bit integer then lasts for decades.
  state.exponent[scale_E] = state.exponent[scale_W] < 4 ? state.exponent[scale_W] + 1 : 4;
  state.exponent[scale_none] = 0;
  state.exponent[scale_ten_thousandth] = -4;
  state.exponent[scale_hundredth] = -2;
}

static void put_words(unsigned number, uint32_t raw) {
  state.image[number] = (uint16_t)(raw >> 16);
  state.image[number + 1] = (uint16_t)raw;
}

static void put_float(unsigned number, double value) {
  const float single = (float)value;
  uint32_t raw = 0x7FC00000u;
  if (!isnan(value)) memcpy(&raw, &single, sizeof raw);
  put_words(number, raw);
}

static void put_integer(const struct point* p, double value) {
  if (p->words == 1) {
    // Readings saturate; 0x8000 is kept for "no value".
    const double raw = isnan(value) ? 32768.0 : floor(value / pow(10.0, state.exponent[p->scale]) + 0.5);
    state.image[p->number] = (uint16_t)(isnan(value) ? 0x8000u : raw > 32767.0 ? 32767u : raw < 0 ? 0u : raw);
  } else {
    // Accumulators roll over, and show a unit only once it is complete.
    const double raw = floor(value / pow(10.0, state.exponent[p->scale]) + 1e-9);
    put_words(p->number, isnan(value) ? 0x80000000u : (uint32_t)(uint64_t)raw);
  }
}

// Shows a value as integer and as float. Without meaning in the present system type it is "no value".
static void show(enum point_id id, double value) {
  const struct point* p = &table[id];
  if (!(p->types & state.type_bit)) value = NAN;
  put_integer(p, value);
  if (p->twin) put_float(p->twin, value);
}

static void show_phases(enum point_id first, const double* values, double divisor, bool blank_in_31) {
  for (int k = 0; k < phases; ++k) {
    const bool blank = blank_in_31 && !state.type_31_phases && (state.type_bit & (1u << 3));
    show((enum point_id)(first + k), blank ? NAN : values[k] / divisor);
  }
}

static void show_energies(const struct energies* e) {
  show(point_real_energy, energy_kilo(&e->real));
  put_float(table[point_real_energy_repeat_f].number, energy_kilo(&e->real));
  show(point_apparent_energy, energy_kilo(&e->apparent));
  show(point_reactive_energy, energy_kilo(&e->reactive));
  double phase[phases];
  for (int k = 0; k < phases; ++k) phase[k] = energy_kilo(&e->real_phase[k]);
  show_phases(point_real_energy_a, phase, 1.0, true);
}

static void show_demand(enum point_id real, const struct power* p) {
  show(real, p->real / 1000.0);
  show((enum point_id)(real + 1), p->reactive / 1000.0);
  show((enum point_id)(real + 2), p->apparent / 1000.0);
}

static void show_settings(const struct config* c) {
  state.image[129] = 0;
  state.image[130] = c->system_type;
  state.image[131] = c->ct_primary;
  state.image[132] = c->ct_secondary;
  state.image[133] = c->pt_ratio;
  state.image[134] = c->system_voltage;
  put_integer(&table[point_max_system_power], config_max_power(c) / 1000.0);
  state.image[137] = c->display_units;
  state.image[138] = (uint16_t)(int16_t)state.exponent[scale_I];
  state.image[139] = (uint16_t)(int16_t)state.exponent[scale_V];
  state.image[140] = (uint16_t)(int16_t)state.exponent[scale_W];
  state.image[141] = (uint16_t)(int16_t)state.exponent[scale_E];
  state.image[142] = c->loss_drop;
  state.image[143] = c->loss_imbalance;
  state.image[144] = c->pulse_energy;
  const unsigned duration = config_pulse_duration(c);
  state.image[145] = (uint16_t)(duration ? duration : 10);
  state.image[149] = c->subintervals;
  state.image[150] = c->subinterval_s;
}

void registers_refresh(const struct state_of_meter* s) {
  const struct readings* r = s->readings;
  state.type_bit = config_type_bit(s->config);
  choose_exponents(s->config);
  show_settings(s->config);

  show(point_real_power_total, r->real_total / 1000.0);
  show(point_reactive_power_total, r->reactive_total / 1000.0);
  show(point_apparent_power_total, r->apparent_total / 1000.0);
  show(point_power_factor_total, r->power_factor_total);
  show(point_voltage_ll_avg, r->voltage_ll_avg);
  show(point_voltage_ln_avg, r->voltage_ln_avg);
  show(point_current_avg, r->current_avg);
  show_phases(point_real_power_a, r->real, 1000.0, true);
  show_phases(point_power_factor_a, r->power_factor, 1.0, true);
  show_phases(point_voltage_ab, r->voltage_ll, 1.0, false);
  show_phases(point_voltage_an, r->voltage_ln, 1.0, false);
  show_phases(point_current_a, r->current, 1.0, false);
  show(point_reserved_25, NAN);
  show(point_frequency, r->frequency);
  show_phases(point_apparent_power_a, r->apparent, 1000.0, true);
  show_phases(point_reactive_power_a, r->reactive, 1000.0, true);
  show_energies(s->energies);
  show_demand(point_real_power_demand_present, s->demand);
  show_demand(point_real_power_demand_max, s->max_demand);
  show(point_pulse_counter_1_real, s->pulses.real);
  show(point_pulse_counter_2_reactive, s->pulses.reactive);

  state.image[146] = (uint16_t)s->alerts;
  state.image[147] = s->energies->resets;
  state.image[152] = s->power_ups;
  state.image[153] = 0;
}

bool registers_read(unsigned first, unsigned count, uint16_t* values) {
  if (first == version_number && count == 1) {
    values[0] = state.version;
    return true;
  }
  for (unsigned n = 0; n < count; ++n) {
    const unsigned number = first + n;
    if (number > highest || !state.exists[number]) return false;
    values[n] = state.image[number];
  }
  return true;
}
