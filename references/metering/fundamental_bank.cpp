#include "references/metering/fundamental_bank.hpp"

#include <cmath>
#include <limits>
#include <numbers>
#include <utility>

namespace blondel {
namespace {

constexpr double two_pi = 2 * std::numbers::pi;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

}  // namespace

FundamentalBank::FundamentalBank(double rate_hz, const TaperedSecond& taper)
    : rate_hz_{rate_hz}, taper_{taper}, edge_{part(-0.6, -0.4)}, most_of_it_{part(-0.6, 0.4)}, table_(most) {}

FundamentalBank::Part FundamentalBank::part(double from, double to) const {
  double weight = 0, first = 0, second = 0;
  constexpr int steps = 1000;
  for (int n = 0; n < steps; ++n) {
    const double t = from + (to - from) * (n + 0.5) / steps, w = taper_.rise(t + 0.5);
    weight += w;
    first += w * t;
    second += w * t * t;
  }
  const double centre = first / weight;
  return {centre, second / weight - centre * centre};
}

void FundamentalBank::begin(std::size_t count) {
  count_ = count;
  following_ = false;
}

void FundamentalBank::tune(std::size_t carrier, double frequency_hz) {
  Carrier& c = carrier_[carrier];
  c = {.frequency_hz = frequency_hz, .sum = {}, .moment = {}, .table = carrier};
  Table& table = table_[carrier];
  const double turn = -two_pi * frequency_hz / rate_hz_;
  // Doubling: the second half of every stretch is the first, turned.
  table.re[0] = 1;
  table.im[0] = 0;
  for (std::size_t have = 1; have < tile_rows; have *= 2) {
    const auto step = std::polar(1.0, turn * static_cast<double>(have));
    for (std::size_t n = 0; n < have; ++n) {
      table.re[have + n] = table.re[n] * step.real() - table.im[n] * step.imag();
      table.im[have + n] = table.re[n] * step.imag() + table.im[n] * step.real();
    }
  }
  for (std::size_t n = 0; n < tile_rows; ++n) {
    table.n_re[n] = static_cast<double>(n) * table.re[n];
    table.n_im[n] = static_cast<double>(n) * table.im[n];
  }
}

void FundamentalBank::follow(double frequency_hz, std::size_t reference) {
  begin(1);
  tune(0, frequency_hz);
  following_ = true;
  reference_ = reference;
}

void FundamentalBank::seek(double frequency_hz) {
  begin(5);
  for (std::size_t k = 0; k < count_; ++k) tune(k, frequency_hz - 2 + static_cast<double>(k));
}

void FundamentalBank::search() {
  begin(most);
  for (std::size_t k = 0; k < count_; ++k) tune(k, lowest_hz + static_cast<double>(k));
}

void FundamentalBank::add(const SumsKernel& kernel, const double* const* x, const double* weight, std::size_t rows,
                          double t) {
  const auto projections = weight == nullptr ? kernel.projections : kernel.weighted_projections;
  const auto projection = weight == nullptr ? kernel.projection : kernel.weighted_projection;
  for (std::size_t k = 0; k < count_; ++k) {
    Carrier& c = carrier_[k];
    const Table& table = table_[c.table];
    const auto anchor = std::polar(1.0, -two_pi * c.frequency_hz * t);
    double re[6], im[6], n_re[6], n_im[6];
    projections(x, weight, table.re.data(), table.im.data(), rows, re, im);
    if (following_)
      projection(x[reference_], weight, table.n_re.data(), table.n_im.data(), rows, n_re + reference_,
                 n_im + reference_);
    else
      projections(x, weight, table.n_re.data(), table.n_im.data(), rows, n_re, n_im);
    for (std::size_t j = 0; j < 6; ++j) {
      const std::complex<double> sum{re[j], im[j]};
      c.sum[j] += anchor * sum;
      if (!following_ || j == reference_)
        c.moment[j] += anchor * (t * sum + std::complex<double>{n_re[j], n_im[j]} / rate_hz_);
    }
  }
}

std::size_t FundamentalBank::strongest(std::size_t reference) const {
  std::size_t best = 0;
  for (std::size_t k = 1; k < count_; ++k)
    if (std::norm(carrier_[k].sum[reference]) > std::norm(carrier_[best].sum[reference])) best = k;
  return best;
}

void FundamentalBank::narrow(std::size_t reference) {
  if (following_) return;
  const Carrier& best = carrier_[strongest(reference)];
  const auto z = best.moment[reference] / best.sum[reference] - edge_.centre;
  const double frequency = best.frequency_hz + z.imag() / edge_.variance / two_pi;
  if (!std::isfinite(frequency)) return;
  std::size_t kept = 0;
  for (std::size_t k = 0; k < count_; ++k)
    if (std::abs(carrier_[k].frequency_hz - frequency) < 2.6) std::swap(carrier_[kept++], carrier_[k]);
  if (kept > 0) count_ = kept;
}

double FundamentalBank::outlook_hz(std::size_t reference) const {
  const Carrier& best = carrier_[strongest(reference)];
  const auto z = best.moment[reference] / best.sum[reference] - most_of_it_.centre;
  const double beside = z.imag() / most_of_it_.variance / two_pi;
  // The edge not yet tapered moves the centre by up to 2 ms; half the second gone missing moves it by 250 ms.
  const bool steady = std::abs(z.real()) < 5e-3 && std::abs(beside) < 0.7;
  return steady ? best.frequency_hz + beside : nan;
}

double FundamentalBank::frequency_hz(std::size_t reference) const {
  const Carrier& best = carrier_[strongest(reference)];
  const double beside = taper_.off_centre((best.moment[reference] / best.sum[reference]).imag()) / two_pi;
  return std::abs(beside) < 0.6 ? best.frequency_hz + beside : nan;
}

FundamentalBank::Six FundamentalBank::fundamentals(std::size_t reference) const {
  const Carrier& best = carrier_[strongest(reference)];
  const double left = taper_.response(two_pi * (frequency_hz(reference) - best.frequency_hz));
  Six result;
  for (std::size_t j = 0; j < 6; ++j) result[j] = std::numbers::sqrt2 / left * best.sum[j];
  return result;
}

}  // namespace blondel
