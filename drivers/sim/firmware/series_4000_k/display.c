#include "display.h"

#include <math.h>
#include <stdio.h>

#include "alerts.h"

static void number(char* text, size_t size, double value) {
  if (isnan(value))
    snprintf(text, size, "----");
  else
    snprintf(text, size, "%.3f", value);
}

void display_show(const struct blondel_hal* hal, const struct state_of_meter* s, const char* serial) {
  // IEEE and IEC name the same quantities differently; IEEE is the factory's choice.
  const bool ieee = s->config->display_units == 1;
  char energy[32], real[32], frequency[32], alerts[64] = "";
  number(energy, sizeof energy, energy_kilo(&s->energies->real));
  number(real, sizeof real, s->readings->real_total / 1000.0);
  number(frequency, sizeof frequency, s->readings->frequency);
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
  for (unsigned n = 0; n < sizeof labels / sizeof labels[0]; ++n)
    if (s->alerts & labels[n].bits)
      used += (size_t)snprintf(alerts + used, sizeof alerts - used, "%s", labels[n].label);

  char text[256];
  snprintf(text, sizeof text, "%s %s\n%s %s\nHZ %s\nALERT%s\nSN %.40s", ieee ? "KWh" : "KPh", energy, ieee ? "KW" : "P",
           real, frequency, alerts, serial);
  hal->lcd(hal->context, text);
}
