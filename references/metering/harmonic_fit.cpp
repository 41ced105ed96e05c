#include "references/metering/harmonic_fit.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <unsupported/Eigen/FFT>

#include "references/metering/harmonic_columns.hpp"
#include "references/metering/service.hpp"

namespace blondel {
namespace {

using Eigen::Index;
constexpr const char* me = "harmonic fit";

Index highest_order(double rate_hz, double frequency_hz, const HarmonicFitOptions& options) {
  const double most = std::floor((rate_hz / 2 - options.guard_hz) / frequency_hz);
  return std::max<Index>(1, std::min<Index>(options.orders, static_cast<Index>(most)));
}

}  // namespace

PhasorSet HarmonicEstimate::phasors() const {
  PhasorSet set{.frequency = Frequency{frequency_hz}, .voltage = {}, .current = {}};
  for (Index k = 0; k < 6; ++k) {
    Spectrum& spectrum =
        k < 3 ? set.voltage[static_cast<std::size_t>(k)] : set.current[static_cast<std::size_t>(k - 3)];
    if (phasor.col(k).isZero(0)) continue;
    for (Index h = 0; h < phasor.rows(); ++h) spectrum.emplace_hint(spectrum.end(), static_cast<int>(h), phasor(h, k));
  }
  return set;
}

struct HarmonicFit::Workspace {
  Workspace(double rate, std::size_t count, const HarmonicFitOptions& asked)
      : rate_hz{rate},
        rows{static_cast<Index>(count)},
        options{asked},
        most{highest_order(rate, asked.lowest_hz, asked)},
        columns{rate, rows, most},
        sum(columns.half(), 6),
        difference(columns.half(), 6),
        even(most + 1, 6),
        odd(most, 6),
        even_slope(most + 1),
        odd_slope(most),
        slope_sum(columns.half()),
        slope_difference(columns.half()),
        windowed(rows),
        bins(rows),
        hann(rows) {
    for (Index n = 0; n < rows; ++n)
      hann[n] = 0.5 - 0.5 * std::cos(2 * EIGEN_PI * (static_cast<double>(n) + 0.5) / static_cast<double>(rows));
    transform.SetFlag(Eigen::FFT<double>::HalfSpectrum);
  }

  template <class T>
  void fold(const SampleBlock<T>& record, const ChannelScale& scale);
  Result<void> finite() const;
  Index reference(std::optional<std::size_t> asked) const;
  Result<double> coarse_frequency(Index channel);
  double gauss_newton(Index channel);
  Result<void> refine(double frequency_hz, Index channel);
  void solve();
  void take_residual();
  void tell(double frequency_hz);

  double sample(Index n, Index channel) const;
  double duration() const { return static_cast<double>(rows) / rate_hz; }

  double rate_hz;
  Index rows;
  HarmonicFitOptions options;
  Index most, orders{};
  HarmonicColumns columns;
  Index present{};                                           // channels that are there, packed to the left
  std::array<std::size_t, 6> channel{};                      // what each packed column is
  Eigen::Matrix<double, Eigen::Dynamic, 6> sum, difference;  // of the samples at +t and -t; then what is left of them
  Eigen::Matrix<double, Eigen::Dynamic, 6> even, odd;        // coefficients of cosines and sines
  Eigen::VectorXd even_slope, odd_slope, slope_sum, slope_difference;
  Eigen::VectorXd windowed;
  Eigen::VectorXcd bins;
  Eigen::VectorXd hann;
  Eigen::FFT<double> transform;
  Eigen::Matrix<double, Eigen::Dynamic, 6> unfolded;
  HarmonicEstimate found;
};

template <class T>
void HarmonicFit::Workspace::fold(const SampleBlock<T>& record, const ChannelScale& scale) {
  present = 0;
  const Index half = columns.half(), last = rows - 1, middle = rows / 2;
  for (std::size_t k = 0; k < 6; ++k) {
    const T* samples = record.channel[k];
    if (samples == nullptr) continue;
    const double gain = scale.gain[k], offset = scale.offset[k];
    const auto at = [&](Index n) { return gain * (static_cast<double>(samples[n * record.stride]) - offset); };
    double* const plus = sum.col(present).data();
    double* const minus = difference.col(present).data();
    for (Index n = 0; n < half; ++n) {
      const double after = at(middle + n), before = at(last - middle - n);
      plus[n] = after + before;
      minus[n] = after - before;
    }
    if (columns.middle_row()) plus[0] *= std::sqrt(0.5);
    channel[static_cast<std::size_t>(present++)] = k;
  }
}

double HarmonicFit::Workspace::sample(Index n, Index packed) const {
  const Index from_middle = n - rows / 2;
  if (columns.middle_row() && from_middle == 0) return sum(0, packed) * std::sqrt(0.5);
  const bool after = from_middle >= 0;
  const Index row = after ? from_middle : rows - 1 - rows / 2 - n;
  return 0.5 * (sum(row, packed) + (after ? difference(row, packed) : -difference(row, packed)));
}

Result<void> HarmonicFit::Workspace::finite() const {
  for (Index k = 0; k < present; ++k) {
    if (std::isfinite(sum.col(k).sum() + difference.col(k).sum())) continue;
    Index n = 0;
    while (n < rows - 1 && std::isfinite(sample(n, k))) ++n;
    return fail(Fault::malformed, me,
                fmt::format("channel {} is not a finite number at sample {} or its mirror image",
                            channel_names[channel[static_cast<std::size_t>(k)]], n));
  }
  return {};
}

Index HarmonicFit::Workspace::reference(std::optional<std::size_t> asked) const {
  Index best = -1;
  double strongest = -1;
  for (Index k = 0; k < present; ++k) {
    const std::size_t which = channel[static_cast<std::size_t>(k)];
    if (asked) {
      if (which == *asked) return k;
      continue;
    }
    const double mean_part = std::pow(sum.col(k).sum(), 2) / static_cast<double>(rows);
    double power = 0.5 * (sum.col(k).squaredNorm() + difference.col(k).squaredNorm()) - mean_part;
    if (which >= 3) power = std::min(power, 0.0);  // a current only where no voltage is
    if (power > strongest) {
      strongest = power;
      best = k;
    }
  }
  return best;
}

Result<double> HarmonicFit::Workspace::coarse_frequency(Index which) {
  const auto name = channel_names[channel[static_cast<std::size_t>(which)]];
  for (Index n = 0; n < rows; ++n) windowed[n] = sample(n, which);
  windowed.array() -= windowed.mean();
  const double power = windowed.squaredNorm() / static_cast<double>(rows);
  windowed.array() *= hann.array();
  transform.fwd(bins.data(), windowed.data(), rows);

  const double span = duration();
  const auto low = std::max<Index>(1, static_cast<Index>(options.lowest_hz * span) - 2);
  const auto high = std::min<Index>(rows / 2 - 1, static_cast<Index>(options.highest_hz * span) + 3);
  Index peak = low;
  for (Index bin = low; bin <= high; ++bin)
    if (std::norm(bins[bin]) > std::norm(bins[peak])) peak = bin;
  const auto not_found = [&](const std::string& what) {
    return fail(Fault::malformed, me,
                fmt::format("expected a fundamental between {} and {} Hz on channel {}; found {}", options.lowest_hz,
                            options.highest_hz, name, what));
  };
  // A sinusoid's peak bin holds 4·|bin/rows|² = V² at its centre and 0.72 of it between two.
  const double held = 8 * std::norm(bins[peak] / static_cast<double>(rows));
  if (!(power > 0)) return not_found("no alternating signal");
  if (held < 0.1 * power) {
    Index strongest = 1;  // of all but DC
    for (Index bin = 2; bin < rows / 2; ++bin)
      if (std::norm(bins[bin]) > std::norm(bins[strongest])) strongest = bin;
    return not_found(
        fmt::format("the strongest component at {:.1f} Hz and less than a tenth of the power within the limits",
                    static_cast<double>(strongest) / span));
  }
  const double left = std::abs(bins[peak - 1]), at = std::abs(bins[peak]), right = std::abs(bins[peak + 1]);
  const double frequency = (static_cast<double>(peak) + 2 * (right - left) / (left + 2 * at + right)) / span;
  if (frequency < options.lowest_hz || frequency > options.highest_hz)
    return not_found(fmt::format("{:.4f} Hz", frequency));
  return frequency;
}

/// Solves the reference channel alone and improves the frequency: the derivative of the model by ω is projected off
/// the columns, and the step is what the residual has of it.
/// @returns the step, Hz
double HarmonicFit::Workspace::gauss_newton(Index which) {
  const auto cosines = columns.cosines();
  const auto sines = columns.sines();
  auto a = even.col(0).head(orders + 1);
  auto b = odd.col(0).head(orders);
  a.noalias() = cosines.transpose() * sum.col(which);
  b.noalias() = sines.transpose() * difference.col(which);
  columns.solve_cosines(a);
  columns.solve_sines(b);
  auto da = even_slope.head(orders + 1);
  auto db = odd_slope.head(orders);
  for (Index h = 1; h <= orders; ++h) {
    da[h] = static_cast<double>(h) * b[h - 1];
    db[h - 1] = -static_cast<double>(h) * a[h];
  }
  da[0] = 0;
  // d/dω of the model: t·Σ h·b·cos is odd in t, -t·Σ h·a·sin is even.
  slope_difference.noalias() = cosines * da;
  slope_sum.noalias() = sines * db;
  slope_difference.array() *= columns.time();
  slope_sum.array() *= columns.time();
  da.noalias() = cosines.transpose() * slope_sum;
  db.noalias() = sines.transpose() * slope_difference;
  const double with_samples = sum.col(which).dot(slope_sum) + difference.col(which).dot(slope_difference);
  const double with_model = 2 * (a.dot(da) + b.dot(db));
  const double own = 2 * (slope_sum.squaredNorm() + slope_difference.squaredNorm());
  auto pa = even.col(1).head(orders + 1);
  auto pb = odd.col(1).head(orders);
  pa = 2 * da;
  pb = 2 * db;
  columns.solve_cosines(pa);
  columns.solve_sines(pb);
  const double explained = 2 * (pa.dot(da) + pb.dot(db));
  return (with_samples - with_model) / (own - explained) / (2 * EIGEN_PI);
}

Result<void> HarmonicFit::Workspace::refine(double frequency_hz, Index which) {
  for (int round = 0; round < 12; ++round) {
    orders = highest_order(rate_hz, frequency_hz, options);
    columns.set(frequency_hz, orders);
    if (!(columns.condition() < 1e6))
      return fail(Fault::malformed, me,
                  fmt::format("a record of {:.3g} s cannot part the orders of {:.4f} Hz", duration(), frequency_hz));
    const double step = gauss_newton(which);
    frequency_hz += step;
    if (!(frequency_hz >= options.lowest_hz && frequency_hz <= options.highest_hz)) break;
    if (std::abs(step) * duration() < 1e-5) {
      orders = highest_order(rate_hz, frequency_hz, options);
      columns.set(frequency_hz, orders);
      tell(frequency_hz);
      return {};
    }
  }
  return fail(Fault::malformed, me,
              fmt::format("expected one fundamental between {} and {} Hz; the fit does not settle on one",
                          options.lowest_hz, options.highest_hz));
}

void HarmonicFit::Workspace::solve() {
  auto a = even.topLeftCorner(orders + 1, present);
  auto b = odd.topLeftCorner(orders, present);
  a.noalias() = columns.cosines().transpose() * sum.leftCols(present);
  b.noalias() = columns.sines().transpose() * difference.leftCols(present);
  columns.solve_cosines(a);
  columns.solve_sines(b);
}

void HarmonicFit::Workspace::take_residual() {
  auto a = even.topLeftCorner(orders + 1, present);
  auto b = odd.topLeftCorner(orders, present);
  sum.leftCols(present).noalias() -= columns.cosines() * (2 * a);
  difference.leftCols(present).noalias() -= columns.sines() * (2 * b);
}

void HarmonicFit::Workspace::tell(double frequency_hz) {
  solve();
  take_residual();
  found.frequency_hz = frequency_hz;
  found.orders = static_cast<int>(orders);
  found.condition = columns.condition();
  found.dropped.clear();
  for (int h = found.orders + 1; h <= options.orders && h * frequency_hz <= rate_hz / 2; ++h)
    found.dropped.push_back(h);
  found.phasor.setZero(orders + 1, 6);
  found.residual.setZero();
  const double scale = std::sqrt(0.5);
  for (Index k = 0; k < present; ++k) {
    const auto to = static_cast<Index>(channel[static_cast<std::size_t>(k)]);
    found.phasor(0, to) = even(0, k);
    for (Index h = 1; h <= orders; ++h) found.phasor(h, to) = scale * std::complex<double>{even(h, k), -odd(h - 1, k)};
    for (Index j = 0; j <= k; ++j) {
      const auto with = static_cast<Index>(channel[static_cast<std::size_t>(j)]);
      const double product = 0.5 * (sum.col(k).dot(sum.col(j)) + difference.col(k).dot(difference.col(j)));
      found.residual(to, with) = found.residual(with, to) = product / static_cast<double>(rows);
    }
  }
}

HarmonicFit::HarmonicFit(double rate_hz, std::size_t rows, HarmonicFitOptions options)
    : work_{std::make_unique<Workspace>(rate_hz, rows, options)} {}
HarmonicFit::~HarmonicFit() = default;
HarmonicFit::HarmonicFit(HarmonicFit&&) noexcept = default;
HarmonicFit& HarmonicFit::operator=(HarmonicFit&&) noexcept = default;

template <class T>
Result<void> HarmonicFit::fit(const SampleBlock<T>& record, const ChannelScale& scale,
                              std::optional<std::size_t> reference) {
  Workspace& w = *work_;
  if (static_cast<Index>(record.rows) != w.rows)
    return fail(Fault::malformed, me, fmt::format("made for {} samples, got {}", w.rows, record.rows));
  if (w.duration() * w.options.lowest_hz < 4)
    return fail(Fault::malformed, me,
                fmt::format("a record of {:.3g} s is too short: four periods of {} Hz take {:.3g} s", w.duration(),
                            w.options.lowest_hz, 4 / w.options.lowest_hz));
  w.fold(record, scale);
  if (auto good = w.finite(); !good) return good;
  const Index channel = w.reference(reference);
  if (channel < 0) return fail(Fault::malformed, me, "the channel that tells the frequency is not there");
  return w.coarse_frequency(channel).and_then([&](double f) { return w.refine(f, channel); });
}

template Result<void> HarmonicFit::fit(const SampleBlock<double>&, const ChannelScale&, std::optional<std::size_t>);
template Result<void> HarmonicFit::fit(const SampleBlock<std::int16_t>&, const ChannelScale&,
                                       std::optional<std::size_t>);
template Result<void> HarmonicFit::fit(const SampleBlock<std::int32_t>&, const ChannelScale&,
                                       std::optional<std::size_t>);

const HarmonicEstimate& HarmonicFit::estimate() const {
  return work_->found;
}

const Eigen::Matrix<double, Eigen::Dynamic, 6>& HarmonicFit::residual() {
  Workspace& w = *work_;
  w.unfolded.setZero(w.rows, 6);
  for (Index k = 0; k < w.present; ++k)
    for (Index n = 0; n < w.rows; ++n)
      w.unfolded(n, static_cast<Index>(w.channel[static_cast<std::size_t>(k)])) = w.sample(n, k);
  return w.unfolded;
}

}  // namespace blondel
