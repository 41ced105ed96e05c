#include "references/metering/fundamental_bank.hpp"

#include <cmath>
#include <limits>
#include <numbers>
#include <utility>

namespace blondel {
namespace {

constexpr double two_pi = 2 * std::numbers::pi;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// Without the care of operator* for infinities, which takes longer than the product.
std::complex<double> product(const std::complex<double>& a, const std::complex<double>& b) {
  return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
}

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
  due_s_ = nan;
}

void FundamentalBank::tune(std::size_t carrier, double frequency_hz) {
  Carrier& c = carrier_[carrier];
  c = {.frequency_hz = frequency_hz, .sum = {}, .moment = {}, .table = carrier, .tile_turn = {}, .anchor = {}};
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
  c.tile_turn = std::polar(1.0, turn * static_cast<double>(tile_rows));
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
  const auto moment = weight == nullptr ? kernel.moment : kernel.weighted_moment;
  // From one whole tile to the next a carrier is turned, which is quicker than a sine and a cosine.
  const bool on_from_tile = std::abs(t - due_s_) * rate_hz_ < 0.5;
  for (std::size_t k = 0; k < count_; ++k) {
    Carrier& c = carrier_[k];
    const Table& table = table_[c.table];
    const auto anchor = on_from_tile ? c.anchor : std::polar(1.0, -two_pi * c.frequency_hz * t);
    c.anchor = product(anchor, c.tile_turn);
    double re[6], im[6];
    projections(x, weight, table.re.data(), table.im.data(), rows, re, im);
    for (std::size_t j = 0; j < 6; ++j) {
      const auto sum = product(anchor, {re[j], im[j]});
      c.sum[j] += sum;
      if (following_ && j != reference_) continue;
      double n_re, n_im;
      moment(x[j], weight, table.re.data(), table.im.data(), rows, &n_re, &n_im);
      c.moment[j] += t * sum + product(anchor, {n_re / rate_hz_, n_im / rate_hz_});
    }
  }
  due_s_ = rows == tile_rows ? t + static_cast<double>(tile_rows) / rate_hz_ : nan;
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
