// One second of samples as the arithmetic wants them: a row holds the voltages of the three phases side by side, and
// the currents, so that one instruction serves all phases.
#ifndef SERIES_4000_K_SAMPLES_H
#define SERIES_4000_K_SAMPLES_H

#include <stdint.h>

enum { phases = 3, channels = 6, samples_per_second = 2520 };

// Phases A, B, C, and a place that nobody uses.
typedef double by_phase __attribute__((vector_size(32)));
typedef int32_t codes_by_phase __attribute__((vector_size(16)));

struct code_row {
  codes_by_phase u, i;
};

// A second of them under its window. The products are worked out wherever they are wanted: to look them up in memory
// takes longer.
struct windowed {
  struct code_row codes[samples_per_second];
  double window[samples_per_second];
};
#define WINDOWED(x, n, which) ((x)->window[n] * __builtin_convertvector((x)->codes[n].which, by_phase))

// Loops over these rows are compiled twice, for processors with registers as wide as a row and for all others, with the
// same results: neither fuses or reorders anything.
#if defined(__x86_64__)
#define WIDE_REGISTERS __attribute__((target("avx2")))
#define HAS_WIDE_REGISTERS __builtin_cpu_supports("avx2")
#else
#define WIDE_REGISTERS
#define HAS_WIDE_REGISTERS 0
#endif
#define IN_BOTH static inline __attribute__((always_inline))

#endif
