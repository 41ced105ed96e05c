#include "config.h"

#include <math.h>

#include "registers.h"

static struct {
  struct config now;
  struct config wanted;
  unsigned commands;
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

void config_start(const struct config* saved) {
  state.now = saved ? *saved : factory;
  state.wanted = state.now;
  state.commands = 0;
}

const struct config* config_now(void) {
  return &state.now;
}

double config_max_power(const struct config* c) {
  const double apparent = (double)c->system_voltage * c->ct_primary;
  // The voltage is the primary one already, so the PT ratio does not come in; the over-range does not either.
  return c->system_type == 31 || c->system_type == 40 ? sqrt(3.0) * apparent : apparent;
}

unsigned config_pulse_duration(const struct config* c) {
  static const unsigned durations[] = {500, 250, 100, 50, 25, 10};
  const double power = config_max_power(c);
  for (unsigned n = 0; n < sizeof durations / sizeof durations[0]; ++n)
    if (1800000.0 * c->pulse_energy / durations[n] >= power) return durations[n];
  return 0;
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
    case 130: return is_one_of(value, types, 5);
    case 132: return is_one_of(value, secondaries, 2);
    case 144: return is_one_of(value, energies, 4);
    case 150: return value == 0 || value >= 10;
    default: return true;
  }
}

static unsigned command_of(uint16_t code) {
  switch (code) {
    case 30078: return clear_energy;
    case 21211: return new_subinterval;
    case 21212: return reset_max_demand;
    case 16498: return clear_pulse_counters;
    default: return 0;
  }
}

enum write_result config_write(unsigned first, const uint16_t* values, unsigned count) {
  struct config wanted = state.wanted;
  unsigned commands = 0;
  bool voltage_written = false, pulse_written = false;
  // Registers before values: an address outside is the graver mistake.
  for (unsigned n = 0; n < count; ++n) {
    const unsigned number = first + n;
    if (number != 129 && number != 151 && !place(&wanted, number)) return write_no_register;
  }
  for (unsigned n = 0; n < count; ++n) {
    const unsigned number = first + n;
    if (number == 129) {
      const unsigned command = command_of(values[n]);
      if (!command) return write_refused;
      commands |= command;
      continue;
    }
    if (!allowed(number, values[n])) return write_refused;
    if (number == 151) continue;  // reserved: takes a value of its range, reads 0 and does nothing
    *place(&wanted, number) = values[n];
    voltage_written |= number == 134;
    pulse_written |= number == 144;
  }
  if (voltage_written) {
    const double secondary = wanted.system_voltage * 100.0 / wanted.pt_ratio;
    if (secondary < 82.0 || secondary > 660.0) return write_refused;
  }
  // Only a write of 144 itself is refused; a change of CT or voltage that outruns it raises alert bit 15 instead.
  if (pulse_written && config_pulse_duration(&wanted) == 0) return write_refused;
  state.wanted = wanted;
  state.commands |= commands;
  return write_taken;
}

static bool same(const struct config* a, const struct config* b) {
  return a->system_type == b->system_type && a->ct_primary == b->ct_primary && a->ct_secondary == b->ct_secondary &&
         a->pt_ratio == b->pt_ratio && a->system_voltage == b->system_voltage && a->display_units == b->display_units &&
         a->loss_drop == b->loss_drop && a->loss_imbalance == b->loss_imbalance && a->pulse_energy == b->pulse_energy &&
         a->subintervals == b->subintervals && a->subinterval_s == b->subinterval_s;
}

bool config_take_over(void) {
  const bool changed = !same(&state.now, &state.wanted);
  state.now = state.wanted;
  return changed;
}

unsigned config_commands(void) {
  const unsigned commands = state.commands;
  state.commands = 0;
  return commands;
}
