#include <fmt/format.h>

#include <cmath>

#include "references/quantity_text.hpp"
#include "rig/port_time.hpp"
#include "rig/run.hpp"
#include "rig/step.hpp"

namespace blondel {

using namespace std::chrono_literals;

namespace {

/// Takes the control power away from every meter for a while, and looks whether it counts the power-up that it must.
///
/// A meter rides through 100 ms at 120 V; what it does with more is not printed, nor what it does at other voltages. So
/// up to 80 ms it must not restart, from 3 s it must restart once, and between the two either is permitted; which it
/// was is in the record. Source: installation guide ZL0138-0A, control power.
class Power final : public Step {
 public:
  explicit Power(const Settings& at) : where_{at.where()} {
    at.at("control").one_of({"off"});
    const auto time = at.at("for");
    dark_ = time.duration();
    if (dark_ < shortest || dark_ > 1h) throw time.failure("expected 40 ms to 1 h");
    if (const auto boot = at.find("boot_time")) boot_ = boot->duration();
    if (boot_ < 1s || boot_ > 5min) throw at.at("boot_time").failure("expected 1 s to 5 min");
    name_ = "power off for " + show(dark_);
    if (const auto name = at.find("name")) name_ = name->text();
  }

  std::string kind() const override { return "power"; }
  std::string name() const override { return name_; }
  std::vector<std::string> promises(const Bench&) const override { return {"power_ups"}; }
  bool leaves_the_load() const override { return true; }

  void check(const Bench&, Outlook& outlook, Findings& findings) const override {
    if (!outlook.identified)
      findings.refusals.push_back(
          {Fault::malformed, where_, "expected an identify step first: it gives the meters control power"});
    if (dark_ > must_ride_through_)
      outlook.upsets.push_back({outlook.step, outlook.where, "takes the control power away", true, true});
  }

  Duration predict(const Bench& bench, Outlook&) const override {
    return look_slot(bench.file()) + switching(bench) + dark_ + boot_ + look_slot(bench.file());
  }

  Task<void> run(Run& run) const override {
    run.progress.now_doing(name_);
    std::vector<double> before(run.positions.size(), nan), after = before;
    const Duration looking = look_slot(run.bench.file());
    Time slot = run.clock.now() + looking;
    co_await look(run, before, slot);
    co_await run.until(slot, name_);
    co_await interrupt(run);
    co_await run.until(slot += switching(run.bench) + dark_ + boot_, "starting the meters");
    co_await look(run, after, slot += looking);
    co_await run.until(slot, name_);
    for (std::size_t i = 0; i < run.positions.size(); ++i) judge(run, i, before[i], after[i]);
    run.record.commit();
  }

 private:
  static constexpr double nan = std::numeric_limits<double>::quiet_NaN();

  static Duration switching(const Bench& bench) { return switch_time_ * static_cast<int>(bench.file().sockets.size()); }

  /// Each position is dark for the same time, whatever the switch needs for the ones before it.
  Task<void> interrupt(Run& run) const {
    auto& power = run.bench.control_power();
    const int sockets = static_cast<int>(run.bench.file().sockets.size());
    nlohmann::ordered_json told = nlohmann::ordered_json::object();
    // A dip is over before the switch has spoken of the next position; a long one is theirs together.
    const bool one_by_one = dark_ < 1s;
    std::vector<Time> off(static_cast<std::size_t>(sockets));
    const auto restore = [&](int position) -> Time { return off[static_cast<std::size_t>(position) - 1] + dark_; };
    for (int position = 1; position <= sockets; ++position) {
      off[static_cast<std::size_t>(position) - 1] = run.clock.now();
      co_await power.set(position, false);
      if (!one_by_one) continue;
      co_await run.until(restore(position), "dark time");
      co_await power.set(position, true);
    }
    for (int position = 1; !one_by_one && position <= sockets; ++position) {
      co_await run.until(restore(position), "dark time");
      co_await power.set(position, true);
    }
  }

  Task<void> look(Run& run, std::vector<double>& counts, Time slot_end) const {
    const Run::Body body = [&run, &counts](Position& position) {
      return read_count(run, position, counts[static_cast<std::size_t>(&position - run.positions.data())]);
    };
    co_await run.each(name_, body, slot_end);
  }

  static Task<void> read_count(Run& run, Position& position, double& into) {
    const Time limit = run.clock.now() + patience_;
    co_await run.identify(position, limit);
    std::vector<std::string> point = {"power_up_count"};
    const auto values = co_await run.read(position, std::move(point));
    into = values.at("power_up_count");
  }

  void judge(Run& run, std::size_t i, double before, double after) const {
    auto& position = run.positions[i];
    if (position.lost || !std::isfinite(before) || !std::isfinite(after)) return;
    // The counter rolls over from 32767 to 0.
    const double rise = std::fmod(after - before + 32768, 32768);
    run.record.add("reading", {{"position", position.number},
                               {"what", name_},
                               {"values", {{"power_up_count_before", before}, {"power_up_count_after", after}}}});
    Measurement m;
    m.position = position.number;
    m.name = "power_ups";
    m.point = name_;
    m.value = rise;
    m.lower = dark_ >= must_restart_ ? 1 : 0;
    m.upper = dark_ <= must_ride_through_ ? 0 : 1;
    m.rule = run.plan.rule;
    m.verdict = decide(m.value, 0, *m.lower, *m.upper, run.plan.rule);
    run.judge(position, m);
    position.own_restarts += static_cast<int>(m.verdict == Verdict::pass ? rise : *m.upper);
  }

  static constexpr Duration must_ride_through_ = 80ms, must_restart_ = 3s;
  // What a relay needs to open and close, with what is said about it.
  static constexpr Duration shortest = 40ms;
  static constexpr Duration switch_time_ = 500ms;
  /// Identity, version and counter.
  static Duration look_slot(const BenchFile& bench) { return PortTime{bench}.slot(3, 60); }
  // How long a meter is asked again that does not say who it is.
  static constexpr Duration patience_ = 3s;

  std::string where_, name_;
  Duration dark_{};
  Duration boot_ = 6s;
};

const bool power_listed = steps().add("power", "takes the control power away for a while, and counts the power-ups",
                                      [](const Settings& at) { return std::make_unique<Power>(at); });

}  // namespace

}  // namespace blondel
