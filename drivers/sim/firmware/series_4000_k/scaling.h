// The scale factors, registers 138 to 141: the powers of ten in whose units the integers are shown.
#ifndef SERIES_4000_K_SCALING_H
#define SERIES_4000_K_SCALING_H

#include "config.h"

struct exponents {
  int current, voltage, power, energy;  // for A, V, kW and kWh
};

// The factors that go with some settings. They depend on nothing else, so they are not kept without supply.
struct exponents scaling_of(const struct config* c);

// `value` in units of 10^exponent, rounded as the registers round it.
double scaling_raw(double value, int exponent);

#endif
