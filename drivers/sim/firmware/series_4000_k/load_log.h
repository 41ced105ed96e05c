// The clock and the load log, registers 155 to 178 and 8000 upward. The guide lists defaults for them but no points; in
// the siblings they belong to the logging version. Unless the variant log_registers is "working" none of this exists.
//
// The siblings keep the log itself without supply. Here only the settings survive, and status bit 4 (interrupted) says
// so: the store is smaller than the log.
#ifndef SERIES_4000_K_LOAD_LOG_H
#define SERIES_4000_K_LOAD_LOG_H

#include <stdbool.h>
#include <stdint.h>

enum { log_pointers = 10, log_entries = 5760, log_first = 155, log_last = 178, log_window = 8000 };

struct log_settings {
  uint16_t configuration;           // 159: bit 0 single shot, bit 1 halt
  uint16_t pointers[log_pointers];  // 169-178: the registers that are logged
};

// Begins with what was saved, or with the factory's pointers. `interrupted`: the supply was away.
void log_start(const struct log_settings* saved, bool interrupted);
const struct log_settings* log_settings_now(void);

// Whether a register takes a value here, which values, and taking one.
bool log_has_setting(unsigned number);
bool log_allows(unsigned number, uint16_t value);
void log_set(unsigned number, uint16_t value);

// End of a second: the clock goes on; `subinterval_ended` writes an entry of the registers as they stand.
void log_second(bool subinterval_ended);
// Command 16640.
void log_clear(void);
// A register of 155 to 178 or of the window. Returns false when it is neither.
bool log_read(unsigned number, uint16_t* value);

#endif
