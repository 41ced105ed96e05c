// Frequency of one voltage from its samples, second after second.
#ifndef SERIES_4000_K_FREQUENCY_H
#define SERIES_4000_K_FREQUENCY_H

#include "samples.h"

void frequency_start(void);

// Looks at the voltage of one phase in one second of samples: the three Hann bins around the strongest one give
// a value good to a fraction of a millihertz (for a Hann window the ratio of the neighbours to the peak is a rational
// function of the distance from the bin). `rms` is that of the voltage, in codes.
// Returns NAN when nothing was found between 40 and 70 Hz.
double frequency_near(const struct windowed* second, int phase, double rms);

struct phasor {
  double re, im;
};

// The phase of that voltage at the middle of this second, as the correlation at `near` shows it, against the phase at
// the middle of the last one, exactly one second earlier, gives the whole number of cycles between them plus a
// fraction: that is the frequency, good to some microhertz.
double frequency_fine(double near, struct phasor found);

// The correlation of windowed samples of all channels, voltages first, with e^(-j 2 pi f t), t counted from the middle
// of the second, scaled to complex rms.
void frequency_correlate(const struct windowed* second, double hertz, struct phasor result[channels]);

#endif
