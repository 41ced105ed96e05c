// What the meter remembers without supply.
//
// There are two copies, written in turn, each with a number that counts up and a check sum. A write that is torn by the
// supply's failure spoils one of them; the other still holds the state before it. Of two whole ones the newer counts;
// with none (a new meter, or both spoilt) the meter begins with the factory's values.
#ifndef SERIES_4000_K_NV_STORE_H
#define SERIES_4000_K_NV_STORE_H

#include "config.h"
#include "demand.h"
#include "drivers/sim/firmware/blondel_firmware.h"
#include "energy.h"
#include "load_log.h"
#include "pulses.h"
#include "registers.h"

struct nv_content {
  struct config config;
  struct energies energies;
  struct demand_store demand;
  struct pulse_store pulses;
  struct energy_shift shift;
  struct log_settings log;
  uint16_t power_ups;
};

// Where the second copy begins.
enum { nv_copy_bytes = 1024, nv_copies = 2 };

// Returns false when there is no whole copy.
bool nv_load(const struct blondel_hal* hal, struct nv_content* content);
void nv_save(const struct blondel_hal* hal, const struct nv_content* content);

#endif
