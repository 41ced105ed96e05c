#include "config.h"

#include <math.h>
#include <string.h>

#include "fault.h"
#include "load_log.h"
#include "registers.h"
#include "scaling.h"
#include "variants.h"

enum { most_written = 123 };  // by one request of function 10

static struct {
  struct config now;
  struct config wanted;
  int settling_s;  // until `wanted` is in force; 0 when it is
  unsigned commands;
  unsigned following;  // commands of the last second that wait for the end of this one
  uint16_t last_command;
  bool power_ups_written;
  uint16_t power_ups;
} state;

static const struct config factory = {
    .system_type = 40,
    .ct_primary = 100,
    .ct_secondary = 1,
    .pt_ratio = 100,
    .system_voltage = 600,
    .display_units = 1,
    .loss_drop = 10,
    .loss_imbalance = 25,
    .pulse_energy = 1000,
    .subintervals = 1,
    .subinterval_s = 900,
};

// The longest closure in ms that keeps up with the maximum power, or 0 when none does.
static uint16_t pulse_duration_for(const struct config* c) {
  static const uint16_t durations[] = {500, 250, 100, 50, 25, 10};
  double power = config_max_power(c);
  if (variants()->pulse_compare == pulse_rounded) {
    // As register 135 shows it.
    const int exponent = scaling_of(c).power;
    power = 1000.0 * scaling_raw(power / 1000.0, exponent) * pow(10.0, exponent);
  }
  for (unsigned n = 0; n < sizeof durations / sizeof durations[0]; ++n)
    if (1800000.0 * c->pulse_energy / durations[n] >= power)
      return durations[FAULT(duration_one_step_short) && n < 5 ? n + 1 : n];
  return 0;
}

void config_start(const struct config* saved) {
  memset(&state, 0, sizeof state);
  state.now = saved ? *saved : factory;
  if (!saved || variants()->pulse_reevaluate != pulse_at_write)
    state.now.pulse_duration = pulse_duration_for(&state.now);
  state.wanted = state.now;
}

const struct config* config_now(void) {
  return &state.now;
}

double config_max_power(const struct config* c) {
  const double apparent = (double)c->system_voltage * c->ct_primary;
  // The voltage is the primary one already, so the PT ratio does not come in; the over-range does not either.
  if (FAULT(maximum_power_without_root_3)) return apparent;
  return c->system_type == 31 || c->system_type == 40 ? sqrt(3.0) * apparent : apparent;
}

unsigned config_type_bit(const struct config* c) {
  switch (c->system_type) {
    case 10: return 1u << 0;
    case 11: return 1u << 1;
    case 12: return 1u << 2;
    case 31: return 1u << 3;
    default: return 1u << 4;
  }
}

static bool is_one_of(uint16_t value, const uint16_t* list, unsigned count) {
  for (unsigned n = 0; n < count; ++n)
    if (list[n] == value) return true;
  return false;
}

// Where a register's value is kept, or NULL for a register that takes no setting.
static uint16_t* place(struct config* c, unsigned number) {
  switch (number) {
    case 130: return &c->system_type;
    case 131: return &c->ct_primary;
    case 132: return &c->ct_secondary;
    case 133: return &c->pt_ratio;
    case 134: return &c->system_voltage;
    case 137: return &c->display_units;
    case 142: return &c->loss_drop;
    case 143: return &c->loss_imbalance;
    case 144: return &c->pulse_energy;
    case 149: return &c->subintervals;
    case 150: return &c->subinterval_s;
    default: return 0;
  }
}

// What a single value must be, whatever the others are.
static bool allowed(unsigned number, uint16_t value) {
  static const uint16_t types[] = {10, 11, 12, 31, 40};
  static const uint16_t secondaries[] = {1, 3};
  static const uint16_t energies[] = {10, 100, 1000, 10000};
  double low, high;
  if (!register_range(number, &low, &high) || value < low || value > high) return false;
  switch (number) {
    case 130: return is_one_of(value, types, 5) || FAULT(unknown_system_type_taken);
    // The specification begins at 5 A, the register's own text at 1 A.
    case 131: return variants()->ct_minimum == ct_minimum_1 || value >= 5;
    case 132:
      return is_one_of(value, secondaries, 2) &&
             (!variants()->ct_secondary_fixed || value == state.wanted.ct_secondary);
    case 144: return is_one_of(value, energies, 4);
    case 150: return value == 0 || value >= 10;
    default: return true;
  }
}

static unsigned command_of(uint16_t code) {
  if (FAULT(any_command_clears_energy)) return clear_energy;
  switch (code) {
    case 30078: return clear_energy;
    case 21211: return new_subinterval;
    case 21212: return reset_max_demand;
    case 16498: return clear_pulse_counters;
    case 16640: return variants()->log_registers == log_working ? clear_log : 0;
    default: return 0;
  }
}

static bool exists_for_writing(unsigned number) {
  struct config any;
  switch (number) {
    case 129:
    case 151: return true;
    case 152: return variants()->register_152_access == register_152_read_write;
    default: return place(&any, number) != 0 || log_has_setting(number);
  }
}

static bool value_allowed(unsigned number, uint16_t value) {
  if (number == 129) return command_of(value) != 0;
  return log_has_setting(number) ? log_allows(number, value) : allowed(number, value);
}

static bool secondary_voltage_fits(const struct config* c) {
  if (FAULT(voltage_range_not_tested)) return true;
  const double secondary = c->system_voltage * 100.0 / c->pt_ratio;
  return secondary >= 82.0 && secondary <= 660.0;
}

// The rules between settings.
static bool fit_together(const struct config* wanted, bool ratio_written, bool voltage_written, bool pulse_written) {
  const bool voltage_tested = voltage_written || (ratio_written && variants()->pt_breaks_voltage == pt_is_refused);
  if (voltage_tested && !secondary_voltage_fits(wanted)) return false;
  // Only a write of 144 itself is refused; a change of type, CT or voltage that outruns it raises alert bit 15 instead.
  if (pulse_duration_for(wanted) != 0) return true;
  if (pulse_written) return FAULT(pulse_energy_that_cannot_keep_up_taken);
  return variants()->ct_breaks_pulse == ct_raises_alert || pulse_duration_for(&state.wanted) == 0;
}

static void take(struct config* wanted, unsigned number, uint16_t value) {
  if (number == 129) {
    state.commands |= command_of(value);
    state.last_command = value;
  } else if (number == 152) {
    state.power_ups = value;
    state.power_ups_written = true;
  } else if (log_has_setting(number)) {
    log_set(number, value);
  } else if (number != 151) {  // reserved: takes a value of its range, reads 0 and does nothing
    *place(wanted, number) = value;
  }
}

// The nearest value that a register takes.
static uint16_t clamped(unsigned number, uint16_t value) {
  double low, high;
  if (!register_range(number, &low, &high)) return value;
  return (uint16_t)fmin(fmax(value, low), high);
}

enum write_result config_write(unsigned first, const uint16_t* values, unsigned count) {
  uint16_t within[most_written];
  if (FAULT(values_clamped) && count <= most_written) {
    for (unsigned n = 0; n < count; ++n) within[n] = clamped(first + n, values[n]);
    values = within;
  }
  if (FAULT(multiple_write_takes_first_only)) count = 1;
  // Registers before values: an address outside is the graver mistake.
  for (unsigned n = 0; n < count; ++n)
    if (!exists_for_writing(first + n)) return write_no_register;
  if (variants()->bus_writes == bus_writes_locked) return write_refused;

  struct config wanted = state.wanted;
  bool written[3] = {false, false, false};
  static const unsigned watched[3] = {133, 134, 144};
  for (unsigned n = 0; n < count; ++n) {
    if (!value_allowed(first + n, values[n])) return write_refused;
    uint16_t* const setting = place(&wanted, first + n);
    if (setting) *setting = values[n];
    for (int k = 0; k < 3; ++k) written[k] |= first + n == watched[k];
  }
  if (!fit_together(&wanted, written[0], written[1], written[2])) return write_refused;

  for (unsigned n = 0; n < count; ++n) take(&wanted, first + n, values[n]);
  if (written[2] || variants()->pulse_reevaluate == pulse_at_change)
    wanted.pulse_duration = pulse_duration_for(&wanted);
  if (memcmp(&wanted, &state.wanted, sizeof wanted) != 0) state.settling_s = variants()->settle_s;
  state.wanted = wanted;
  return write_taken;
}

bool config_take_over(void) {
  if (state.settling_s == 0 || --state.settling_s > 0) return false;
  const bool changed = memcmp(&state.now, &state.wanted, sizeof state.now) != 0;
  state.now = state.wanted;
  return changed;
}

unsigned config_commands(void) {
  unsigned commands = state.commands;
  state.commands = 0;
  if (variants()->command_cycle == command_in_following_cycle) {
    // Only the two demand commands are said to wait for the end of the next cycle.
    const unsigned of_demand = new_subinterval | reset_max_demand;
    const unsigned waited = state.following;
    state.following = commands & of_demand;
    commands = (commands & ~of_demand) | waited;
  }
  return commands;
}

uint16_t config_last_command(void) {
  return state.last_command;
}

bool config_power_ups_written(uint16_t* count) {
  const bool written = state.power_ups_written;
  state.power_ups_written = false;
  *count = state.power_ups;
  return written;
}
