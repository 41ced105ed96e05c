// Block and rolling demand of real, reactive and apparent power.
#ifndef SERIES_4000_K_DEMAND_H
#define SERIES_4000_K_DEMAND_H

#include "config.h"
#include "energy.h"

// W, var and VA.
struct power {
  double real, reactive, apparent;
};

void demand_start(const struct power* saved_maximum);
// Adds a second, and closes the sub-interval when its time is up or `close` asks for it. A request less than 10 s after
// the one before is not followed.
void demand_second(const struct config* c, const struct second_energy* second, bool close);
// A change of 149 or 150 starts afresh.
void demand_restart(void);
// Command 21212: maximum := present. Not more often than every 10 s either.
void demand_reset_maximum(void);
// The result of the last complete interval, 0 before the first.
const struct power* demand_present(void);
const struct power* demand_maximum(void);

#endif
