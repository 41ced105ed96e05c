#include "variants.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { most_words = 6 };

struct choice {
  const char* key;
  size_t at;
  const char* words[most_words];  // the usual one first
};

struct number {
  const char* key;
  size_t at;
  int low, high, usual;
};

#define CHOICE(key, ...)                    \
  {                                         \
#key, offsetof(struct variants, key), { \
      __VA_ARGS__                           \
    }                                       \
  }
#define NUMBER(key, low, high, usual) \
  { #key, offsetof(struct variants, key), low, high, usual }

static const struct choice choices[] = {
    CHOICE(running_system, "operating", "reset"),
    CHOICE(parity, "none", "even", "odd"),
    CHOICE(refusal, "exception", "echo"),
    CHOICE(bus_writes, "open", "locked"),
    CHOICE(gap_answer, "exception", "zero", "qnan"),
    CHOICE(broadcast, "ignored", "obeyed"),
    CHOICE(device_id_objects, "0-2", "1-3"),
    CHOICE(version_text, "padded", "short"),
    CHOICE(report_id_text, "alternatives", "joined"),
    CHOICE(register_152_access, "read", "read_write"),
    CHOICE(ct_minimum, "5", "1"),
    CHOICE(ct_secondary_fixed, "no", "yes"),
    CHOICE(old_firmware_lacks, "integers_and_floats", "floats"),
    CHOICE(pt_breaks_voltage, "kept", "refused"),
    CHOICE(log_registers, "absent", "zero", "qnan", "working"),
    CHOICE(log_window_end, "13759", "13760"),
    CHOICE(date_packing, "day_high", "month_high"),
    CHOICE(output_configuration, "0", "2", "10", "11"),
    CHOICE(imbalance_definition, "maximum", "system_voltage", "mean", "minimum", "nema"),
    CHOICE(imbalance_bits, "low_phases", "all"),
    CHOICE(phase_bits_ll, "both_ends", "first_end", "common"),
    CHOICE(loss_compare, "strict", "inclusive"),
    CHOICE(loss_rounding, "exact", "whole_volts"),
    CHOICE(type_12_nominal, "half", "wye"),
    CHOICE(alarm_cause, "phase_loss", "any_alert"),
    CHOICE(low_pf_without_load, "ignored", "alert"),
    CHOICE(low_pf_compare, "strict", "inclusive"),
    CHOICE(over_range, "terminals", "system"),
    CHOICE(under_range, "ignored", "alert"),
    CHOICE(frequency_lost, "qnan", "zero", "last"),
    CHOICE(overrun_clear, "backlog", "capacity", "reset", "reset_and_larger_pulse"),
    CHOICE(scale_algorithm, "over_range", "full_scale", "tabulated"),
    CHOICE(energy_exponent, "one_above_power", "as_power"),
    CHOICE(energy_on_scale_change, "recomputed", "raw_kept"),
    CHOICE(overflow, "saturate", "qnan", "wrap"),
    CHOICE(qnan_32bit, "80000000", "80008000", "zero"),
    CHOICE(type_31_phases, "star", "blank"),
    CHOICE(reversed_total, "sum_of_absolutes", "absolute_of_sum"),
    CHOICE(averages, "valid", "thirds"),
    CHOICE(one_third_volt, "1/3", "0.333"),
    CHOICE(present_demand, "last_interval", "running"),
    CHOICE(demand_before_first, "zero", "qnan"),
    CHOICE(apparent_demand_kept, "no", "yes"),
    CHOICE(demand_restart, "on_change", "never"),
    CHOICE(timed_subinterval_command, "closes", "ignored"),
    CHOICE(early_command, "ignored", "queued"),
    CHOICE(command_cycle, "running", "following"),
    CHOICE(reset_count, "commands", "registers"),
    CHOICE(count_end, "rolls_over", "stops"),
    CHOICE(pulse_reevaluate, "at_change", "at_write", "at_power_up"),
    CHOICE(pulse_compare, "exact", "rounded"),
    CHOICE(ct_breaks_pulse, "alert", "refused"),
    CHOICE(pulse_spacing, "sample", "burst"),
    CHOICE(pulse_backlog, "lost", "resumed"),
    CHOICE(power_fail_save, "done", "missing"),
};

static const struct number numbers[] = {
    NUMBER(version, 1, 65535, 1019),
    NUMBER(reset_system_version, 1, 65535, 1002),
    NUMBER(address, 1, 247, 1),
    NUMBER(baud, 1200, 38400, 19200),
    NUMBER(stop_bits, 1, 2, 1),
    NUMBER(answer_delay_us, 0, 1000000, 8000),
    NUMBER(boot_ms, 100, 5000, 1500),
    NUMBER(temperature_voltage_ppm_per_k, -150, 150, 0),
    NUMBER(temperature_current_ppm_per_k, -150, 150, 0),
    NUMBER(max_registers, 32, 125, 125),
    NUMBER(settle_s, 1, 2, 1),
    NUMBER(loss_delay_s, 0, 1, 0),
    NUMBER(loss_recovery_s, 0, 3, 0),
    NUMBER(loss_hysteresis_percent, 0, 2, 0),
    NUMBER(alarm_delay_s, 0, 1, 0),
    NUMBER(nv_save_interval_s, 1, 60, 1),
};

static struct variants chosen;

static int* place(size_t at) {
  return (int*)(void*)((char*)&chosen + at);
}

static void refuse(const struct blondel_hal* hal, const char* key, const char* value, const char* expected) {
  char why[256];
  snprintf(why, sizeof why, "variant %.40s: '%.60s' is not one of: %.120s", key, value, expected);
  hal->refuse(hal->context, why);
}

static void load_choice(const struct blondel_hal* hal, const struct choice* c) {
  *place(c->at) = 0;
  const char* value = hal->setting(hal->context, c->key);
  if (!value) return;
  char expected[128] = "";
  size_t used = 0;
  for (int n = 0; n < most_words && c->words[n]; ++n) {
    if (strcmp(c->words[n], value) == 0) {
      *place(c->at) = n;
      return;
    }
    used += (size_t)snprintf(expected + used, sizeof expected - used, "%s%s", n ? ", " : "", c->words[n]);
  }
  refuse(hal, c->key, value, expected);
}

static void load_number(const struct blondel_hal* hal, const struct number* n) {
  *place(n->at) = n->usual;
  const char* value = hal->setting(hal->context, n->key);
  if (!value) return;
  char* end = 0;
  const long read = strtol(value, &end, 10);
  char expected[64];
  snprintf(expected, sizeof expected, "whole numbers from %d to %d", n->low, n->high);
  if (end == value || *end || read < n->low || read > n->high) refuse(hal, n->key, value, expected);
  *place(n->at) = (int)read;
}

void variants_load(const struct blondel_hal* hal) {
  for (size_t n = 0; n < sizeof choices / sizeof choices[0]; ++n) load_choice(hal, &choices[n]);
  for (size_t n = 0; n < sizeof numbers / sizeof numbers[0]; ++n) load_number(hal, &numbers[n]);
  static const int rates[] = {1200, 2400, 4800, 9600, 19200, 38400};
  for (size_t n = 0; n < sizeof rates / sizeof rates[0]; ++n)
    if (chosen.baud == rates[n]) return;
  refuse(hal, "baud", hal->setting(hal->context, "baud"), "1200, 2400, 4800, 9600, 19200, 38400");
}

const struct variants* variants(void) {
  return &chosen;
}
