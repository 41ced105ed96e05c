#include <fmt/format.h>

#include <algorithm>

#include "drivers/time/together.hpp"
#include "references/quantity_text.hpp"
#include "rig/fetch_edges.hpp"
#include "rig/port_time.hpp"
#include "rig/run.hpp"
#include "rig/step.hpp"
#include "rig/steps/meter_points.hpp"
#include "rig/steps/moment.hpp"
#include "rig/steps/reading_names.hpp"

namespace blondel {

using namespace std::chrono_literals;

namespace {

/// Counts how often each pulse contact closes in a window, and gives the count a name.
class CountPulses final : public Step {
 public:
  explicit CountPulses(const Settings& at) : where_{at.where()} {
    const auto window = at.at("for");
    window_ = window.duration();
    if (window_ < shortest || window_ > 24h) throw window.failure("expected 8 s to 24 h");
    const auto as = at.at("as");
    as_ = new_reading_name(as);
    as_where_ = as.where();
    name_ = "count_pulses " + show(window_);
    if (const auto name = at.find("name")) name_ = name->text();
  }

  std::string kind() const override { return "count_pulses"; }
  std::string name() const override { return name_; }
  std::vector<std::string> promises(const Bench&) const override { return {}; }
  bool leaves_the_load() const override { return true; }

  void check(const Bench&, Outlook& outlook, Findings& findings) const override {
    if (!outlook.identified)
      findings.refusals.push_back(
          {Fault::malformed, where_, "expected an identify step first: it gives the meters control power"});
    foretell_reading(outlook, findings, as_, as_where_, {"pulses", unit(), outlook.load});
  }

  Duration predict(const Bench& bench, Outlook&) const override {
    return configuration_slot(bench.file()) + window_ + fetch_slot_;
  }

  Task<void> run(Run& run) const override {
    run.progress.now_doing(name_);
    auto moment = std::make_shared<Moment>();
    moment->at.resize(run.positions.size());
    Time slot = run.clock.now() + configuration_slot(run.bench.file());
    // The worth of a pulse is known before the window: nothing is asked of the meter within it.
    const Run::Body learn = [&run, &moment](Position& position) {
      return read_configuration(run, position, at(run, *moment, position));
    };
    co_await run.each(name_, learn, slot);
    co_await run.until(slot, "the meters' configuration");
    for (auto& position : run.positions) co_await fetch_edges(*position.pulses, position.number);

    const Time from = slot;
    slot += window_;
    co_await watch_truth(run, *moment, slot);
    co_await run.until(slot, name_);
    if (run.stimulus.live()) co_await run.bench.source().check();
    for (auto& position : run.positions) {
      auto& counted = at(run, *moment, position);
      const auto edges = co_await fetch_edges(*position.pulses, position.number);
      const auto closures = std::ranges::count_if(
          edges, [&](const ContactEdge& edge) { return edge.closed && edge.at >= from && edge.at < slot; });
      counted.begin = from;
      counted.end = slot;
      counted.values["pulses"] = static_cast<double>(closures);
    }
    note_moment(run, *moment, name_);
    run.readings.add(as_, {"pulses", unit(), moment});
    co_await run.until(slot + fetch_slot_, name_);
  }

 private:
  static Moment::AtPosition& at(const Run& run, Moment& moment, const Position& position) {
    return moment.at[static_cast<std::size_t>(&position - run.positions.data())];
  }
  static Unit unit() { return Unit{"pulses", "count", 1}; }

  static Task<void> read_configuration(Run& run, Position& position, Moment::AtPosition& into) {
    auto points = points_for_the_oracle();
    into.values = co_await run.read(position, std::move(points));
    into.read = true;
  }

  // Three readings of the reference.
  static constexpr Duration shortest = 8s;
  static Duration configuration_slot(const BenchFile& bench) { return PortTime{bench}.slot(1, 26); }
  static constexpr Duration fetch_slot_ = 1s;

  std::string where_, name_, as_, as_where_;
  Duration window_{};
};

const bool count_pulses_listed = steps().add("count_pulses", "counts the closures of the pulse contacts in a window",
                                             [](const Settings& at) { return std::make_unique<CountPulses>(at); });

}  // namespace

}  // namespace blondel
