#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "drivers/time/together.hpp"
#include "rig/port_time.hpp"
#include "rig/run.hpp"
#include "rig/step.hpp"

namespace blondel {

using namespace std::chrono_literals;

namespace {

// Counters and energies that only what a run does may change.
const std::vector<std::string> fingerprint_points = {
    "real_energy",        "apparent_energy", "reactive_energy",         "pulse_counter_1_real",
    "energy_reset_count", "power_up_count",  "pulse_counter_2_reactive"};

/// What became of a question to a port.
enum class Probed { not_asked, silent, spoiled, answered };
using enum Probed;

/// Who sits where: switches the control power on, asks every meter who it is and which firmware it runs, takes a
/// fingerprint of its counters at the start and looks at it again at the end, and proves that position and port belong
/// together by switching off one position's control power after the other.
class Identify final : public Step {
 public:
  explicit Identify(const Settings& at) {
    if (const auto name = at.find("name")) name_ = name->text();
    if (const auto least = at.find("min_firmware")) min_firmware_ = static_cast<int>(least->integer());
    if (const auto boot = at.find("boot_time")) boot_ = boot->duration();
    if (const auto dark = at.find("dark_time")) dark_ = dark->duration();
    if (boot_ < 1s || boot_ > 5min) throw at.at("boot_time").failure("expected 1 s to 5 min");
    if (dark_ < 500ms || dark_ > 1min) throw at.at("dark_time").failure("expected 500 ms to 1 min");
  }

  std::string kind() const override { return "identify"; }
  std::string name() const override { return name_; }
  std::vector<std::string> promises(const Bench&) const override { return {}; }
  void check(const Bench&, Outlook& outlook, Findings&) const override {
    outlook.identified = true;
    outlook.min_firmware = min_firmware_;
  }

  Duration predict(const Bench& bench, Outlook&) const override {
    return boot_ + look_slot(bench.file()) +
           static_cast<int>(bench.file().sockets.size()) *
               (dark_ + port_look_slot(bench.file()) + boot_ + Run::settling);
  }

  Task<void> run(Run& run) const override {
    auto slot = run.clock.now();
    const int sockets = static_cast<int>(run.bench.file().sockets.size());
    for (int position = 1; position <= sockets; ++position) co_await run.bench.control_power().set(position, true);
    run.progress.now_doing("waiting for the meters to start");
    co_await run.until(slot += boot_, "starting the meters");

    run.progress.now_doing("who is there");
    const Run::Body ask = [this, &run](Position& position) { return ask_who(run, position); };
    slot += look_slot(run.bench.file());
    co_await run.each("identify", ask, slot);
    for (const auto& position : run.positions) {
      run.record.add("position",
                     {{"position", position.number},
                      {"serial", position.serial},
                      {"identity",
                       {{"maker", position.identity.maker},
                        {"model", position.identity.model},
                        {"serial", position.identity.serial},
                        {"firmware", position.identity.firmware}}},
                      {"firmware_version", fmt::format("{:.3f}", position.firmware / 1000.0)},
                      {"port", run.bench.file().sockets[static_cast<std::size_t>(position.number) - 1].port}});
      if (!position.fingerprint.empty())
        run.record.add("fingerprint",
                       {{"position", position.number}, {"when", "start"}, {"values", position.fingerprint}});
    }
    judge_identities(run);
    co_await run.until(slot, "identify");

    std::vector<int> lost_before;
    for (const auto& position : run.positions) lost_before.push_back(position.meter->link().silent);
    for (int dark = 1; dark <= sockets; ++dark) {
      run.progress.now_doing(fmt::format("position {} against its port", dark));
      co_await run.bench.control_power().set(dark, false);
      co_await run.until(slot += dark_, "dark time");
      std::vector<Probed> answers(run.positions.size());
      slot += port_look_slot(run.bench.file());
      co_await probe_all(run, dark, answers, slot - alarm_look_);
      co_await prove_alarm_loop(run, dark);
      co_await run.until(slot, "port proof");
      co_await run.bench.control_power().set(dark, true);
      slot += boot_;
      std::vector<Probed> again(run.positions.size());
      const Run::Body start = [this, &run, dark, &answers, &again, slot](Position& position) {
        const auto i = static_cast<std::size_t>(&position - run.positions.data());
        return await_start(run, position, dark, answers[i], again[i], slot);
      };
      auto troubles = co_await run.side_by_side(start, slot);
      co_await run.until(slot, "starting the meter again");
      judge_ports(run, dark, lost_before, answers, again, troubles);
      co_await run.settle("starting again", std::move(troubles));
      co_await run.until(slot += Run::settling, "port proof");
      for (auto& position : run.positions)
        if (position.number == dark) ++position.own_restarts;
    }
  }

  Task<void> conclude(Run& run) const override {
    std::vector<std::map<std::string, double>> at_end(run.positions.size());
    const Run::Body look = [&run, &at_end](Position& position) {
      return take_fingerprint(run, position, at_end[static_cast<std::size_t>(&position - run.positions.data())]);
    };
    const Time by = run.clock.now() + look_slot(run.bench.file());
    co_await run.each("fingerprint", look, by);
    for (std::size_t i = 0; i < run.positions.size(); ++i) {
      auto& position = run.positions[i];
      const auto& end = at_end[i];
      if (end.empty() || position.fingerprint.empty()) continue;
      run.record.add("fingerprint", {{"position", position.number}, {"when", "end"}, {"values", end}});
      const auto blank = std::ranges::find_if(end, [](const auto& entry) { return !std::isfinite(entry.second); });
      if (blank != end.end()) {
        run.judge(position, Verdict::fail, fmt::format("{} has no value at the end", blank->first));
        continue;
      }
      // Counters roll over from 32767 to 0.
      const auto rise = [&](const std::string& point) {
        return static_cast<int>(std::fmod(end.at(point) - position.fingerprint.at(point) + 32768.0, 32768.0));
      };
      if (const int restarts = rise("power_up_count"); restarts != position.own_restarts)
        run.judge(position, Verdict::fail,
                  fmt::format("the meter restarted by itself: it counts {} power-ups, the bench switched {}", restarts,
                              position.own_restarts));
      if (const int resets = rise("energy_reset_count"); resets != position.own_energy_resets)
        run.judge(position, Verdict::fail,
                  fmt::format("the meter cleared its energies by itself: it counts {} resets, the run commanded {}",
                              resets, position.own_energy_resets));
      for (const char* energy : {"real_energy", "apparent_energy", "reactive_energy"})
        // What the run itself cleared may be less than it was.
        if (position.own_energy_resets == 0 && end.at(energy) < position.fingerprint.at(energy))
          run.judge(position, Verdict::fail,
                    fmt::format("{} fell from {} to {}", energy, position.fingerprint.at(energy), end.at(energy)));
    }
  }
  Duration predict_conclusion() const override { return {}; }

 private:
  static Task<void> take_fingerprint(Run& run, Position& position, std::map<std::string, double>& into) {
    auto points = fingerprint_points;
    // The pulse counters came with firmware 1.019.
    if (position.firmware <= 1018)
      std::erase_if(points, [](const std::string& p) { return p.starts_with("pulse_counter"); });
    into = co_await run.read(position, points);
    for (const auto& [point, value] : into)
      if (!std::isfinite(value))
        throw Failure{Fault::rejected, fmt::format("position {}", position.number), point + " has no value"};
  }

  Task<void> ask_who(Run& run, Position& position) const {
    // A meter that takes long to start is given its part of the slot, however often it must be asked.
    const Time limit = run.clock.now() + identity_;
    position.identity = co_await run.identify(position, limit);
    const std::vector<std::string> version = {"firmware_version_os"};
    const auto values = co_await run.read(position, version);
    position.firmware = static_cast<int>(values.at("firmware_version_os"));
    co_await take_fingerprint(run, position, position.fingerprint);
    position.own_restarts = 0;
    position.own_energy_resets = 0;
  }

  /// The alarm contact is closed while its meter has no control power. Where the input reads open all the same, it
  /// stays unproved: a broken wire and a contact that does not close look alike.
  static Task<void> prove_alarm_loop(Run& run, int dark) {
    for (auto& position : run.positions) {
      if (position.number != dark || !position.alarm) continue;
      const bool closed = co_await position.alarm->closed();
      if (closed) position.alarm_loop_proved = true;
      run.record.add("reading", {{"position", position.number},
                                 {"what", "alarm contact without control power"},
                                 {"values", {{"closed", closed}}}});
    }
  }

  void judge_identities(Run& run) const {
    for (auto& position : run.positions) {
      if (position.lost) continue;
      const auto& told = position.identity.serial;
      if (!told.empty() && !position.serial.empty() && told != position.serial)
        run.judge(position, Verdict::fail,
                  fmt::format("the meter says serial {}, the scanner said {}", told, position.serial));
      if (position.serial.empty()) position.serial = told;
      if (position.firmware < min_firmware_)
        run.judge(
            position, Verdict::fail,
            fmt::format("firmware {:.3f} is older than {:.3f}", position.firmware / 1000.0, min_firmware_ / 1000.0));
    }
    for (const auto& a : run.positions)
      for (const auto& b : run.positions)
        if (a.number < b.number && !a.serial.empty() && a.serial == b.serial)
          throw Failure{Fault::wiring, "identify",
                        fmt::format("serial {} stands at positions {} and {}", a.serial, a.number, b.number)};
  }

  static Task<void> probe_all(Run& run, int dark, std::vector<Probed>& answers, Time by) {
    const Run::Body ask = [&run, &answers, dark](Position& position) {
      return probe_often(position, answers[static_cast<std::size_t>(&position - run.positions.data())],
                         position.number == dark ? 1 : 3);
    };
    // Who has not answered by then is silent.
    co_await run.side_by_side(ask, by);
  }

  /// With one position dark, exactly its port may be silent. A port that fell silent with another's control power and
  /// answers again with it is wired wrong; one that stays silent has a meter that does.
  static void judge_ports(Run& run, int dark, const std::vector<int>& lost_before, const std::vector<Probed>& answers,
                          const std::vector<Probed>& again, Run::Troubles& troubles) {
    for (std::size_t i = 0; i < run.positions.size(); ++i) {
      auto& position = run.positions[i];
      if (position.number == dark && answers[i] == answered)
        run.judge(position, Verdict::error,
                  fmt::format("wiring: the port of position {} answers while its control power is off", dark));
      if (position.number == dark || position.lost || answers[i] == answered) continue;
      const auto link = position.meter->link();
      const bool spoiled = answers[i] == Probed::spoiled || link.struck() > 0 || link.gone;
      // Of an answer now and then a lead in the wrong place knows nothing.
      const bool lossy = again[i] == answered && lost_before[i] > 0;
      if (again[i] == answered && spoiled) continue;
      const auto disturbed = disturbed_port(run, position);
      if (again[i] == answered && !disturbed.empty()) continue;
      if (again[i] == answered && lossy)
        troubles[i] = std::make_exception_ptr(
            Failure{Fault::protocol, fmt::format("position {}", position.number),
                    fmt::format("{} of {} requests stayed without an answer, the meter answers others", link.silent,
                                link.asked)});
      else if (again[i] == answered)
        run.judge(position, Verdict::error,
                  fmt::format("wiring: the port of position {} went silent with the control power of position {}",
                              position.number, dark));
      else
        troubles[i] = std::make_exception_ptr(
            Failure{disturbed.empty() ? Fault::timeout : Fault::protocol, fmt::format("position {}", position.number),
                    disturbed.empty() ? "fell silent" : "fell silent on a disturbed port: " + disturbed});
    }
  }

  /// What came to anybody on a position's port that should not; empty where nothing did. What a meter spoils itself
  /// when it dies in the middle of an answer is not the port's.
  static std::string disturbed_port(const Run& run, const Position& position) {
    const auto port_of = [&run](const Position& p) -> const std::string& {
      return run.bench.file().sockets[static_cast<std::size_t>(p.number) - 1].port;
    };
    for (const auto& other : run.positions) {
      if (port_of(other) != port_of(position)) continue;
      const auto link = other.meter->link();
      const bool its_own = other.number == position.number && 2 * link.struck() < link.silent;
      if (link.gone || (link.struck() > 0 && !its_own)) return link.gone ? "the line is gone" : link.name();
    }
    return {};
  }

  static Task<void> probe_often(Position& position, Probed& outcome, int attempts) {
    outcome = silent;
    for (int n = 0; n < attempts && outcome != answered; ++n) co_await probe(position, outcome);
  }

  static Task<void> probe(Position& position, Probed& outcome) {
    const std::vector<std::string> version = {"firmware_version_os"};
    try {
      co_await position.meter->read(version);
      outcome = answered;
    } catch (const Failure& failure) {
      // A refusal is an answer too.
      if (failure.error.fault == Fault::rejected)
        outcome = answered;
      else if (failure.error.fault == Fault::timeout)
        outcome = silent;
      else if (failure.error.fault == Fault::protocol)
        outcome = spoiled;
      else
        throw;
    }
  }

  /// Asks the meter that was switched on until it answers, for one that is still starting when the next one goes dark
  /// would look like a crossed port; and once more everybody who fell silent with it.
  Task<void> await_start(Run& run, Position& position, int dark, Probed before, Probed& outcome, Time end) const {
    const bool restarted = position.number == dark;
    if (!restarted && (before == not_asked || before == answered)) co_return;
    // A question to a meter that cannot hear yet only costs time.
    // The others are asked behind it: one that stays silent would hold up the line of a shared port.
    Time next = restarted ? end - boot_ * 35 / 100 : end - last_chance_;
    while (outcome != answered && next < end) {
      co_await run.clock.pause_until(next, {position.number, 0}, "the meter starts");
      co_await probe(position, outcome);
      next = std::max(run.clock.now(), next + 500ms);
    }
    if (restarted && outcome != answered)
      throw Failure{Fault::timeout, fmt::format("position {}", position.number),
                    fmt::format("does not answer {:.1f} s after its control power came on", in_seconds(boot_))};
  }

  /// Identity, firmware and fingerprint, with repeats; on a shared port also while most of its meters are silent, and
  /// each of them is asked for the third time.
  static Duration look_slot(const BenchFile& bench) {
    constexpr Duration alone = 14s, silence = 3500ms;
    const PortTime ports{bench};
    return ports.with_neighbours(alone, 7, 52) + (ports.shared() ? 3 * (bench.most_on_one_port() - 1) * silence : 0s);
  }
  /// One register of every meter, the silence of the dark one, and two answers that get lost.
  static Duration port_look_slot(const BenchFile& bench) {
    constexpr Duration alone = 8s + alarm_look_;
    return PortTime{bench}.with_neighbours(alone, 1, 1);
  }

  static constexpr Duration identity_ = 5s;
  static constexpr Duration last_chance_ = 1300ms;
  static constexpr Duration alarm_look_ = 500ms;
  std::string name_ = "identify";
  int min_firmware_ = 0;
  // The longest that the data sheet leaves open is 5 s; then it is asked, and again if an answer is lost.
  Duration boot_ = 8s;
  Duration dark_ = 1s;
};

const bool identify_listed =
    steps().add("identify", "who sits where, which firmware, and proof that position and port belong together",
                [](const Settings& at) { return std::make_unique<Identify>(at); });

}  // namespace

}  // namespace blondel
