#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "references/series_4000_k/pulse_bursts.hpp"
#include "rig/class_test/edge_jitter.hpp"
#include "rig/class_test/energy_method.hpp"
#include "rig/class_test/power_ripple.hpp"
#include "rig/class_test/pulse_set_up.hpp"
#include "rig/class_test/window_settings.hpp"
#include "rig/fetch_edges.hpp"
#include "rig/pulse_train.hpp"

namespace blondel {

using namespace std::chrono_literals;

namespace {

/// The meter can only pulse at one of its samples, 2520 a second.
constexpr double pulse_grid_s = 1.0 / 2520;

/// Energy between the first and the last pulse, by the edges' time stamps.
///
/// A meter may give the pulses of a second in a burst after its end. Then an edge does not tell when its energy was
/// complete, only how many pulses were complete at that update; the power follows from those counts.
class PulseEdges final : public Registration {
 public:
  PulseEdges(Run& run, Position& position, ActiveEnergy per_pulse, double scale, double ripple_s)
      : run_{run}, position_{position}, per_pulse_{per_pulse}, scale_{scale}, ripple_s_{ripple_s} {}

  Task<void> watch(Time end) override {
    if (from_ == never) {
      // What came before the measurement is not part of it.
      co_await fetch_edges(*position_.pulses, position_.number);
      from_ = run_.clock.now();
    }
    co_await run_.clock.pause_until(end, {position_.number, 0}, "pulses");
    const auto found = co_await fetch_edges(*position_.pulses, position_.number);
    edges_.insert(edges_.end(), found.begin(), found.end());
    to_ = end;
  }

  Registered registered() const override {
    Registered r;
    std::vector<Time> closures;
    for (const auto& edge : edges_)
      if (edge.closed && edge.at >= from_ && edge.at <= to_) closures.push_back(edge.at);
    if (closures.size() < 2) {
      r.why_not = fmt::format("{} pulses in {:.0f} s", closures.size(), in_seconds(to_ - from_));
      return r;
    }
    const double t = in_seconds(closures.back() - closures.front());
    const auto n = static_cast<double>(closures.size() - 1);
    const double period = t / n;
    const auto bursts = find_bursts(edges_, from_, to_, position_.meter->refresh());
    // Pulses that stop, or start late, leave a gap at an end that is wider than those between them.
    const double gap = std::max(in_seconds(closures.front() - from_), in_seconds(to_ - closures.back()));
    if (gap > 1.5 * period + 0.1 + (bursts ? bursts->period_s : 0)) {
      r.why_not = fmt::format("pulses every {:.3f} s, and none for {:.3f} s at an end of the window", period, gap);
      return r;
    }
    if (bursts) {
      count_bursts(*bursts, r);
      return r;
    }
    r.why_not.clear();
    r.power = n * per_pulse_.si() / t * scale_;
    const double jitter_s = edge_jitter_s(closures, pulse_grid_s);
    r.doubt.pulses = timing(t, jitter_s);
    // What the load explains is known better than a few edges tell it; any more is noise of the meter.
    if (jitter_s <= 1.5 * ripple_s_) {
      r.doubt.pulses->edge_jitter = Seconds{ripple_s_};
      r.doubt.pulses->jitter_pulsates = true;
    }
    return r;
  }

 private:
  PulseTiming timing(double window_s, double jitter_s) const {
    return {.window = Seconds{window_s},
            .tick = Seconds{in_seconds(position_.pulses->stamp_uncertainty()) * std::sqrt(12.0)},
            .edge_jitter = Seconds{jitter_s},
            .update_period = Seconds{pulse_grid_s}};
  }

  void count_bursts(const PulseBursts& bursts, Registered& r) const {
    const auto rate = series_4000_k::rate_from_counts(bursts.given);
    if (!rate) {
      r.why_not = fmt::format("bursts of pulses every {:.3f} s that fit no steady power", bursts.period_s);
      return;
    }
    r.why_not.clear();
    r.power = rate->middle() * per_pulse_.si() / bursts.period_s * scale_;
    r.doubt.pulses = timing(bursts.span_s(), 0);
    r.doubt.whole_pulses_half_width = rate->half_width() / rate->middle();
    r.open_percent = 100 * rate->half_width() / rate->middle();
  }

  Run& run_;
  Position& position_;
  ActiveEnergy per_pulse_;
  double scale_, ripple_s_;
  Time from_ = never, to_ = never;
  std::vector<ContactEdge> edges_;
};

class Pulses final : public EnergyMethod {
 public:
  Pulses(const Settings& step, std::shared_ptr<const PulseSetUp> set_up)
      : set_up_{std::move(set_up)}, settings_{WindowSettings::of(step)} {
    if (const auto pulses = step.find("pulses")) {
      if (pulses->integer() < 2 || pulses->integer() > 100000) throw pulses->failure("expected 2 to 100000 pulses");
      pulses_ = static_cast<int>(pulses->integer());
    }
  }

  std::string name() const override { return "pulses"; }
  bool needs_pulse_set_up() const override { return true; }
  Task<void> begin(Run&, Time) override { co_return; }
  Duration longest() const override { return settings_.longest; }
  std::string setting(const BenchFile& bench) const override { return set_up_->text(bench); }

  std::optional<std::string> cannot(const Bench&, const PlannedPoint& point) const override {
    if (point.point.energy == MeteredEnergy::reactive) return "the pulse contact gives active energy only";
    return std::nullopt;
  }

  /// One pulse opens the measurement, and one may be just missed at the end.
  Duration shortest(const BenchFile& bench, const PlannedPoint& point) const override {
    return std::max<Duration>(6s, whole(least_pulses * set_up_->period_s(bench, point.power)));
  }

  /// Long enough for single pulses and for bursts, whichever there is: the timetable must not depend on the meters.
  Duration usual_window(const BenchFile& bench, const PlannedPoint& point, Ratio limit) const override {
    const double period_s = set_up_->period_s(bench, point.power);
    const auto wanted = std::max<Duration>(settings_.window > Duration{} ? settings_.window : Duration{15s},
                                           whole((pulses_ + 2) * period_s));
    return std::max(wanted, std::min(settings_.longest, for_bursts(period_s, limit)));
  }

  void foretell(const BenchFile& bench, const PlannedPoint& point, Seconds window, PointInputs& into) const override {
    // From the first edge to the last: a period is lost at each end.
    const double lost_s = 1.5 * set_up_->period_s(bench, point.power);
    into.pulses = PulseTiming{.window = Seconds{std::max(window.si() - lost_s, window.si() / 4)},
                              .tick = Seconds{1e-6},
                              .edge_jitter = Seconds{power_ripple_s(point.load, point.power)},
                              .update_period = Seconds{pulse_grid_s},
                              .jitter_pulsates = true};
  }

  std::unique_ptr<Registration> open(Run& run, const PlannedPoint& point, Position& position) override {
    if (!set_up_->ready(position)) return nothing_registered("it was not set up for pulses");
    const auto& bench = run.bench.file();
    return std::make_unique<PulseEdges>(run, position, set_up_->choose(bench).per_pulse, set_up_->scale(bench),
                                        power_ripple_s(point.load, point.power));
  }

 private:
  static constexpr int least_pulses = 5;

  static Duration whole(double s) { return seconds(std::ceil(std::min(s, 1e6))); }

  /// So that the counts of bursts leave no more than a third of the limit open.
  static Duration for_bursts(double period_s, Ratio limit) {
    constexpr int most_updates = 1000;
    constexpr double update_s = 1;  // as the data sheet says
    const int updates = series_4000_k::updates_to_tell(update_s / period_s, limit.si() / 3, most_updates);
    // Besides: until the first burst begins, and the one that the end of the window cuts.
    return seconds(std::ceil((updates + 1) * update_s + std::max(update_s, period_s)));
  }

  std::shared_ptr<const PulseSetUp> set_up_;
  WindowSettings settings_;
  int pulses_ = 10;
};

}  // namespace

std::unique_ptr<EnergyMethod> by_pulses(const Settings& step, std::shared_ptr<const PulseSetUp> set_up) {
  return std::make_unique<Pulses>(step, std::move(set_up));
}

}  // namespace blondel
