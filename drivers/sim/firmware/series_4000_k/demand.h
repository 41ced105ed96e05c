// Block and rolling demand of real, reactive and apparent power.
#ifndef SERIES_4000_K_DEMAND_H
#define SERIES_4000_K_DEMAND_H

#include <stdbool.h>

#include "config.h"
#include "energy.h"

// W, var and VA.
struct power {
  double real, reactive, apparent;
};

// What is kept without supply: the maxima, and the present values, of which only the apparent one may ever be used.
struct demand_store {
  struct power maximum, present;
};

void demand_start(const struct demand_store* saved);
// Adds a second, and closes the sub-interval when its time is up or `close` asks for it (command 21211).
// `reset_maximum` (command 21212): maximum := present. Each of the two is followed at most every 10 s. Returns whether
// a sub-interval has ended.
bool demand_second(const struct config* c, const struct second_energy* second, bool close, bool reset_maximum);
// A change of 149 or 150 starts afresh.
void demand_restart(void);
// The result of the last complete interval; NAN where the registers are to show no value.
struct power demand_present(const struct config* c);
const struct power* demand_maximum(void);
struct demand_store demand_to_store(void);

#endif
