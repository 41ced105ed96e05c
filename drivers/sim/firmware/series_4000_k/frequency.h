// Frequency of one channel from its samples, second after second.
#ifndef SERIES_4000_K_FREQUENCY_H
#define SERIES_4000_K_FREQUENCY_H

void frequency_start(void);

// Looks at one second of windowed samples of a channel (0..2).
//
// First the three Hann bins around the strongest one give a value good to a fraction of a millihertz (for a Hann window
// the ratio of the neighbours to the peak is a rational function of the distance from the bin). Then the phase at the
// middle of this second against the phase at the middle of the last one, exactly one second earlier, gives the whole
// number of cycles between them plus a fraction: that is the frequency, good to some microhertz.
//
// `rms` is that of the channel, in codes. `correlate_at` receives the frequency for the correlation of this second.
// Returns NAN when nothing was found between 40 and 70 Hz.
double frequency_of(const double* windowed, int channel, double rms, double* correlate_at);

// The correlation of windowed samples of several channels with e^(-j 2 pi f t), t counted from the middle of the
// second, scaled to complex rms.
enum { most_correlated = 6 };
struct phasor {
  double re, im;
};
void frequency_correlate(const double* const* windowed, int count, double hertz, struct phasor* result);

#endif
