// The register image that a master reads, renewed once a second.
#ifndef SERIES_4000_K_REGISTERS_H
#define SERIES_4000_K_REGISTERS_H

#include <stdbool.h>
#include <stdint.h>

#include "demand.h"
#include "energy.h"
#include "metering.h"
#include "pulses.h"

// Everything that the registers show, as it stands at the end of a second.
struct state_of_meter {
  const struct config* config;
  const struct readings* readings;
  const struct energies* energies;
  const struct power* demand;
  const struct power* max_demand;
  struct pulse_store pulses;
  unsigned alerts;
  uint16_t power_ups;
};

// `version` is register 7001. Firmware up to 1018 has no pulse counters and no energies of single phases.
// `type_31_phases`: whether per-phase powers of a three-wire system are shown (against the star point) or left blank.
void registers_start(uint16_t version, bool type_31_phases);
void registers_refresh(const struct state_of_meter* s);
// Register numbers, not wire addresses. Returns false when one of them does not exist.
bool registers_read(unsigned first, unsigned count, uint16_t* values);
// The range of a single-word register as the map prints it.
bool register_range(unsigned number, double* low, double* high);

#endif
