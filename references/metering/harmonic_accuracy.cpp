// How far readings from samples are from the closed form, in ppm (ratios: absolutely): harmonic_accuracy [cases] [seed]

#include <fmt/format.h>

#include <cstdlib>

#include "references/metering/sampled_accuracy.hpp"

int main(int argc, char** argv) {
  const int cases = argc > 1 ? std::atoi(argv[1]) : 3000;
  const auto seed = argc > 2 ? std::strtoull(argv[2], nullptr, 10) : 1;
  const auto errors = blondel::sampled_errors(cases, seed);
  for (const auto& [name, worst] : errors.worst) fmt::print("{:45} {:.2e}\n", name, worst);
  fmt::print("{} cases, {} flagged, {} without reading\n", cases, errors.flagged, errors.failed);
  return errors.flagged == 0 && errors.failed == 0 ? 0 : 1;
}
