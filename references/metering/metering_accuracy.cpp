// Runs the time-domain engine over cases by chance from its whole envelope and prints the worst of every quantity:
// metering_accuracy [cases]   (3000 by default, a third of them unsteady). Exit 1 where a target is missed.

#include <fmt/format.h>

#include <cstdlib>

#include "references/metering/metering_envelope.hpp"

int main(int argc, char** argv) {
  const long cases = argc > 1 ? std::strtol(argv[1], nullptr, 10) : 3000;
  if (cases <= 0) {
    fmt::print(stderr, "metering_accuracy: expected a number of cases, found '{}'\n", argv[1]);
    return 2;
  }
  blondel::EnvelopeErrors steady, unsteady;
  for (long n = 0; n < cases; ++n) {
    const bool moves = n % 3 == 2;
    const auto stimulus = blondel::envelope_case(static_cast<std::uint64_t>(n), moves);
    (moves ? unsteady : steady).worsen(blondel::envelope_errors(stimulus, 2520, 2));
  }
  bool met = true;
  const auto row = [&](const char* what, double worst, double target) {
    met = met && worst <= target;
    fmt::print("{:<44} {:>10.2e} ppm   target {:g}\n", what, worst, target);
  };
  fmt::print("{} cases at 2520 S/s, two readings each, the first ones included\n", cases);
  row("V", steady.voltage, 1e-3);
  row("I", steady.current, 1e-3);
  row("P, of S", steady.active, 1e-3);
  row("S", steady.apparent, 1e-3);
  row("energy, of the integral of S", steady.energy, 1e-3);
  row("P1, of S", steady.fundamental_active, 1e-3);
  row("Q1, of S", steady.fundamental_reactive, 1e-3);
  row("f", steady.frequency_ppm, 1e-3);
  row("V, ramp or modulation", unsteady.voltage, 1e-3);
  row("I, ramp or modulation", unsteady.current, 1e-3);
  row("P, ramp or modulation, of S", unsteady.active, 1e-3);
  row("S, ramp or modulation", unsteady.apparent, 1e-3);
  row("energy, ramp or modulation", unsteady.energy, 1e-3);
  return met ? 0 : 1;
}
