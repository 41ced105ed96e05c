#pragma once

#include <utility>
#include <vector>

namespace blondel {

/// The distribution of what repeated looks at a running mean have not yet stopped.
///
/// The walk is x = information × (mean - truth), information being 1 / variance of the mean. Whether the variance falls
/// because readings add up or stays because an error is common to all of them, the covariance of two means is the
/// variance of the later one; so x has independent normal steps with the information gained as variance. A look keeps
/// the walks that lie between its boundaries. The density is carried from look to look by quadrature.
///
/// Source: Armitage, McPherson, Rowe, J. R. Stat. Soc. A 132 (1969) 235; Jennison and Turnbull, Group Sequential
/// Methods (2000), chapters 3 and 19.
class SequentialWalk {
 public:
  using Interval = std::pair<double, double>;  ///< of x, from and to; empty where from >= to

  /// The probability to have gone on so far, and to be at x or below when there is that much information.
  /// @pre more information than at the last look
  double below(double information, double x) const;
  /// The probability to have gone on so far.
  double going_on() const;

  /// A look with this much information, which goes on only in those intervals (not overlapping).
  /// @param next_gain  information that the next look will add; anything where there is none
  void look(double information, const std::vector<Interval>& staying, double next_gain);

 private:
  struct Piece {
    double from{}, step{};
    std::vector<double> mass;  ///< density times the weight of its node
  };
  double density(double information, double x) const;

  bool begun_ = false;
  double information_ = 0;
  std::vector<Piece> pieces_;
};

}  // namespace blondel
