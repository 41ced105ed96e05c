#pragma once

#include <cstdint>

namespace blondel::sim {

/// How the errors of one kind are spread over the parts that have them, in the unit of whoever uses it.
class ErrorDistribution {
 public:
  /// Evenly within ± a bound; a number stands for that.
  ErrorDistribution(double bound = 0) : width_{bound} {}  // NOLINT(google-explicit-constructor)
  static ErrorDistribution even(double mean, double bound);
  static ErrorDistribution normal(double mean, double sigma);

  /// The error that belongs to a key's 64 well-mixed bits, see keyed_bits().
  double at(std::uint64_t bits) const;
  /// Whether there never is an error.
  bool none() const { return mean_ == 0 && width_ == 0; }
  bool operator==(const ErrorDistribution&) const = default;

 private:
  double mean_ = 0, width_ = 0;  ///< half the width of an even one, or sigma
  bool normal_ = false;
};

}  // namespace blondel::sim
