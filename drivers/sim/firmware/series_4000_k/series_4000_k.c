// The Series 4000-K meter: what happens at power-up, at every sample and at the end of every second.

#include <stdio.h>
#include <string.h>

#include "alerts.h"
#include "config.h"
#include "demand.h"
#include "display.h"
#include "energy.h"
#include "metering.h"
#include "modbus_server.h"
#include "nv_store.h"
#include "pulses.h"
#include "registers.h"
#include "variant.h"

// The operating system needs this long before the port is served; the converter runs from the start.
enum { boot_samples = samples_per_second * 3 / 2 };

static struct {
  const struct blondel_hal* hal;
  unsigned samples;  // since power-up, no further than the end of the boot
  uint16_t power_ups;
  double wh_per_product;
  const char* serial;
  bool alarm_closed;
} state;

static void save(void) {
  struct nv_content content;
  memset(&content, 0, sizeof content);
  content.config = *config_now();
  content.energies = *energy_now();
  content.max_demand = *demand_maximum();
  content.pulses = pulses_now();
  content.power_ups = state.power_ups;
  nv_save(state.hal, &content);
}

static void power_up(const struct blondel_hal* hal) {
  static const char* const parities[] = {"none", "even", "odd", 0};
  static const char* const refusals[] = {"exception", "echo", 0};
  static const char* const blanks[] = {"star", "blank", 0};
  static const char* const thirds[] = {"1/3", "0.333", 0};
  static const char parity_letters[] = {'N', 'E', 'O'};

  state.hal = hal;
  state.samples = 0;
  state.serial = hal->setting(hal->context, "serial");
  if (!state.serial) state.serial = "";

  const uint16_t version = (uint16_t)variant_number(hal, "version", 1, 65535, 1019);
  struct port_settings port = {0};
  port.address = (unsigned)variant_number(hal, "address", 1, 247, 1);
  port.baud = (unsigned)variant_number(hal, "baud", 1200, 38400, 19200);
  if (port.baud != 1200 && port.baud != 2400 && port.baud != 4800 && port.baud != 9600 && port.baud != 19200 &&
      port.baud != 38400)
    hal->refuse(hal->context, "variant baud: not a rate of this meter");
  port.parity = parity_letters[variant_word(hal, "parity", parities)];
  port.stop_bits = (unsigned)variant_number(hal, "stop_bits", 1, 2, 1);
  port.answer_delay_us = (unsigned)variant_number(hal, "answer_delay_us", 0, 1000000, 8000);
  port.silent_refusal = variant_word(hal, "refusal", refusals) == 1;
  port.version = version;
  const bool type_31_phases = variant_word(hal, "type_31_phases", blanks) == 0;
  const double one_third_volt = variant_word(hal, "one_third_volt", thirds) == 0 ? 1.0 / 3.0 : 0.333;

  struct nv_content saved;
  const bool remembered = nv_load(hal, &saved);
  state.power_ups = remembered ? (uint16_t)((saved.power_ups + 1) & 0x7FFF) : 1;
  config_start(remembered ? &saved.config : 0);
  metering_start(one_third_volt);
  energy_start(remembered ? &saved.energies : 0);
  demand_start(remembered ? &saved.max_demand : 0);
  pulses_start(hal, remembered ? &saved.pulses : 0, config_now());
  registers_start(version, type_31_phases);
  modbus_start(hal, &port);
  state.wh_per_product = energy_per_product(config_now());
  state.alarm_closed = true;
  save();
  hal->lcd(hal->context, "BOOT");
}

static void end_of_second(void) {
  const struct config* c = config_now();
  struct readings r;
  metering_second(c, &r);
  const struct second_energy second = energy_second(c, &r);
  pulses_second(second.real, second.reactive);

  const unsigned commands = config_commands();
  demand_second(c, &second, (commands & new_subinterval) != 0);
  if (commands & reset_max_demand) demand_reset_maximum();
  if (commands & clear_pulse_counters) pulses_clear_counters();
  if (commands & clear_energy) {
    energy_clear();
    pulses_clear_backlog();
  }

  const struct config before = *c;
  if (config_take_over()) {
    if (before.subintervals != c->subintervals || before.subinterval_s != c->subinterval_s) demand_restart();
    pulses_configure(c);
    state.wh_per_product = energy_per_product(c);
  }

  struct state_of_meter s = {0};
  s.config = c;
  s.readings = &r;
  s.energies = energy_now();
  s.demand = demand_present();
  s.max_demand = demand_maximum();
  s.pulses = pulses_now();
  s.alerts = alerts_of(c, &r, pulses_overrun());
  s.power_ups = state.power_ups;
  registers_refresh(&s);
  display_show(state.hal, &s, state.serial);

  // Form B: open is the only healthy state.
  const bool closed = (s.alerts & alert_any_phase_loss) != 0;
  if (closed != state.alarm_closed) {
    state.alarm_closed = closed;
    state.hal->contact(state.hal->context, BLONDEL_ALARM, closed, state.hal->now_ns(state.hal->context));
  }
  save();
}

static void sample(const int32_t codes[BLONDEL_CHANNELS]) {
  int64_t product[phases];
  const bool second_ended = metering_sample(codes, config_now(), product);
  pulses_sample((double)energy_sample(product) * state.wh_per_product);
  if (second_ended) end_of_second();
  if (state.samples < boot_samples)
    ++state.samples;
  else
    modbus_tick();
}

static void uart_byte(uint8_t byte) {
  if (state.samples == boot_samples) modbus_byte(byte);
}

static const struct blondel_firmware firmware = {
    .version = BLONDEL_FIRMWARE_VERSION,
    .name = "Series 4000-K",
    .power_up = power_up,
    .sample = sample,
    .uart_byte = uart_byte,
    .power_fail = save,
};

const struct blondel_firmware* blondel_firmware_v1(void) {
  return &firmware;
}
