// From converter codes to the quantities of one second.
//
// Conventions: primary side (CT and PT ratios applied), V, A, W, var, VA, Hz. Phases are numbered 0..2 for A, B, C.
// What a system type does not have is NAN.
#ifndef SERIES_4000_K_METERING_H
#define SERIES_4000_K_METERING_H

#include <stdbool.h>
#include <stdint.h>

#include "config.h"
#include "samples.h"

struct readings {
  double frequency;      // as it is shown
  bool frequency_lost;   // the voltage of phase A is too small, or the frequency is outside 45..65 Hz
  double voltage_ln[3];  // AN, BN, CN
  double voltage_ll[3];  // AB, BC, AC
  double current[3];
  double real[3];      // unsigned: a reversed CT changes nothing
  double reactive[3];  // of the fundamental, unsigned
  double apparent[3];
  double power_factor[3];
  double voltage_ln_avg, voltage_ll_avg, current_avg;
  double real_total, reactive_total, apparent_total, power_factor_total;
  double star_voltage[3];  // against the meter's own star point, whatever the type
  bool leading;            // the current leads in phase A
  bool overloaded;         // phase A carries more than its rating
  bool counts[3];          // whether the phase carries enough current for energy to be counted
};

// A phase is a voltage and a current whose product is power. Which phases there are, and whether the voltage is taken
// between A and B (type 11) or to the star point.
struct elements {
  bool used[3];
  bool line_to_line;
};
struct elements metering_elements(const struct config* c);

void metering_start(void);
// Settings that hold from the next sample on, and the temperature inside, which moves the gain of a unit.
void metering_configure(const struct config* c, double celsius);

// Factors from codes to primary volts and amperes.
double metering_volts_per_count(void);
double metering_amperes_per_count(void);

// Takes one sample in; `product` becomes the product of codes of each used phase, 0 for the others. Returns true when
// it was the last of a second.
bool metering_sample(const int32_t codes[channels], int64_t product[3]);
// Before the first second has ended: no value of anything.
struct readings metering_nothing(void);
// The quantities of the second that has just ended.
void metering_second(const struct config* c, struct readings* r);

#endif
