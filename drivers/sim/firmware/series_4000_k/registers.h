// The register image that a master reads, renewed once a second.
#ifndef SERIES_4000_K_REGISTERS_H
#define SERIES_4000_K_REGISTERS_H

#include <stdbool.h>
#include <stdint.h>

#include "demand.h"
#include "energy.h"
#include "metering.h"
#include "pulses.h"
#include "scaling.h"

// Energy integers that stay where they are when their scale factor changes are shifted against the energy they stand
// for: by how much, modulo 2^32, and in which units. Kept without supply.
enum { energy_integers = 6 };
struct energy_shift {
  uint32_t raw[energy_integers];
  int32_t exponent;  // that the shifts were made for
  uint16_t resets;   // register 147 when they were made: a reset ends them
};

// Everything that the registers show, as it stands at the end of a second.
struct state_of_meter {
  const struct config* config;
  const struct readings* readings;
  const struct energies* energies;
  struct power demand;
  const struct power* max_demand;
  struct pulse_store pulses;
  unsigned alerts;
  uint16_t power_ups;
};

void registers_start(const struct energy_shift* saved);
// What is shown until the first second has been measured; call it once, after registers_start().
void registers_begin(const struct state_of_meter* s);
void registers_refresh(const struct state_of_meter* s);
struct energy_shift registers_energy_shift(void);
// Register numbers, not wire addresses. Returns false when one of them does not exist.
bool registers_read(unsigned first, unsigned count, uint16_t* values);
// The range of a single-word register as the map prints it.
bool register_range(unsigned number, double* low, double* high);

#endif
