// The Series 4000-K meter: what happens at power-up, at every sample, at the end of every second and at power failure.

#include <string.h>

#include "alerts.h"
#include "config.h"
#include "demand.h"
#include "display.h"
#include "energy.h"
#include "event_count.h"
#include "fault.h"
#include "load_log.h"
#include "metering.h"
#include "modbus_server.h"
#include "nv_store.h"
#include "pulses.h"
#include "registers.h"
#include "variants.h"

static struct {
  const struct blondel_hal* hal;
  unsigned samples, boot_samples;  // since power-up, no further than the end of the boot
  bool operating;                  // the operating system, not the reset system
  uint16_t power_ups;
  double wh_per_product;
  bool alarm_closed;
  int unsaved_s;
  bool log_cleared, subinterval_ended;  // in the second that has just ended
} state;

static void save(void) {
  struct nv_content content;
  memset(&content, 0, sizeof content);
  content.config = *config_now();
  content.energies = *energy_now();
  content.demand = demand_to_store();
  content.pulses = pulses_now();
  content.shift = registers_energy_shift();
  content.log = *log_settings_now();
  content.power_ups = state.power_ups;
  nv_save(state.hal, &content);
  state.unsaved_s = 0;
}

static void configure(void) {
  metering_configure(config_now(), state.hal->temperature(state.hal->context));
  state.wh_per_product = energy_per_product();
}

static struct state_of_meter now_with(const struct readings* r, unsigned alerts) {
  return (struct state_of_meter){.config = config_now(),
                                 .readings = r,
                                 .energies = energy_now(),
                                 .demand = demand_present(config_now()),
                                 .max_demand = demand_maximum(),
                                 .pulses = pulses_now(),
                                 .alerts = alerts,
                                 .power_ups = state.power_ups};
}

static void start_operating_system(void) {
  struct nv_content saved;
  const bool remembered = nv_load(state.hal, &saved);
  state.power_ups = event_count_plus(remembered ? saved.power_ups : 0, FAULT(power_ups_not_counted) ? 0 : 1);
  registers_start(remembered ? &saved.shift : 0);
  config_start(remembered && !FAULT(settings_lost_without_supply) ? &saved.config : 0);
  metering_start();
  energy_start(remembered ? &saved.energies : 0);
  demand_start(remembered ? &saved.demand : 0);
  pulses_start(state.hal, remembered ? &saved.pulses : 0, config_now());
  alerts_start();
  configure();
  // A boot may be shorter than the first second: settings and counters stand, and nothing has been measured yet.
  const struct readings nothing = metering_nothing();
  const struct state_of_meter first = now_with(&nothing, 0);
  registers_begin(&first);
  log_start(remembered ? &saved.log : 0, remembered);
  save();
}

static void power_up(const struct blondel_hal* hal) {
  memset(&state, 0, sizeof state);
  state.hal = hal;
  state.alarm_closed = true;
  variants_load(hal);
  fault_load(hal);
  // The operating system needs this long before the port is served; the converter runs from the start.
  state.boot_samples = (unsigned)(samples_per_second * variants()->boot_ms / 1000);
  state.operating = variants()->running_system == runs_operating_system;
  modbus_start(hal);
  display_start(hal);
  if (state.operating)
    start_operating_system();
  else
    display_reset_system();
}

// The commands and settings that were written during the second. Returns whether the store must know at once.
static bool follow_the_master(const struct second_energy* second) {
  const struct config* c = config_now();
  const unsigned commands = config_commands();
  const bool ended = demand_second(c, second, (commands & new_subinterval) != 0, (commands & reset_max_demand) != 0);
  if (commands & clear_pulse_counters) pulses_clear_counters();
  if (commands & clear_energy) {
    energy_clear();
    pulses_clear_backlog();
    if (FAULT(clearing_energy_clears_pulse_counters)) pulses_clear_counters();
  }
  state.log_cleared = (commands & clear_log) != 0;
  state.subinterval_ended = ended;
  uint16_t power_ups;
  const bool counted_anew = config_power_ups_written(&power_ups);
  if (counted_anew) state.power_ups = power_ups;

  const struct config before = *c;
  const bool changed = config_take_over();
  if (changed) {
    const bool other_demand = before.subintervals != c->subintervals || before.subinterval_s != c->subinterval_s;
    if (other_demand && variants()->demand_restart == restart_on_change) demand_restart();
    pulses_configure(c);
  }
  return changed || commands != 0 || counted_anew;
}

static void drive_alarm(unsigned alerts) {
  const bool closed = alerts_alarm(alerts);
  if (closed == state.alarm_closed) return;
  state.alarm_closed = closed;
  state.hal->contact(state.hal->context, BLONDEL_ALARM, closed, state.hal->now_ns(state.hal->context));
}

static void end_of_second(void) {
  const struct config* c = config_now();
  struct readings r;
  metering_second(c, &r);
  const struct second_energy second = energy_second(&r);
  pulses_second(second.real, second.reactive);
  const bool urgent = follow_the_master(&second);
  configure();

  const struct state_of_meter s = now_with(&r, alerts_second(c, &r, pulses_overrun()));
  registers_refresh(&s);
  // After the registers, so that an entry holds the demand of the sub-interval that it ends.
  if (state.log_cleared) log_clear();
  log_second(state.subinterval_ended);
  display_show(&s);
  drive_alarm(s.alerts);
  if (++state.unsaved_s >= variants()->nv_save_interval_s || urgent) save();
}

static void sample(const int32_t codes[BLONDEL_CHANNELS]) {
  if (state.operating) {
    int64_t product[phases];
    const bool second_ended = metering_sample(codes, product);
    pulses_sample((double)energy_sample(product) * state.wh_per_product);
    if (second_ended) end_of_second();
  }
  if (state.samples < state.boot_samples)
    ++state.samples;
  else
    modbus_tick();
}

static void uart_byte(uint8_t byte) {
  if (state.samples == state.boot_samples) modbus_byte(byte);
}

static void power_fail(void) {
  if (!state.operating || variants()->power_fail_save == power_fail_save_missing) return;
  pulses_power_fail(energy_power_fail());
  save();
}

static const struct blondel_firmware firmware = {
    .version = BLONDEL_FIRMWARE_VERSION,
    .name = "Series 4000-K",
    .power_up = power_up,
    .sample = sample,
    .uart_byte = uart_byte,
    .power_fail = power_fail,
};

const struct blondel_firmware* blondel_firmware_v1(void) {
  return &firmware;
}
