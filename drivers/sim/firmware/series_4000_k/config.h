// The settings of the meter that a master may read and write, their rules, and what follows from them.
#ifndef SERIES_4000_K_CONFIG_H
#define SERIES_4000_K_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

struct config {
  uint16_t system_type;     // 130: 10, 11, 12, 31 or 40
  uint16_t ct_primary;      // 131: A
  uint16_t ct_secondary;    // 132: 1 = 1 V, 3 = 1/3 V
  uint16_t pt_ratio;        // 133: ratio x 100
  uint16_t system_voltage;  // 134: V line to line on the primary side; line to neutral in type 10
  uint16_t display_units;   // 137: 0 = IEC, 1 = IEEE
  uint16_t loss_drop;       // 142: % below nominal
  uint16_t loss_imbalance;  // 143: %
  uint16_t pulse_energy;    // 144: Wh (and varh) per pulse
  uint16_t subintervals;    // 149
  uint16_t subinterval_s;   // 150: 0 = closed by command
  uint16_t pulse_duration;  // 145: ms; 0 when even the shortest closure is too slow. Follows from the others.
};

// Commands of register 129, carried out at the end of the current second.
enum command {
  clear_energy = 1,
  new_subinterval = 2,
  reset_max_demand = 4,
  clear_pulse_counters = 8,
  clear_log = 16,
};

enum write_result { write_taken, write_no_register, write_refused };

// Begins with what was saved, or with the factory's values when `saved` is NULL.
void config_start(const struct config* saved);

// The settings in force. A write takes effect at the end of the second in which it arrives.
const struct config* config_now(void);

// A master's write of `count` registers from `first` (numbers, not wire addresses): all or nothing. A request is
// judged as a whole: the voltage range test of 134 uses the PT ratio of the same request, and so does the test whether
// the pulse output keeps up.
enum write_result config_write(unsigned first, const uint16_t* values, unsigned count);

// End of a second: takes over what was written. Returns whether the settings changed.
bool config_take_over(void);
// End of a second: the commands to be carried out now, as a sum of enum command.
unsigned config_commands(void);
// The code that a master wrote last into register 129; 0 before.
uint16_t config_last_command(void);
// Whether a master has written register 152 since the last call, and what.
bool config_power_ups_written(uint16_t* count);

// Register 135 before scaling: the theoretical maximum system power in W, at unity power factor and 100 % of rating.
double config_max_power(const struct config* c);
// Bit of a system type as the register table numbers them: 10, 11, 12, 31, 40 from bit 0 up.
unsigned config_type_bit(const struct config* c);

#endif
