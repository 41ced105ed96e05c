#include "references/metering/steadiness.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace blondel {
namespace {

using Eigen::Index;
using Weights = Eigen::Matrix<double, 6, 1>;

constexpr double smallest_line = 5e-6, smallest_beside_strongest = 1e-7, agreement = 1e-6;

struct Sides {
  Weights voltage, current;
};
Sides sides(const ElementWiring& wiring) {
  Sides s{Weights::Zero(), Weights::Zero()};
  for (Index k = 0; k < 3; ++k) {
    s.voltage[k] = wiring.voltage[static_cast<std::size_t>(k)];
    s.current[k + 3] = wiring.current[static_cast<std::size_t>(k)];
  }
  return s;
}

/// <x_j·x_k> as the spectra and the residual have it.
Eigen::Matrix<double, 6, 6> explained(const HarmonicEstimate& fit) {
  return (fit.phasor.adjoint() * fit.phasor).real() + fit.residual;
}

struct Difference {
  double size{};     ///< to its scale
  double allowed{};  ///< likewise
};

Difference power_difference(const Weights& u, const Weights& i, const Eigen::Matrix<double, 6, 6>& timed,
                            const Eigen::Matrix<double, 6, 6>& summed, const Eigen::Matrix<double, 6, 6>& residual,
                            double rows) {
  const auto root = [](const auto& matrix, const Weights& w) { return std::sqrt(std::max(0.0, w.dot(matrix * w))); };
  const double volts = root(timed, u), amperes = root(timed, i), s = volts * amperes;
  if (s == 0) return {};
  const double noise = volts * root(residual, i) + amperes * root(residual, u) + root(residual, u) * root(residual, i);
  return {std::abs(u.dot((timed - summed) * i)) / s, std::max(agreement, 6 * noise / s / std::sqrt(rows))};
}

void keep_strongest(std::vector<UnsteadyFlag>& flags, UnsteadyFlag flag) {
  const auto same = std::ranges::find(flags, flag.reason, &UnsteadyFlag::reason);
  if (same == flags.end()) {
    flags.push_back(std::move(flag));
  } else if (flag.share > same->share) {
    *same = std::move(flag);
  }
}

std::string shown(double share) {
  return share < 1e-4 ? fmt::format("{:.3g} ppm", share * 1e6) : fmt::format("{:.3g} %", share * 100);
}

}  // namespace

std::string_view name(Unsteady reason) {
  switch (reason) {
    case Unsteady::no_fundamental: return "no fundamental";
    case Unsteady::near_half_rate: return "near half the rate";
    case Unsteady::interharmonic: return "interharmonic";
    case Unsteady::not_steady: return "not steady";
    case Unsteady::disagreement: return "disagreement";
  }
  throw std::logic_error{"unknown reason"};
}

Consistency consistency(const Moments& moments, const HarmonicEstimate& fit, Service service) {
  const auto summed = explained(fit);
  Consistency c;
  for (const auto& wiring : elements(service)) {
    const auto [u, i] = sides(wiring);
    c.power = std::max(c.power, power_difference(u, i, moments.product, summed, fit.residual, 1).size);
  }
  const auto needed = needed_channels(service);
  for (Index k = 0; k < 6; ++k)
    if (needed[static_cast<std::size_t>(k)] && moments.product(k, k) > 0)
      c.voltage = std::max(c.voltage, std::abs(moments.product(k, k) - summed(k, k)) / moments.product(k, k));
  return c;
}

UnsteadyFlag Steadiness::classified(std::size_t channel, const ResidualLine& line, const HarmonicEstimate& fit,
                                    double channel_rms) const {
  const double nearest = std::round(line.frequency_hz / fit.frequency_hz);
  const double bins_away = std::abs(line.frequency_hz - nearest * fit.frequency_hz);  // of a second
  UnsteadyFlag flag{.reason = Unsteady::interharmonic,
                    .channel = channel,
                    .frequency_hz = line.frequency_hz,
                    .share = line.rms / channel_rms,
                    .text = {}};
  const char* where = "between the harmonics";
  if (line.frequency_hz > rate_hz_ / 2 - guard_hz_) {
    flag.reason = Unsteady::near_half_rate;
    where = "too near half the sampling rate";
  } else if (nearest > fit.orders) {
    where = "above the highest order of the model";
  } else if (bins_away < 3) {
    flag.reason = Unsteady::not_steady;
    where = "beside a harmonic: amplitude, frequency or phase moves";
  }
  flag.text =
      fmt::format("{}: {} at {:.1f} Hz, {}", channel_names[channel], shown(flag.share), line.frequency_hz, where);
  return flag;
}

void Steadiness::look_for_lines(const Moments& moments, HarmonicFit& fit, std::vector<UnsteadyFlag>& flags) {
  const auto needed = needed_channels(service_);
  const Eigen::Matrix<double, 6, 1> rms = moments.product.diagonal().cwiseMax(0).cwiseSqrt();
  const double strongest[] = {rms.head<3>().maxCoeff(), rms.tail<3>().maxCoeff()};
  const auto& estimate = fit.estimate();
  for (std::size_t k = 0; k < 6; ++k) {
    const auto at = static_cast<Index>(k);
    const double floor =
        std::max({smallest_line * rms[at], 0.5 * step_[k], smallest_beside_strongest * strongest[k / 3]});
    // A residual that is smaller as a whole needs no closer look.
    if (!needed[k] || !(std::sqrt(estimate.residual(at, at)) > floor)) continue;
    const auto line = structure_.strongest_line(fit.residual().col(at));
    if (line && line->rms > floor) keep_strongest(flags, classified(k, *line, estimate, rms[at]));
  }
}

void Steadiness::look_for_disagreement(const Moments& moments, const HarmonicEstimate& fit,
                                       std::vector<UnsteadyFlag>& flags) const {
  const auto summed = explained(fit);
  const auto compare = [&](const Weights& u, const Weights& i, std::size_t channel, const std::string& what) {
    const auto [size, allowed] = power_difference(u, i, moments.product, summed, fit.residual, rate_hz_);
    if (size <= allowed) return;
    keep_strongest(flags,
                   {.reason = Unsteady::disagreement,
                    .channel = channel,
                    .frequency_hz = fit.frequency_hz,
                    .share = size,
                    .text = fmt::format("{} of the time domain and of the spectrum are {} apart", what, shown(size))});
  };
  for (const auto& wiring : elements(service_)) {
    const auto [u, i] = sides(wiring);
    Index channel = 0;
    u.cwiseAbs().maxCoeff(&channel);
    compare(u, i, static_cast<std::size_t>(channel), "active power " + wiring.name);
  }
  const auto needed = needed_channels(service_);
  for (std::size_t k = 0; k < 6; ++k) {
    const Weights one = Weights::Unit(static_cast<Index>(k));
    if (needed[k]) compare(one, one, k, fmt::format("squares of {}", channel_names[k]));
  }
}

std::vector<UnsteadyFlag> Steadiness::look(const Moments& moments, HarmonicFit& fit) {
  std::vector<UnsteadyFlag> flags;
  look_for_lines(moments, fit, flags);
  look_for_disagreement(moments, fit.estimate(), flags);
  return flags;
}

}  // namespace blondel
