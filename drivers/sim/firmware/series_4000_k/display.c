#include "display.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>

#include "alerts.h"
#include "variants.h"

static struct {
  const struct blondel_hal* hal;
  const char* serial;
  bool heart;
} state;

void display_start(const struct blondel_hal* hal) {
  state.hal = hal;
  state.serial = hal->setting(hal->context, "serial");
  if (!state.serial) state.serial = "";
  state.heart = false;
  hal->lcd(hal->context, "BOOT");
}

static void number(char* text, size_t size, double value) {
  if (isnan(value))
    snprintf(text, size, "----");
  else
    snprintf(text, size, "%.3f", value);
}

static void alert_labels(unsigned bits, char* text, size_t size) {
  static const struct {
    unsigned bits;
    const char* label;
  } labels[] = {{alert_any_phase_loss, " PLOSS"},
                {7 << 11, " LOWPF"},
                {alert_frequency, " F ERR"},
                {7 << 3, " I OVR"},
                {7 << 0, " V OVR"},
                {3 << 14, " PULSE"}};
  size_t used = 0;
  text[0] = 0;
  for (unsigned n = 0; n < sizeof labels / sizeof labels[0]; ++n)
    if (bits & labels[n].bits) used += (size_t)snprintf(text + used, size - used, "%s", labels[n].label);
}

static void version(char* text, size_t size, unsigned thousandths) {
  snprintf(text, size, "%u.%03u", thousandths / 1000u, thousandths % 1000u);
}

void display_show(const struct state_of_meter* s) {
  // IEEE and IEC name the same quantities differently; IEEE is the factory's choice.
  const bool ieee = s->config->display_units == 1;
  char energy[32], real[32], frequency[32], alerts[48], os[16], rs[16];
  number(energy, sizeof energy, energy_kilo(&s->energies->real));
  number(real, sizeof real, s->readings->real_total / 1000.0);
  number(frequency, sizeof frequency, s->readings->frequency);
  alert_labels(s->alerts, alerts, sizeof alerts);
  version(os, sizeof os, (unsigned)variants()->version);
  version(rs, sizeof rs, (unsigned)variants()->reset_system_version);
  // The heart beats while the meter runs; the wrench stands for any alert.
  state.heart = !state.heart;
  char text[256];
  snprintf(text, sizeof text, "%s %s\n%s %s\nHZ %s\nALERT%s\nMODEL 4000-K\nOS %s\nRS %s\nSN %.32s\n%s%s",
           ieee ? "KWh" : "KPh", energy, ieee ? "KW" : "P", real, frequency, alerts, os, rs, state.serial,
           state.heart ? "\u2665" : " ", s->alerts != 0 ? " \U0001F527" : "");
  state.hal->lcd(state.hal->context, text);
}

void display_reset_system(void) {
  char rs[16], text[128];
  version(rs, sizeof rs, (unsigned)variants()->reset_system_version);
  snprintf(text, sizeof text, "RESET SYSTEM RUNNING\nMODEL 4000-K\nRS %s\nSN %.32s", rs, state.serial);
  state.hal->lcd(state.hal->context, text);
}
