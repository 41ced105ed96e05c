#include "references/uncertainty/sequential_walk.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "references/uncertainty/normal_distribution.hpp"

namespace blondel {
namespace {

constexpr double walk_reach = 7.0;     // standard deviations; 3e-12 of a normal distribution lies outside
constexpr double nodes_a_sigma = 6.0;  // Simpson's rule is then good to 1e-5 of a probability

double normal_density(double z) {
  return std::exp(-0.5 * z * z) / std::sqrt(2 * std::numbers::pi);
}

}  // namespace

double SequentialWalk::below(double information, double x) const {
  const double sigma = std::sqrt(information - information_);
  if (!begun_) return normal_below(x / sigma);
  double sum = 0;
  for (const auto& piece : pieces_)
    for (std::size_t i = 0; i < piece.mass.size(); ++i) {
      const double z = (x - piece.from - static_cast<double>(i) * piece.step) / sigma;
      if (z > walk_reach)
        sum += piece.mass[i];
      else if (z > -walk_reach)
        sum += piece.mass[i] * normal_below(z);
    }
  return sum;
}

double SequentialWalk::going_on() const {
  if (!begun_) return 1;
  double sum = 0;
  for (const auto& piece : pieces_)
    for (const double m : piece.mass) sum += m;
  return sum;
}

double SequentialWalk::density(double information, double x) const {
  const double sigma = std::sqrt(information - information_);
  if (!begun_) return normal_density(x / sigma) / sigma;
  double sum = 0;
  for (const auto& piece : pieces_) {
    const auto last = static_cast<double>(piece.mass.size()) - 1;
    const double first_near = std::ceil((x - walk_reach * sigma - piece.from) / piece.step);
    const double last_near = std::floor((x + walk_reach * sigma - piece.from) / piece.step);
    if (first_near > last || last_near < 0) continue;
    const auto to = static_cast<std::size_t>(std::min(last, last_near));
    auto i = static_cast<std::size_t>(std::max(0.0, first_near));
    // From node to node the normal density changes by a factor that itself changes by one: no exponential a node.
    const double z = (x - piece.from - static_cast<double>(i) * piece.step) / sigma, d = piece.step / sigma;
    double there = normal_density(z), factor = std::exp(z * d - d * d / 2);
    const double factors = std::exp(-d * d);
    for (; i <= to; ++i) {
      sum += piece.mass[i] * there;
      there *= factor;
      factor *= factors;
    }
  }
  return sum / sigma;
}

void SequentialWalk::look(double information, const std::vector<Interval>& staying, double next_gain) {
  const double gain = information - information_;
  const double finest = std::sqrt(next_gain > 0 ? std::min(gain, next_gain) : gain) / nodes_a_sigma;
  const double furthest = walk_reach * std::sqrt(information);
  std::vector<Piece> pieces;
  for (const auto& [asked_from, asked_to] : staying) {
    const double from = std::max(asked_from, -furthest), to = std::min(asked_to, furthest);
    if (!(from < to)) continue;
    const auto halves = std::max<std::size_t>(4, static_cast<std::size_t>(std::ceil((to - from) / finest / 2)));
    Piece piece{from, (to - from) / static_cast<double>(2 * halves), std::vector<double>(2 * halves + 1)};
    for (std::size_t i = 0; i < piece.mass.size(); ++i) {
      const double weight = i == 0 || i == 2 * halves ? 1 : i % 2 == 1 ? 4 : 2;
      piece.mass[i] = weight * piece.step / 3 * density(information, from + static_cast<double>(i) * piece.step);
    }
    pieces.push_back(std::move(piece));
  }
  pieces_ = std::move(pieces);
  information_ = information;
  begun_ = true;
}

}  // namespace blondel
