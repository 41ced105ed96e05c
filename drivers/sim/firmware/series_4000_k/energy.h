// The energy accumulators.
#ifndef SERIES_4000_K_ENERGY_H
#define SERIES_4000_K_ENERGY_H

#include <stdint.h>

#include "metering.h"

// Wh, varh or VAh. Whole units and the rest apart, so that small powers still count after years.
struct energy {
  uint64_t whole;
  double rest;
};

struct energies {
  struct energy real, apparent, reactive;
  struct energy real_phase[3];
  uint16_t resets;  // 147
};

// What one second brought, in Wh, varh and VAh.
struct second_energy {
  double real, reactive, apparent;
};

void energy_start(const struct energies* saved);
// Adds a sample's products of codes. Returns the real energy of this second so far, in products of codes, of the phases
// that are being counted as they come.
int64_t energy_sample(const int64_t product[3]);
// Wh that one product of codes stands for.
double energy_per_product(void);
// Closes the second: decides for each phase whether it counts, and with which sign.
struct second_energy energy_second(const struct readings* r);
// The supply goes in the middle of a second: what has been counted of it as it came is kept. Returns the Wh.
double energy_power_fail(void);
// Command 30078: all accumulators.
void energy_clear(void);
const struct energies* energy_now(void);
// kWh, kvarh or kVAh.
double energy_kilo(const struct energy* e);

#endif
