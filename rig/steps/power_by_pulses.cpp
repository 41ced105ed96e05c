#include <algorithm>
#include <cmath>
#include <set>

#include "references/series_4000_k/pulse_bursts.hpp"
#include "references/series_4000_k/pulse_choice.hpp"
#include "references/uncertainty/pulse_timing.hpp"
#include "rig/port_time.hpp"
#include "rig/steps/accuracy_method.hpp"
#include "rig/steps/fetch_edges.hpp"
#include "rig/steps/pulse_setting.hpp"
#include "rig/steps/pulse_train.hpp"

namespace blondel {

using namespace std::chrono_literals;

namespace {

/// Energy between the first and the last pulse of the window, by the edges' time stamps. Sets the meters to an energy
/// per pulse and a CT primary that make pulses frequent.
///
/// A meter may give the pulses of a second in a burst after its end. Then an edge does not tell when its energy was
/// complete, only how many pulses were complete at that update; the power follows from those counts. The window is long
/// enough for both kinds, whichever is there, because the timetable must not depend on the meters.
class PowerByPulses final : public AccuracyMethod {
 public:
  explicit PowerByPulses(const Settings& at) {
    system_voltage_ = at.at("system_voltage").voltage();
    if (const auto pulses = at.find("pulses")) {
      if (pulses->integer() < 2 || pulses->integer() > 100000) throw pulses->failure("expected 2 to 100000 pulses");
      pulses_ = static_cast<int>(pulses->integer());
    }
    if (const auto window = at.find("window")) shortest_ = window->duration();
    if (const auto longest = at.find("longest")) longest_ = longest->duration();
    if (shortest_ < 6s || shortest_ > 10min) throw at.at("window").failure("expected 6 s to 10 min");
    if (longest_ < shortest_ || longest_ > 6h)
      throw at.at("longest").failure("expected the window or more, at most 6 h");
  }

  std::string name() const override { return "pulses"; }
  Duration preparation(const BenchFile& bench) const override { return PortTime{bench}.with_neighbours(20s, 9, 14); }
  Duration longest() const override { return longest_; }

  Duration window(const BenchFile& bench, ActivePower power, Ratio limit) const override {
    const auto choice = choose(bench);
    const double primary = power.si() * choice.ct_primary.si() / bench.ct_substitute.primary.si();
    const double period_s = choice.per_pulse.si() / primary;
    // One pulse opens the measurement, and one may be just missed at the end.
    const double wanted_s = std::ceil((pulses_ + 2) * period_s);
    const auto wanted = std::max(shortest_, seconds(std::min(wanted_s, 1e6)));
    return std::max(wanted, std::min(longest_, for_bursts(period_s, limit)));
  }

  Task<void> begin(Run& run, Time slot_end) override {
    const auto choice = choose(run.bench.file());
    energy_per_pulse_ = choice.per_pulse;
    scale_ = run.bench.file().ct_substitute.primary.si() / choice.ct_primary.si();
    const Run::Body write = [this, &run, choice](Position& position) { return write_choice(run, position, choice); };
    ready_.clear();
    co_await run.each("pulse set-up", write, slot_end);
  }

  Task<Registered> watch(Run& run, Position& position, Time end) override {
    Registered registered;
    if (!ready_.contains(position.number)) {
      registered.why_not = "it was not set up for pulses";
      co_return registered;
    }
    co_await fetch_edges(*position.pulses, position.number);
    const Time from = run.clock.now();
    co_await run.clock.pause_until(end, {position.number, 0}, "pulses");
    const auto edges = co_await fetch_edges(*position.pulses, position.number);
    std::vector<Time> closures;
    for (const auto& edge : edges)
      if (edge.closed && edge.at >= from && edge.at <= end) closures.push_back(edge.at);
    if (closures.size() < 2) {
      registered.why_not = fmt::format("{} pulses in {:.0f} s", closures.size(), in_seconds(end - from));
      co_return registered;
    }
    const double t = in_seconds(closures.back() - closures.front());
    const auto n = static_cast<double>(closures.size() - 1);
    const double period = t / n;
    const auto bursts = find_bursts(edges, from, end, position.meter->refresh());
    // Pulses that stop, or start late, leave a gap at an end that is wider than those between them.
    const double gap = std::max(in_seconds(closures.front() - from), in_seconds(end - closures.back()));
    if (gap > 1.5 * period + 0.1 + (bursts ? bursts->period_s : 0)) {
      registered.why_not =
          fmt::format("pulses every {:.3f} s, and none for {:.3f} s at an end of the window", period, gap);
      co_return registered;
    }
    if (bursts) {
      count_bursts(*bursts, position, registered);
      co_return registered;
    }
    registered.why_not.clear();
    registered.power = ActivePower{n * energy_per_pulse_.si() / t * scale_};
    registered.doubt = timing_doubt(position, t);
    co_return registered;
  }

 private:
  /// So that the counts of bursts leave no more than a third of the limit open.
  static Duration for_bursts(double period_s, Ratio limit) {
    constexpr int most_updates = 1000;
    constexpr double update_s = 1;  // as the data sheet says
    const int updates = series_4000_k::updates_to_tell(update_s / period_s, limit.si() / 3, most_updates);
    // Besides: until the first burst begins, and the one that the end of the window cuts.
    return seconds(std::ceil((updates + 1) * update_s + std::max(update_s, period_s)));
  }

  static std::vector<Contribution> timing_doubt(const Position& position, double window_s) {
    // The meter can only pulse at one of its samples, 2520 a second, and each end of the window falls on one.
    return pulse_contributions({.window = Seconds{window_s},
                                .tick = Seconds{in_seconds(position.pulses->stamp_uncertainty()) * std::sqrt(12.0)},
                                .edge_jitter = Seconds{0},
                                .update_period = Seconds{1.0 / 2520}});
  }

  void count_bursts(const PulseBursts& bursts, const Position& position, Registered& registered) const {
    const auto rate = series_4000_k::rate_from_counts(bursts.given);
    if (!rate) {
      registered.why_not = fmt::format("bursts of pulses every {:.3f} s that fit no steady power", bursts.period_s);
      return;
    }
    registered.why_not.clear();
    registered.power = ActivePower{rate->middle() * energy_per_pulse_.si() / bursts.period_s * scale_};
    registered.doubt = timing_doubt(position, bursts.span_s());
    registered.open_percent = 100 * rate->half_width() / rate->middle();
    registered.doubt.push_back(rectangular("whole pulses at the meter's updates", registered.open_percent));
  }

  series_4000_k::PulseChoice choose(const BenchFile& bench) const {
    return value_or_throw(series_4000_k::choose_pulses(bench.system, system_voltage_));
  }

  Task<void> write_choice(Run& run, Position& position, series_4000_k::PulseChoice choice) {
    const PulseSetting wanted{choice.ct_primary, choice.per_pulse, choice.closure};
    const auto kept = co_await set_pulses(run, position, wanted);
    // Slower pulses than the data sheet promises would be an overrun of the rig's making.
    if (kept != choice.closure) throw closure_refused(position, wanted, kept);
    ready_.insert(position.number);
  }

  Voltage system_voltage_;
  int pulses_ = 10;
  Duration shortest_ = 15s;
  Duration longest_ = 5min;
  ActiveEnergy energy_per_pulse_;
  double scale_{};
  std::set<int> ready_;  // positions that took the set-up
};

}  // namespace

std::unique_ptr<AccuracyMethod> power_by_pulses(const Settings& at) {
  return std::make_unique<PowerByPulses>(at);
}

}  // namespace blondel
