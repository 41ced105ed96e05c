// Phase loss: voltages that have dropped below their nominal, and voltages that differ too much from each other.
#ifndef SERIES_4000_K_PHASE_LOSS_H
#define SERIES_4000_K_PHASE_LOSS_H

#include "metering.h"

void phase_loss_start(void);
// End of a second: the lost phases, A in bit 0, after the delays that were chosen.
unsigned phase_loss_second(const struct config* c, const struct readings* r);
// Nominal voltage line to neutral, V; meaningless in types without neutral.
double phase_loss_nominal_ln(const struct config* c);

#endif
