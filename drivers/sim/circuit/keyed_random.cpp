#include "drivers/sim/circuit/keyed_random.hpp"

#include <cmath>
#include <numbers>
#include <vector>

namespace blondel::sim {

std::uint64_t keyed_bits(std::initializer_list<std::uint64_t> key) {
  std::uint64_t state = 0;
  for (const auto word : key) {
    state += word + 0x9E3779B97F4A7C15ull;
    state = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9ull;
    state = (state ^ (state >> 27)) * 0x94D049BB133111EBull;
    state ^= state >> 31;
  }
  return state;
}

double keyed_uniform(std::initializer_list<std::uint64_t> key) {
  return static_cast<double>(keyed_bits(key) >> 11) * 0x1p-52 - 1.0;
}

double keyed_normal(std::initializer_list<std::uint64_t> key) {
  return normal_table()[keyed_bits(key) % normal_table_size];
}

const double* normal_table() {
  static const std::vector<double> table = [] {
    std::vector<double> t(normal_table_size + normal_run);
    for (std::uint64_t i = 0; i < normal_table_size; i += 2) {
      // Box and Muller, once for the whole program: a call a sample would cost more than all the rest.
      const double u = (static_cast<double>(keyed_bits({i}) >> 11) + 1.0) * 0x1p-53;
      const double angle = std::numbers::pi * keyed_uniform({i + 1});
      const double radius = std::sqrt(-2.0 * std::log(u));
      t[i] = radius * std::cos(angle);
      t[i + 1] = radius * std::sin(angle);
    }
    double sum = 0, squares = 0;
    for (int i = 0; i < normal_table_size; ++i) sum += t[i];
    const double mean = sum / normal_table_size;
    for (int i = 0; i < normal_table_size; ++i) squares += (t[i] - mean) * (t[i] - mean);
    const double scale = 1.0 / std::sqrt(squares / normal_table_size);
    for (int i = 0; i < normal_table_size; ++i) t[i] = (t[i] - mean) * scale;
    for (int i = 0; i < normal_run; ++i) t[normal_table_size + i] = t[i];
    return t;
  }();
  return table.data();
}

}  // namespace blondel::sim
