#include "registers.h"

#include <math.h>
#include <string.h>

#include "fault.h"
#include "load_log.h"
#include "variants.h"

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

enum { first_float = 257, highest = 346, version_number = 7001 };

static struct {
  uint16_t image[highest + 1];
  bool exists[highest + 1];
  unsigned type_bit;
  int exponent[scales];
  struct energy_shift shift;
  unsigned refreshes;  // since power-up
} state;

static const struct point* point_at(unsigned number) {
  for (int n = 0; n < point_count; ++n)
    if (table[n].number == number) return &table[n];
  return 0;
}

static bool in_this_firmware(const struct point* p) {
  if (variants()->version > p->after_firmware) return true;
  // The guide's footnote names the floats; its asterisk stands at the integers too.
  return p->format != float32 && variants()->old_firmware_lacks == old_lacks_floats;
}

void registers_start(const struct energy_shift* saved) {
  memset(&state, 0, sizeof state);
  state.shift.exponent = INT32_MAX;  // none yet
  if (saved) state.shift = *saved;
  for (int n = 0; n < point_count; ++n)
    for (unsigned word = 0; word < table[n].words; ++word)
      if (table[n].number + word <= highest) state.exists[table[n].number + word] = in_this_firmware(&table[n]);
}

struct energy_shift registers_energy_shift(void) {
  return state.shift;
}

bool register_range(unsigned number, double* low, double* high) {
  const struct point* p = point_at(number);
  if (!p || p->words != 1) return false;
  *low = p->minimum;
  *high = p->maximum;
  return true;
}

static void choose_exponents(const struct config* c) {
  const struct exponents e = scaling_of(c);
  state.exponent[scale_I] = e.current;
  state.exponent[scale_V] = e.voltage;
  state.exponent[scale_W] = e.power;
  state.exponent[scale_E] = e.energy;
  state.exponent[scale_none] = 0;
  state.exponent[scale_ten_thousandth] = -4;
  state.exponent[scale_hundredth] = -2;
}

static void put_words(unsigned number, uint32_t raw) {
  const bool swapped =
      (FAULT(float_words_swapped) && number >= first_float) || (FAULT(energy_words_swapped) && number == 1);
  if (swapped) raw = raw << 16 | raw >> 16;
  state.image[number] = (uint16_t)(raw >> 16);
  state.image[number + 1] = (uint16_t)raw;
}

static void put_float(unsigned number, double value) {
  const float single = (float)value;
  uint32_t raw = FAULT(blank_floats_read_zero) ? 0 : 0x7FC00000u;
  if (!isnan(value)) memcpy(&raw, &single, sizeof raw);
  put_words(number, raw);
}

// A reading in 16 bits; 0x8000 is kept for "no value".
static uint16_t reading(double raw) {
  if (isnan(raw)) return 0x8000u;
  if (raw <= 32767.0) return (uint16_t)(raw < 0 ? 0 : raw);
  switch (variants()->overflow) {
    case overflow_is_qnan: return 0x8000u;
    case overflow_wraps: return (uint16_t)fmod(raw, 32768.0);
    default: return 32767u;
  }
}

// An accumulator in 32 bits rolls over, and shows a unit only once it is complete.
static uint32_t accumulator(double value, int exponent) {
  static const uint32_t no_value[] = {0x80000000u, 0x80008000u, 0};
  if (isnan(value)) return no_value[variants()->qnan_32bit];
  const uint32_t raw = (uint32_t)(uint64_t)floor(value / pow(10.0, exponent) + 1e-9);
  return FAULT(energy_rolls_over_at_8_bits) ? raw & 0xFFu : raw;
}

static void put_integer(const struct point* p, double value) {
  const int exponent = state.exponent[p->scale];
  if (p->words == 1)
    state.image[p->number] = reading(isnan(value) ? NAN : scaling_raw(value, exponent));
  else
    put_words(p->number, accumulator(value, exponent));
}

// Shows a value as integer and as float. Without meaning in the present system type it is "no value".
static void show(enum point_id id, double value) {
  const struct point* p = &table[id];
  if (!(p->types & state.type_bit)) value = FAULT(blank_phases_read_zero) && id != point_reserved_25 ? 0 : NAN;
  put_integer(p, value);
  if (p->twin && !(FAULT(stale_floats) && state.refreshes % 10 != 1)) put_float(p->twin, value);
}

static void show_phases(enum point_id first, const double* values, double divisor, bool blank_in_31) {
  for (int k = 0; k < phases; ++k) {
    const bool blank = blank_in_31 && variants()->type_31_phases == type_31_blank && (state.type_bit & (1u << 3)) != 0;
    show((enum point_id)(first + k), blank ? NAN : values[k] / divisor);
  }
}

// Where the integers are to keep their raw values when the factor changes.
static void shift_energies(const struct energies* e, const uint32_t* before, const enum point_id* ids) {
  struct energy_shift* shift = &state.shift;
  const bool first = shift->exponent == INT32_MAX;
  if (first || shift->resets != e->resets) memset(shift->raw, 0, sizeof shift->raw);
  for (int n = 0; n < energy_integers; ++n) {
    const unsigned number = table[ids[n]].number;
    const uint32_t plain = (uint32_t)state.image[number] << 16 | state.image[number + 1];
    if (!(table[ids[n]].types & state.type_bit)) continue;
    if (!first && shift->exponent != state.exponent[scale_E]) shift->raw[n] = before[n] - plain;
    put_words(number, plain + shift->raw[n]);
  }
  shift->resets = e->resets;
  shift->exponent = state.exponent[scale_E];
}

static void exchange(double* a, double* b) {
  const double was = *a;
  *a = *b;
  *b = was;
}

static void show_energies(const struct energies* e) {
  static const enum point_id ids[energy_integers] = {point_real_energy,   point_apparent_energy, point_reactive_energy,
                                                     point_real_energy_a, point_real_energy_b,   point_real_energy_c};
  uint32_t before[energy_integers];
  for (int n = 0; n < energy_integers; ++n)
    before[n] = (uint32_t)state.image[table[ids[n]].number] << 16 | state.image[table[ids[n]].number + 1];
  show(point_real_energy, energy_kilo(&e->real));
  put_float(table[point_real_energy_repeat_f].number, FAULT(energy_repeat_stands_still) ? 0 : energy_kilo(&e->real));
  show(point_apparent_energy, energy_kilo(&e->apparent));
  show(point_reactive_energy, energy_kilo(&e->reactive));
  double phase[phases];
  for (int k = 0; k < phases; ++k) phase[k] = energy_kilo(&e->real_phase[k]);
  if (FAULT(phase_energies_b_and_c_exchanged)) exchange(&phase[1], &phase[2]);
  show_phases(point_real_energy_a, phase, 1.0, true);
  if (variants()->energy_on_scale_change == energy_raw_kept) shift_energies(e, before, ids);
}

// The largest float below 2^32 is the most that the float twin of a counter shows.
static void show_counter(enum point_id id, uint32_t count) {
  show(id, count);
  put_float(table[id].twin, fmin(count, 4294967040.0));
}

static void show_demand(enum point_id real, const struct power* p) {
  double reactive = p->reactive, apparent = p->apparent;
  if (FAULT(demand_reactive_and_apparent_exchanged)) exchange(&reactive, &apparent);
  show(real, p->real / 1000.0);
  show((enum point_id)(real + 1), reactive / 1000.0);
  show((enum point_id)(real + 2), apparent / 1000.0);
}

static void show_settings(const struct config* c) {
  state.image[129] = FAULT(command_register_reads_back) ? config_last_command() : 0;
  state.image[130] = c->system_type;
  state.image[131] = c->ct_primary;
  state.image[132] = c->ct_secondary;
  state.image[133] = c->pt_ratio;
  state.image[134] = c->system_voltage;
  put_integer(&table[point_max_system_power], config_max_power(c) / 1000.0);
  state.image[137] = c->display_units;
  state.image[138] = (uint16_t)(int16_t)state.exponent[scale_I];
  state.image[139] = (uint16_t)(int16_t)(state.exponent[scale_V] + (FAULT(voltage_scale_one_decade_off) ? 1 : 0));
  state.image[140] = (uint16_t)(int16_t)state.exponent[scale_W];
  state.image[141] = (uint16_t)(int16_t)(state.exponent[scale_E] + (FAULT(energy_scale_one_decade_off) ? 1 : 0));
  state.image[142] = c->loss_drop;
  state.image[143] = c->loss_imbalance;
  state.image[144] = c->pulse_energy;
  state.image[145] = (uint16_t)(c->pulse_duration ? c->pulse_duration : 10);
  state.image[149] = c->subintervals;
  state.image[150] = c->subinterval_s;
}

// The floats' and the integers' own mistakes, made after everything is in its place.
static void spoil_image(const struct readings* r) {
  if (FAULT(reserved_register_reads_zero)) state.image[25] = 0;
  if (FAULT(real_power_float_in_watts)) put_float(261, r->real_total);
  if (FAULT(reactive_and_apparent_floats_exchanged)) {
    put_float(263, r->apparent_total / 1000.0);
    put_float(265, r->reactive_total / 1000.0);
  }
  if (FAULT(current_b_float_shows_a)) put_float(table[point_current_b].twin, r->current[0]);
  if (FAULT(power_factor_in_percent))
    for (unsigned number = 6; number <= 15; ++number)
      if (number == 6 || number >= 13) state.image[number] = (uint16_t)(state.image[number] / 100);
  if (FAULT(frequency_in_tenths)) state.image[26] = (uint16_t)(state.image[26] / 10);
}

void registers_refresh(const struct state_of_meter* s) {
  if (FAULT(stale_registers) && state.refreshes % 10 != 0) {
    ++state.refreshes;
    return;
  }
  ++state.refreshes;
  struct readings read = *s->readings;
  if (FAULT(voltages_b_and_c_exchanged)) exchange(&read.voltage_ln[1], &read.voltage_ln[2]);
  if (FAULT(line_voltages_bc_and_ac_exchanged)) exchange(&read.voltage_ll[1], &read.voltage_ll[2]);
  const struct readings* r = &read;
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
  show_demand(point_real_power_demand_present, &s->demand);
  show_demand(point_real_power_demand_max, s->max_demand);
  const bool exchanged = FAULT(pulse_counters_exchanged);
  show_counter(point_pulse_counter_1_real, exchanged ? s->pulses.reactive : s->pulses.real);
  show_counter(point_pulse_counter_2_reactive, exchanged ? s->pulses.real : s->pulses.reactive);

  state.image[146] = (uint16_t)s->alerts;
  state.image[147] = s->energies->resets;
  state.image[152] = s->power_ups;
  static const uint16_t outputs[] = {0, 2, 10, 11};
  state.image[153] = outputs[variants()->output_configuration];
  spoil_image(r);
}

void registers_begin(const struct state_of_meter* s) {
  registers_refresh(s);
  state.refreshes = 0;
}

// Registers of the load log, and what stands where it is not fitted.
static bool read_log(unsigned number, uint16_t* value) {
  if (variants()->log_registers == log_absent || !log_read(number, value)) return false;
  if (variants()->log_registers == log_zero) *value = 0;
  if (variants()->log_registers == log_qnan) *value = 0x8000;
  return true;
}

static bool read_one(unsigned number, uint16_t* value) {
  if (number == version_number) {
    *value = (uint16_t)variants()->version;
    return true;
  }
  if (number <= highest && state.exists[number]) {
    *value = state.image[number];
    return true;
  }
  if (read_log(number, value)) return true;
  if (FAULT(unknown_register_reads_last)) {
    *value = state.image[highest];
    return number != 0;
  }
  // A hole in the map.
  if (number == 0 || number > version_number || variants()->gap_answer == gap_is_exception) return false;
  *value = variants()->gap_answer == gap_is_zero ? 0 : 0x8000;
  return true;
}

bool registers_read(unsigned first, unsigned count, uint16_t* values) {
  for (unsigned n = 0; n < count; ++n)
    if (!read_one(first + n, &values[n])) return false;
  return true;
}
