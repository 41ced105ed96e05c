#include "frequency.h"

#include <math.h>
#include <stdbool.h>

#include "metering.h"

static const double pi = 3.14159265358979323846;

enum { lowest_bin = 39, highest_bin = 71 };

static struct {
  double cosine[samples_per_second];  // of one turn
  bool known;
  int channel;
  int bin;            // where the peak was found last
  double last_phase;  // rad, at the middle of the last second
} state;

void frequency_start(void) {
  for (int n = 0; n < samples_per_second; ++n) state.cosine[n] = cos(2 * pi * n / samples_per_second);
  state.known = false;
  state.channel = -1;
  state.bin = 60;
}

// Magnitude of the discrete Fourier transform at a whole number of hertz.
static double magnitude(const double* windowed, int bin) {
  double re = 0, im = 0;
  int angle = 0, quarter = samples_per_second / 4;  // sin x = -cos(x + 90 degrees)
  for (int n = 0; n < samples_per_second; ++n) {
    re += windowed[n] * state.cosine[angle];
    im += windowed[n] * state.cosine[quarter];
    angle += bin;
    if (angle >= samples_per_second) angle -= samples_per_second;
    quarter += bin;
    if (quarter >= samples_per_second) quarter -= samples_per_second;
  }
  return hypot(re, im);
}

struct phasor frequency_correlate(const double* windowed, double hertz) {
  const double step = 2 * pi * hertz / samples_per_second;
  const double turn_re = cos(step), turn_im = -sin(step);
  const double start = step * (samples_per_second / 2);
  double re = cos(start), im = sin(start);
  double sum_re = 0, sum_im = 0;
  for (int n = 0; n < samples_per_second; ++n) {
    sum_re += windowed[n] * re;
    sum_im += windowed[n] * im;
    const double next = re * turn_re - im * turn_im;
    im = re * turn_im + im * turn_re;
    re = next;
  }
  // The window's mean is 1/2; an rms phasor is sqrt(2) times the mean of x e^(-j..): together 2 sqrt(2) / N.
  const double scale = 2 * sqrt(2.0) / samples_per_second;
  const struct phasor p = {sum_re * scale, sum_im * scale};
  return p;
}

double frequency_of(const double* windowed, int channel, double* correlate_at) {
  if (channel != state.channel) state.known = false;
  state.channel = channel;

  double left = magnitude(windowed, state.bin - 1);
  double peak = magnitude(windowed, state.bin);
  double right = magnitude(windowed, state.bin + 1);
  if (!state.known || peak < left || peak < right) {
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

  const struct phasor p = frequency_correlate(windowed, coarse);
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
