#include "drivers/sim/circuit/source_history.hpp"

#include <algorithm>
#include <cmath>

#include "drivers/sim/circuit/keyed_random.hpp"

namespace blondel::sim {

namespace {
constexpr double settled_within = 1e-9;

std::int64_t interval_of(Time t) {
  const auto ns = t.time_since_epoch().count();
  const auto length = SourceHistory::flutter_length.count();
  return ns >= 0 ? ns / length : (ns - length + 1) / length;
}

std::uint64_t word(Purpose p) {
  return static_cast<std::uint64_t>(p);
}
}  // namespace

double rms(const Spectrum& spectrum) {
  double squares = 0;
  for (const auto& [order, z] : spectrum) squares += std::norm(z);
  return std::sqrt(squares);
}

double Settling::at(double since_s) const {
  if (since_s >= settled_after_s()) return last;
  if (since_s <= 0) return first;
  if (law == Law::ramp) return first + (last - first) * (since_s / time_s);
  return last + (first - last) * std::exp(-since_s / time_s);
}

double Settling::settled_after_s() const {
  const double way = std::abs(first - last);
  if (way <= settled_within || time_s <= 0) return 0;
  return law == Law::ramp ? time_s : time_s * std::log(way / settled_within);
}

void Settling::at_each(double since_s, double step_s, std::span<double> factors) const {
  const double settled_s = settled_after_s();
  // An exponential falls by the same factor from each instant to the next.
  double left = (first - last) * std::exp(-since_s / time_s);
  const double fall = std::exp(-step_s / time_s);
  for (std::size_t n = 0; n < factors.size(); ++n, left *= fall) {
    const double at_s = since_s + static_cast<double>(n) * step_s;
    factors[n] = at_s <= 0 || at_s >= settled_s || law == Law::ramp ? at(at_s) : last + left;
  }
}

SourceHistory::SourceHistory(const SourceBehaviour& behaviour, std::uint64_t seed)
    : behaviour_{behaviour}, seed_{seed} {
  Regime off;
  off.from = Time::min();
  off.steady_from = Time::min();
  regimes_.push_back(off);
}

void SourceHistory::set(const SetPoint& target, Time at) {
  while (regimes_.size() > 1 && regimes_.back().from >= at) regimes_.pop_back();
  const Regime& before = regimes_.back();
  const double since = before.from == Time::min() ? 0 : in_seconds(at - before.from);

  Regime next;
  next.from = at;
  next.on = target.on;
  // A set-point that was told and forgotten before its time has had its number all the same.
  if (!(target == target_)) ++loads_;
  next.load = loads_;
  // A dead output has no frequency of its own; what still fades goes on as it was.
  next.frequency_hz =
      target.on ? target.frequency_hz * (1 + behaviour_.frequency_error_ppm * 1e-6) : before.frequency_hz;
  double settled_s = 0;
  for (std::uint64_t c = 0; c < 6; ++c) {
    const double old_factor = before.settling[c].at(since);
    const double old_rms = rms(before.waves[c]) * old_factor;
    Spectrum wave;
    if (target.on) {
      const double gain = 1 + behaviour_.gain_bound_ppm * 1e-6 * keyed_uniform({seed_, word(Purpose::source_gain), c});
      const double delay = behaviour_.phase_bound_urad * 1e-6 * keyed_uniform({seed_, word(Purpose::source_phase), c});
      for (const auto& [order, z] : target.channels[c])
        if (z != Phasor{}) wave[order] = z * std::polar(gain, order * delay);
    }
    auto& settling = next.settling[c];
    const double new_rms = rms(wave);
    if (new_rms > 0) {
      settling.first = old_rms / new_rms;
      const bool starts = target.on && !before.on;
      settling.law = starts ? Settling::Law::ramp : Settling::Law::exponential;
      settling.time_s = in_seconds(starts ? behaviour_.soft_start : behaviour_.time_constant);
      next.waves[c] = std::move(wave);
    } else {
      // Nothing is asked for any more: the old wave fades.
      settling.first = old_factor;
      settling.last = 0;
      settling.time_s = in_seconds(target.on ? behaviour_.time_constant : behaviour_.off_time_constant);
      next.waves[c] = before.waves[c];
    }
    settled_s = std::max(settled_s, settling.settled_after_s());
  }
  next.steady_from = at + Duration{static_cast<Duration::rep>(std::ceil(settled_s * 1e9))};
  regimes_.push_back(std::move(next));
  target_ = target;
  ++revision_;
}

SourceHistory::Piece SourceHistory::piece_at(Time t) const {
  const auto after =
      std::upper_bound(regimes_.begin(), regimes_.end(), t, [](Time at, const Regime& r) { return at < r.from; });
  Piece piece;
  piece.regime = &*std::prev(after);
  piece.until = after == regimes_.end() ? never : after->from;
  piece.steady = t >= piece.regime->steady_from;
  piece.flutter_interval = interval_of(t);
  if (!piece.steady) piece.until = std::min(piece.until, piece.regime->steady_from);
  const bool alive = piece.regime->on || !piece.steady;
  if (behaviour_.flutter_ppm != 0 && alive)
    piece.until = std::min(piece.until, Time{(piece.flutter_interval + 1) * flutter_length});
  return piece;
}

double SourceHistory::flutter(int channel, std::int64_t interval) const {
  if (behaviour_.flutter_ppm == 0) return 1;
  return 1 + behaviour_.flutter_ppm * 1e-6 *
                 keyed_normal({seed_, word(Purpose::source_flutter), static_cast<std::uint64_t>(channel),
                               static_cast<std::uint64_t>(interval)});
}

double SourceHistory::factor(const Piece& piece, int channel, Time t) const {
  const auto& settling = piece.regime->settling[channel];
  const double settled = piece.steady ? settling.last : settling.at(in_seconds(t - piece.regime->from));
  return settled * flutter(channel, piece.flutter_interval);
}

}  // namespace blondel::sim
