#include "frequency.h"

#include <math.h>
#include <stdbool.h>

static const double pi = 3.14159265358979323846;

enum { lowest_bin = 39, highest_bin = 71 };

static struct {
  bool known;
  int phase;
  int bin;            // where the peak was found last
  double last_angle;  // rad, at the middle of the last second
} state;

void frequency_start(void) {
  state.known = false;
  state.phase = -1;
  state.bin = 60;
}

// The window's mean is 1/2; an rms phasor is sqrt(2) times the mean of x e^(-j..): together 2 sqrt(2) / N.
static const double to_rms = 2 * 1.41421356237309504880 / samples_per_second;

// A vector that turns with the wave looked for, at the instants of four samples; and by how much it turns in four.
enum { side_by_side = 4 };
struct turning {
  by_phase re, im;  // here one lane is one instant
  double turn_re, turn_im;
};

static struct turning turning_at(double hertz) {
  const double step = 2 * pi * hertz / samples_per_second;
  struct turning t;
  t.turn_re = cos(side_by_side * step);
  t.turn_im = -sin(side_by_side * step);
  for (int k = 0; k < side_by_side; ++k) {
    t.re[k] = cos(step * (samples_per_second / 2 - k));
    t.im[k] = sin(step * (samples_per_second / 2 - k));
  }
  return t;
}

IN_BOTH void turn_on(struct turning* t) {
  const by_phase next = t->re * t->turn_re - t->im * t->turn_im;
  t->im = t->re * t->turn_im + t->im * t->turn_re;
  t->re = next;
}

struct sums {
  by_phase u_re, u_im, i_re, i_im;
};

IN_BOTH void correlate(const struct windowed* x, struct turning turning, struct sums* result) {
  struct sums s = {{0}, {0}, {0}, {0}};
  for (int n = 0; n < samples_per_second; n += side_by_side) {
    const by_phase re = turning.re, im = turning.im;
    by_phase u[side_by_side], i[side_by_side];
    for (int k = 0; k < side_by_side; ++k) {
      u[k] = WINDOWED(x, n + k, u);
      i[k] = WINDOWED(x, n + k, i);
    }
    s.u_re += (u[0] * re[0] + u[1] * re[1]) + (u[2] * re[2] + u[3] * re[3]);
    s.u_im += (u[0] * im[0] + u[1] * im[1]) + (u[2] * im[2] + u[3] * im[3]);
    s.i_re += (i[0] * re[0] + i[1] * re[1]) + (i[2] * re[2] + i[3] * re[3]);
    s.i_im += (i[0] * im[0] + i[1] * im[1]) + (i[2] * im[2] + i[3] * im[3]);
    turn_on(&turning);
  }
  *result = s;
}

WIDE_REGISTERS static void correlate_wide(const struct windowed* x, const struct turning* t, struct sums* result) {
  correlate(x, *t, result);
}

static void correlate_plain(const struct windowed* x, const struct turning* t, struct sums* result) {
  correlate(x, *t, result);
}

void frequency_correlate(const struct windowed* second, double hertz, struct phasor result[channels]) {
  const struct turning turning = turning_at(hertz);
  struct sums s;
  if (HAS_WIDE_REGISTERS)
    correlate_wide(second, &turning, &s);
  else
    correlate_plain(second, &turning, &s);
  for (int k = 0; k < phases; ++k) {
    result[k] = (struct phasor){s.u_re[k] * to_rms, s.u_im[k] * to_rms};
    result[phases + k] = (struct phasor){s.i_re[k] * to_rms, s.i_im[k] * to_rms};
  }
}

enum { bins_at_once = 3 };

// Magnitudes of the discrete Fourier transform of one voltage at three whole numbers of hertz, in one pass.
IN_BOTH void look_at(const struct windowed* x, int phase, struct turning turning[bins_at_once],
                     double magnitude[bins_at_once]) {
  by_phase re[bins_at_once] = {{0}}, im[bins_at_once] = {{0}};
  for (int n = 0; n < samples_per_second; n += side_by_side) {
    by_phase four;
    for (int k = 0; k < side_by_side; ++k) four[k] = x->window[n + k] * x->codes[n + k].u[phase];
    for (int b = 0; b < bins_at_once; ++b) {
      re[b] += four * turning[b].re;
      im[b] += four * turning[b].im;
      turn_on(&turning[b]);
    }
  }
  for (int b = 0; b < bins_at_once; ++b)
    magnitude[b] =
        to_rms * hypot((re[b][0] + re[b][1]) + (re[b][2] + re[b][3]), (im[b][0] + im[b][1]) + (im[b][2] + im[b][3]));
}

WIDE_REGISTERS static void look_at_wide(const struct windowed* x, int phase, struct turning turning[bins_at_once],
                                        double magnitude[bins_at_once]) {
  look_at(x, phase, turning, magnitude);
}

static void look_at_plain(const struct windowed* x, int phase, struct turning turning[bins_at_once],
                          double magnitude[bins_at_once]) {
  look_at(x, phase, turning, magnitude);
}

// Of `middle` and its neighbours.
static void magnitudes(const struct windowed* second, int phase, int middle, double magnitude[bins_at_once]) {
  struct turning turning[bins_at_once];
  for (int b = 0; b < bins_at_once; ++b) turning[b] = turning_at(middle - 1 + b);
  if (HAS_WIDE_REGISTERS)
    look_at_wide(second, phase, turning, magnitude);
  else
    look_at_plain(second, phase, turning, magnitude);
}

double frequency_near(const struct windowed* second, int phase, double rms) {
  if (phase != state.phase) state.known = false;
  state.phase = phase;

  double at[bins_at_once];
  magnitudes(second, phase, state.bin, at);
  // Of a sine wave the strongest bin shows 0.85 or more. Far from it, among rounding and noise, any bin may stand out
  // from its neighbours.
  if (!state.known || at[1] < at[0] || at[1] < at[2] || at[1] < 0.4 * rms) {
    // The frequency has moved, or this is the first second: look everywhere.
    double peak = -1;
    for (int middle = lowest_bin + 2; middle <= highest_bin; middle += bins_at_once) {
      magnitudes(second, phase, middle, at);
      for (int b = 0; b < bins_at_once; ++b) {
        const int bin = middle - 1 + b;
        if (at[b] <= peak || bin >= highest_bin) continue;
        peak = at[b];
        state.bin = bin;
      }
    }
    magnitudes(second, phase, state.bin, at);
  }
  if (at[1] <= 0 || at[1] < at[0] || at[1] < at[2]) {
    state.known = false;
    return NAN;
  }
  return state.bin + 2 * (at[2] - at[0]) / (at[0] + 2 * at[1] + at[2]);
}

double frequency_fine(double near, struct phasor found) {
  const double angle = atan2(found.im, found.re);
  double hertz = near;
  if (state.known) {
    const double fraction = (angle - state.last_angle) / (2 * pi);
    const double fine = fraction + floor(near - fraction + 0.5);
    // Where the two differ the frequency has changed between the seconds, and the older half does not count.
    if (fabs(fine - near) < 0.01) hertz = fine;
  }
  state.last_angle = angle;
  state.known = true;
  return hertz;
}
