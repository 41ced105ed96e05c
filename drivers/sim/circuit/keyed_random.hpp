#pragma once

#include <cstdint>
#include <initializer_list>

namespace blondel::sim {

/// Random numbers that are a pure function of what they are for: (seed, purpose, position, channel, interval, ...).
/// Nothing is drawn in sequence, so nobody's numbers depend on who asked before.

/// 64 well-mixed bits of a key. Source: the finaliser of SplitMix64 (Steele, Lea, Flood, 2014), once a word.
std::uint64_t keyed_bits(std::initializer_list<std::uint64_t> key);

/// Uniform in [-1, 1).
double keyed_uniform(std::initializer_list<std::uint64_t> key);

/// A standard normal deviate out of the table below.
double keyed_normal(std::initializer_list<std::uint64_t> key);

inline constexpr int normal_table_size = 16384;
/// The most deviates that may be read in one go from any place of the table.
inline constexpr int normal_run = 512;

/// Standard normal deviates, mean 0 and variance 1 exactly but for rounding. The first `normal_run` are repeated at the
/// end, so that a run may begin at any of the normal_table_size places.
const double* normal_table();

/// What a random number is for; the first word of its key after the seed.
enum class Purpose : std::uint64_t { source_gain = 1, source_phase, source_flutter, converter_noise, line_fault };

}  // namespace blondel::sim
