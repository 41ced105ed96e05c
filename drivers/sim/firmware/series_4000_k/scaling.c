#include "scaling.h"

#include <math.h>

#include "variants.h"

enum { lowest = -4, highest = 4 };

// The smallest power of ten in units of which `largest` is no more than `most`.
static int smallest_exponent(double largest, double most) {
  int exponent = lowest;
  while (exponent < highest && largest > most * pow(10.0, exponent)) ++exponent;
  return exponent;
}

struct exponents scaling_of(const struct config* c) {
  const double kilowatts = config_max_power(c) / 1000.0;
  struct exponents e;
  switch (variants()->scale_algorithm) {
    case scale_by_full_scale:
      e.current = smallest_exponent(c->ct_primary, 32767.0);
      e.voltage = smallest_exponent(c->system_voltage, 32767.0);
      e.power = smallest_exponent(kilowatts, 32767.0);
      break;
    case scale_tabulated:
      // A table in steps of a decade: CTs to 2.5 A, 25 A, 250 A and so on, powers to 2 kW, 20 kW, 200 kW and so on.
      e.current = smallest_exponent(c->ct_primary, 25000.0);
      e.voltage = smallest_exponent(c->system_voltage, 25000.0);
      e.power = smallest_exponent(kilowatts, 20000.0);
      break;
    default:
      // The full scale with the over-range of 20 % on voltage and on current.
      e.current = smallest_exponent(1.2 * c->ct_primary, 32767.0);
      e.voltage = smallest_exponent(1.2 * c->system_voltage, 32767.0);
      e.power = smallest_exponent(1.44 * kilowatts, 32767.0);
  }
  // An energy step is ten times the power step: at full load a 32-bit integer then lasts for decades.
  e.energy = e.power;
  if (variants()->energy_exponent == energy_one_above_power && e.energy < highest) ++e.energy;
  return e;
}

double scaling_raw(double value, int exponent) {
  return floor(value / pow(10.0, exponent) + 0.5);
}
