#include "load_log.h"

#include <string.h>

#include "config.h"
#include "registers.h"
#include "variants.h"

enum status {
  full = 1,
  first_collision = 2,
  second_collision = 4,
  was_reset = 8,
  interrupted = 16,
  clock_changed = 32
};
enum { single_shot = 1, halted = 2, no_entry = 0x8000 };

struct moment {
  unsigned year, month, day, hour, minute, second;  // years after 2000
};

static struct {
  struct log_settings settings;
  struct moment clock;
  uint16_t page;  // 158: 0, or the buffer that is shown
  uint16_t status;
  unsigned wraps, lost, count;  // count: entries since the log began, was reset or wrapped
  unsigned stored, newest;      // entries in the buffers, and where the newest stands
  uint16_t start_energy[2];
  struct moment newest_at;
  uint16_t held[log_pointers];  // the entry that came while a page was shown
  bool holds;
  uint16_t buffers[log_pointers][log_entries];
} state;

static const uint16_t factory_pointers[log_pointers] = {1, 2, 29, 30, 37, 38, 39, 155, 156, 157};

static unsigned days_of(const struct moment* m) {
  static const unsigned days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return m->month == 2 && m->year % 4 == 0 && m->year != 100 ? 29 : days[m->month - 1];
}

static void tick(struct moment* m) {
  if (++m->second < 60) return;
  m->second = 0;
  if (++m->minute < 60) return;
  m->minute = 0;
  if (++m->hour < 24) return;
  m->hour = 0;
  if (++m->day <= days_of(m)) return;
  m->day = 1;
  if (++m->month <= 12) return;
  m->month = 1;
  m->year = (m->year + 1) % 200;
}

// `which` 0 to 2: day and month, hour and year, second and minute. The defaults' table puts the other one first.
static uint16_t packed(const struct moment* m, unsigned which) {
  const unsigned high[] = {m->day, m->hour, m->second}, low[] = {m->month, m->year, m->minute};
  return (uint16_t)(variants()->date_packing == date_day_high ? high[which] << 8 | low[which]
                                                              : low[which] << 8 | high[which]);
}

static void unpack(struct moment* m, unsigned which, uint16_t value) {
  const bool day_high = variants()->date_packing == date_day_high;
  const unsigned one = day_high ? value >> 8 : value & 0xFFu, other = day_high ? value & 0xFFu : value >> 8;
  if (which == 0) {
    m->day = one;
    m->month = other;
  } else if (which == 1) {
    m->hour = one;
    m->year = other;
  } else {
    m->second = one;
    m->minute = other;
  }
}

static bool is_moment(const struct moment* m) {
  return m->month >= 1 && m->month <= 12 && m->day >= 1 && m->day <= days_of(m) && m->hour < 24 && m->minute < 60 &&
         m->second < 60 && m->year < 200;
}

static void begin(uint16_t why) {
  state.status = why;
  state.wraps = state.lost = state.count = state.stored = 0;
  state.holds = false;
  registers_read(1, 2, state.start_energy);
}

void log_start(const struct log_settings* saved, bool was_interrupted) {
  static const struct moment epoch = {.year = 0, .month = 1, .day = 1};
  memset(&state, 0, sizeof state);
  state.clock = state.newest_at = epoch;  // the clock has no battery
  memcpy(state.settings.pointers, factory_pointers, sizeof factory_pointers);
  if (saved) state.settings = *saved;
  begin(was_interrupted ? interrupted : 0);
}

const struct log_settings* log_settings_now(void) {
  return &state.settings;
}

bool log_has_setting(unsigned number) {
  if (variants()->log_registers != log_working) return false;
  return (number >= 155 && number <= 159) || (number >= 169 && number <= 178);
}

bool log_allows(unsigned number, uint16_t value) {
  if (number <= 157) {
    struct moment wanted = state.clock;
    unpack(&wanted, number - 155, value);
    return is_moment(&wanted);
  }
  if (number == 158) return value <= log_pointers;
  if (number == 159) return value <= (single_shot | halted);
  return (value >= 1 && value <= 42) || value == 146 || (value >= 155 && value <= 157) ||
         (value >= 257 && value <= 336);
}

static void store(const uint16_t* entry) {
  if (state.stored == log_entries) {
    if (state.settings.configuration & single_shot) {
      if (state.lost < 32767) ++state.lost;
      return;
    }
    if (state.count == log_entries) {
      state.wraps = (state.wraps + 1) & 0x7FFF;
      state.count = 0;
      registers_read(1, 2, state.start_energy);
    }
  }
  state.newest = (state.newest + 1) % log_entries;
  for (int n = 0; n < log_pointers; ++n) state.buffers[n][state.newest] = entry[n];
  ++state.count;
  if (state.stored < log_entries) ++state.stored;
  if (state.stored == log_entries) state.status |= full;
  state.newest_at = state.clock;
}

void log_set(unsigned number, uint16_t value) {
  if (number <= 157) {
    unpack(&state.clock, number - 155, value);
    state.status |= clock_changed;
  } else if (number == 158) {
    state.page = value;
    if (value == 0) {
      if (state.holds) store(state.held);
      state.holds = false;
      state.status &= (uint16_t) ~(first_collision | second_collision);
    }
  } else if (number == 159) {
    state.settings.configuration = value;
  } else {
    state.settings.pointers[number - 169] = value;
  }
}

void log_second(bool subinterval_ended) {
  tick(&state.clock);
  if (variants()->log_registers != log_working || !subinterval_ended || (state.settings.configuration & halted)) return;
  uint16_t entry[log_pointers];
  for (int n = 0; n < log_pointers; ++n)
    if (!registers_read(state.settings.pointers[n], 1, &entry[n])) entry[n] = no_entry;
  if (state.page == 0) {
    store(entry);
    return;
  }
  // While somebody reads a page one entry waits; a second one is lost.
  state.status |= state.holds ? second_collision : first_collision;
  if (!state.holds) memcpy(state.held, entry, sizeof entry);
  state.holds = true;
}

void log_clear(void) {
  begin(was_reset);
}

static uint16_t window(unsigned place) {
  if (state.page == 0 || place >= state.stored) return no_entry;
  return state.buffers[state.page - 1][(state.newest + log_entries - place) % log_entries];
}

static uint16_t days_of_capacity(void) {
  return (uint16_t)((unsigned)log_entries * config_now()->subinterval_s / 86400u);
}

bool log_read(unsigned number, uint16_t* value) {
  const unsigned extra = variants()->log_window_end == log_window_to_13760 ? 1 : 0;
  if (number >= log_window && number < log_window + log_entries + extra) {
    *value = window(number - log_window);
    return true;
  }
  if (number < log_first || number > log_last) return false;
  switch (number) {
    case 158: *value = state.page; break;
    case 159: *value = state.settings.configuration; break;
    case 160: *value = state.status; break;
    case 161: *value = (uint16_t)(state.settings.configuration & single_shot ? state.lost : state.wraps); break;
    case 162: *value = days_of_capacity(); break;
    case 163: *value = (uint16_t)state.count; break;
    case 164:
    case 165: *value = state.start_energy[number - 164]; break;
    case 166:
    case 167:
    case 168: *value = packed(&state.newest_at, number - 166); break;
    default: *value = number <= 157 ? packed(&state.clock, number - 155) : state.settings.pointers[number - 169];
  }
  return true;
}
