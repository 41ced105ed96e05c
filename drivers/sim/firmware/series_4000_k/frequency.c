#include "frequency.h"

#include <math.h>
#include <stdbool.h>

#include "metering.h"

static const double pi = 3.14159265358979323846;

enum { lowest_bin = 39, highest_bin = 71 };

static struct {
  bool known;
  int channel;
  int bin;            // where the peak was found last
  double last_phase;  // rad, at the middle of the last second
} state;

void frequency_start(void) {
  state.known = false;
  state.channel = -1;
  state.bin = 60;
}

void frequency_correlate(const double* const* windowed, int count, double hertz, struct phasor* result) {
  // One turning vector for all channels; four of them side by side, a step apart, so that none waits for another.
  enum { lanes = 4 };
  const double step = 2 * pi * hertz / samples_per_second;
  const double turn_re = cos(lanes * step), turn_im = -sin(lanes * step);
  double re[lanes], im[lanes];
  for (int k = 0; k < lanes; ++k) {
    re[k] = cos(step * (samples_per_second / 2 - k));
    im[k] = sin(step * (samples_per_second / 2 - k));
  }
  double sum_re[most_correlated] = {0}, sum_im[most_correlated] = {0};
  for (int n = 0; n < samples_per_second; n += lanes) {
    for (int c = 0; c < count; ++c) {
      const double* x = windowed[c] + n;
      sum_re[c] += (x[0] * re[0] + x[1] * re[1]) + (x[2] * re[2] + x[3] * re[3]);
      sum_im[c] += (x[0] * im[0] + x[1] * im[1]) + (x[2] * im[2] + x[3] * im[3]);
    }
    for (int k = 0; k < lanes; ++k) {
      const double next = re[k] * turn_re - im[k] * turn_im;
      im[k] = re[k] * turn_im + im[k] * turn_re;
      re[k] = next;
    }
  }
  // The window's mean is 1/2; an rms phasor is sqrt(2) times the mean of x e^(-j..): together 2 sqrt(2) / N.
  const double scale = 2 * sqrt(2.0) / samples_per_second;
  for (int c = 0; c < count; ++c) {
    result[c].re = sum_re[c] * scale;
    result[c].im = sum_im[c] * scale;
  }
}

// Magnitude of the discrete Fourier transform at a whole number of hertz.
static double magnitude(const double* windowed, int bin) {
  struct phasor p;
  frequency_correlate(&windowed, 1, bin, &p);
  return hypot(p.re, p.im);
}

double frequency_of(const double* windowed, int channel, double rms, double* correlate_at) {
  if (channel != state.channel) state.known = false;
  state.channel = channel;

  double left = magnitude(windowed, state.bin - 1);
  double peak = magnitude(windowed, state.bin);
  double right = magnitude(windowed, state.bin + 1);
  // Of a sine wave the strongest bin shows 0.85 or more. Far from it, among rounding and noise, any bin may stand out
  // from its neighbours.
  if (!state.known || peak < left || peak < right || peak < 0.4 * rms) {
    // The frequency has moved, or this is the first second: look everywhere.
    peak = -1;
    for (int bin = lowest_bin + 1; bin < highest_bin; ++bin) {
      const double here = magnitude(windowed, bin);
      if (here > peak) {
        peak = here;
        state.bin = bin;
      }
    }
    left = magnitude(windowed, state.bin - 1);
    right = magnitude(windowed, state.bin + 1);
  }
  if (peak <= 0 || peak < left || peak < right) {
    state.known = false;
    return NAN;
  }
  const double coarse = state.bin + 2 * (right - left) / (left + 2 * peak + right);
  *correlate_at = coarse;

  struct phasor p;
  frequency_correlate(&windowed, 1, coarse, &p);
  const double phase = atan2(p.im, p.re);
  double hertz = coarse;
  if (state.known) {
    const double fraction = (phase - state.last_phase) / (2 * pi);
    const double fine = fraction + floor(coarse - fraction + 0.5);
    // Where the two differ the frequency has changed between the seconds, and the older half does not count.
    if (fabs(fine - coarse) < 0.01) hertz = fine;
  }
  state.last_phase = phase;
  state.known = true;
  return hertz;
}
