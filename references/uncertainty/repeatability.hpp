#pragma once

#include <cstddef>
#include <span>
#include <string>

#include "references/error.hpp"
#include "references/uncertainty/budget.hpp"

namespace blondel {

/// What repeated readings of one thing say.
struct Repeatability {
  double mean{};
  double standard_deviation{};  ///< of a single reading, s
  std::size_t readings{};       ///< n

  double of_mean() const;  ///< s/√n
  double degrees_of_freedom() const { return static_cast<double>(readings) - 1; }
  /// The line of the budget: s/√n, type A, n - 1 degrees of freedom.
  Contribution contribution(std::string source) const;
  bool operator==(const Repeatability&) const = default;
};

/// Mean and experimental standard deviation. @returns an Error (malformed) for fewer than two readings or one that
/// is not finite: nothing can be said of their spread.
/// Source: JCGM 100 (GUM), 4.2.
Result<Repeatability> repeatability(std::span<const double> readings);

}  // namespace blondel
