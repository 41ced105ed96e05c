#include "drivers/sim/meter/simulated_meter.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <deque>
#include <filesystem>
#include <list>
#include <optional>
#include <system_error>
#include <thread>

#include "drivers/sim/circuit/circuit.hpp"
#include "drivers/sim/meter/contact_record.hpp"
#include "drivers/sim/meter/grant_queue.hpp"
#include "drivers/sim/meter/link_memory.hpp"
#include "drivers/sim/meter/link_messages.hpp"
#include "drivers/sim/meter/meter_process.hpp"
#include "drivers/sim/meter/supply.hpp"
#include "drivers/sim/meter/terminal_watch.hpp"
#include "drivers/time/background.hpp"
#include "drivers/time/event.hpp"
#include "references/error.hpp"

namespace blondel::sim {

namespace {

// A grant is at most eight seconds: each hand-over costs as much as firmware computes in a second. The buffer holds
// them with room for a crystal that runs fast.
constexpr Duration longest_grant{8'000'000'000};
constexpr std::uint32_t capacity = 20480;
constexpr std::uint32_t nv_bytes = 8192;
// So often a meter that nobody waits for is given what it has not yet seen, to work on beside the bench.
constexpr Duration beat{4'000'000'000};
// So many beats it may be behind.
constexpr std::size_t most_behind = 8;
// Nobody has touched it for so long that it may be the last time: without an end of this, no deadlock would be told.
constexpr Duration forgotten{900'000'000'000};
// How long a meter is watched for an answer after the last byte it was sent.
constexpr Duration patience{1'500'000'000};
// 3.5 characters at 1200 baud are 29 ms: a silence longer than this may be shortened to it without joining two frames.
constexpr Duration longest_silence{40'000'000};

std::string host_beside_this_program() {
  return (std::filesystem::read_symlink("/proc/self/exe").parent_path() / "blondel-meter-host").string();
}

class ProcessMeter final : public SimulatedMeter {
 public:
  ProcessMeter(Clock& clock, MeterInputs& inputs, MeterSettings settings)
      : clock_{clock},
        inputs_{inputs},
        settings_{std::move(settings)},
        name_{fmt::format("meter process {}", settings_.order.position)},
        supply_{inputs},
        memory_{capacity, nv_bytes},
        queue_{inputs, memory_},
        touched_{clock, name_ + " waits for bytes", settings_.order},
        wanted_{clock, name_ + " waits to be wanted", settings_.order},
        background_{clock} {
    background_.spawn(listen());
    if (clock.is_virtual()) background_.spawn(work_beside());
  }

  void receive(std::vector<StampedByte> bytes) override {
    if (bytes.empty() || !death_.empty()) return;
    if (const auto wrong = watch_.hears(bytes)) {
      // What the process is working on must come to its end first.
      if (!busy_ && queue_.empty()) return die(*wrong);
      misdeed_ = *wrong;
    }
    for (auto byte : bytes) {
      // What came before it may be late: it comes no sooner after that than it did on the line, or frames would run
      // into each other. A longer silence makes up for the lateness.
      const Time on_line = std::exchange(last_on_line_, byte.at);
      byte.at = last_heard_ = std::max(byte.at, last_heard_ + std::min(byte.at - on_line, longest_silence));
      heard_.push_back(byte);
    }
    quiet_at_ = bytes.back().at + patience;
    answered_ = false;
    touched_.set();
  }

  void on_transmit(std::function<void(std::vector<StampedByte>)> listener) override { listener_ = std::move(listener); }

  Task<std::vector<ContactEdge>> edges(Contact contact) override {
    co_await reach(clock_.now());
    co_return record(contact).take(clock_.now());
  }

  void follow(Contact contact) override { record(contact).follow(); }
  void leave(Contact contact) override { record(contact).leave(); }

  Task<std::vector<ContactEdge>> followed(Contact contact) override {
    co_await reach(clock_.now());
    co_return record(contact).take_followed(clock_.now());
  }

  Task<bool> closed(Contact contact) override {
    co_await reach(clock_.now());
    co_return record(contact).closed(clock_.now());
  }

  Task<std::string> lcd() override {
    co_await reach(clock_.now());
    co_return lcd_;
  }

  Task<void> keep_up(Duration every) override {
    while (death_.empty()) {
      co_await reach(clock_.now());
      co_await clock_.pause(every, settings_.order, name_ + " keeps up");
    }
  }

  void shorten_hang_guard(std::chrono::milliseconds most) override {
    if (settings_.hang_guard <= most) return;
    settings_.hang_guard = most;
    queue_.guard(most);
    if (process_) process_->shorten_guard(most);
  }

  std::string death() const override { return death_; }
  std::string build_name() const override { return build_name_; }
  std::uint64_t firmware_entries() const override { return entries_before_ + entries_; }
  std::uint64_t grants() const override { return granted_; }

 private:
  /// Somebody who waits until the meter has been run up to an instant.
  struct Waiter {
    Waiter(Clock& clock, const std::string& what, Order order, Time until, bool sent)
        : target{until}, or_sent{sent}, event{clock, what, order} {}
    Time target;
    bool or_sent;  ///< or until it has sent something
    Event event;
  };

  ContactRecord& record(Contact contact) { return contact == Contact::pulse ? pulse_ : alarm_; }

  /// Runs the meter up to `target`. There is no deadline in bench time, which stands still meanwhile: the process has
  /// its guard.
  Task<void> reach(Time target, bool or_sent = false) {
    if (reached_ >= target || !death_.empty()) co_return;
    wanted_at_ = clock_.now();
    wanted_.set();
    Waiter waiter{clock_, name_, settings_.order, target, or_sent};
    const auto place = waiters_.insert(waiters_.end(), &waiter);
    struct Leave {
      std::list<Waiter*>& waiters;
      std::list<Waiter*>::iterator place;
      ~Leave() { waiters.erase(place); }
    } const leave{waiters_, place};
    proceed();
    co_await waiter.event.wait();
  }

  /// After bytes have come: runs the meter a little ahead of now, slice by slice, until it sends or has been silent for
  /// long. Nothing that happens within a slice can still be changed: who changes something says so a slice ahead.
  Task<void> listen() {
    for (;;) {
      co_await touched_.wait();
      while (death_.empty()) {
        const Time horizon = clock_.now() + Circuit::notice;
        co_await reach(horizon, true);
        if (heard_.empty() && (answered_ || reached_ >= quiet_at_)) break;
        if (reached_ >= horizon)
          co_await clock_.pause_until(reached_, settings_.order, name_ + " has not answered yet");
      }
    }
  }

  /// The meter's process has a core of its own, and the bench much else to do: so it is given what has passed, without
  /// anybody waiting for it, and may be some beats behind. What comes of it counts from when somebody wants it, or from
  /// the beat at which it would be too far behind: never from when it happened to come.
  Task<void> work_beside() {
    for (;;) {
      co_await clock_.pause(beat, settings_.order, name_ + " is given what has passed");
      if (clock_.now() - wanted_at_ > forgotten) co_await wanted_.wait();
      // Who still talks is not idle.
      if (busy_ || !process_ || !heard_.empty() || clock_.now() <= talks_until_) continue;
      if (clock_.now() - given_until() >= beat / 2 && may_give()) give(clock_.now());
      if (queue_.size() > most_behind) take();
    }
  }

  void wake(bool sent) {
    for (auto* waiter : waiters_)
      if (reached_ >= waiter->target || (sent && waiter->or_sent) || !death_.empty()) waiter->event.set();
  }

  /// Gives the process more to do if somebody waits for it.
  void proceed() {
    while (!busy_ && death_.empty()) {
      Time target = reached_;
      for (const auto* waiter : waiters_) target = std::max(target, waiter->event.is_set() ? target : waiter->target);
      if (target <= reached_) return;
      if (process_) {
        // The one after it is sampled while the process is at the first.
        while (queue_.size() < 2 && given_until() < target && may_give()) give(target);
        return take();
      }
      const auto change = supply_.next(target);
      if (change) return start(change->at);
      // Without supply time passes without a trace, and nobody hears.
      reached_ = target;
      std::erase_if(heard_, [&](const StampedByte& b) { return b.at <= reached_; });
      wake(false);
    }
  }

  void start(Time power_up) {
    reached_ = power_up;
    std::erase_if(heard_, [&](const StampedByte& b) { return b.at <= power_up; });
    next_sample_ = inputs_.first_at(power_up);
    entries_before_ += std::exchange(entries_, 0);
    try {
      process_ = std::make_unique<MeterProcess>(clock_.io(), settings_.host, settings_.build, memory_.descriptor());
    } catch (const std::system_error& error) {
      return die(fmt::format("its process could not be started: {}", error.what()));
    }
    busy_ = true;
    work_ = clock_.begin_work(settings_.order, name_);
    process_->exchange({}, settings_.hang_guard, [this](MeterProcess::Answer answer) {
      deliver([this, answer = std::move(answer)] {
        if (answer)
          greet(*answer);
        else
          die(answer.error());
      });
    });
  }

  void greet(const std::string& message) {
    const auto hello = decode_hello(message);
    if (!hello) return die(hello.error());
    build_name_ = hello->build;
    watch_.power_up();
    auto settings = settings_.variant;
    settings["serial"] = settings_.serial;
    queue_.guard(settings_.hang_guard);
    queue_.serve(*process_,
                 encode_welcome(settings_.order.position, reached_, memory_.capacity(), memory_.nv_bytes(), settings));
    wake(false);
    proceed();
  }

  /// Behind a stretch in which the meter hears something or loses its supply, none is given before it is over.
  bool may_give() const { return queue_.empty() || (heard_.empty() && !fails_at_); }
  Time given_until() const { return queue_.empty() ? reached_ : queue_.back().until; }

  /// Whether its process may keep a core busy with waiting: when it is the only one, and time is virtual. A program may
  /// not.
  bool has_a_core_of_its_own() const {
    static const bool spare_core = std::thread::hardware_concurrency() > 1;
    return spare_core && clock_.is_virtual() && settings_.build.kind == BuildKind::shared_object &&
           MeterProcess::alive() == 1;
  }

  /// Gives the process the next stretch, up to `target` at most.
  void give(Time target) {
    const Time from = given_until();
    Time until = std::min(target, from + longest_grant);
    if (!fails_at_)
      if (const auto change = supply_.next(until)) fails_at_ = change->at;
    if (fails_at_) until = std::min(until, *fails_at_);

    const auto first = queue_.empty() ? next_sample_ : queue_.next_sample();
    const auto samples =
        std::clamp<std::int64_t>(inputs_.first_at(until + Duration{1}) - first, 0, std::int64_t{capacity});
    if (samples == capacity) until = std::min(until, inputs_.instant(first + capacity - 1));

    // Bytes that begin where the meter has already been are heard from here on, in their own rhythm.
    if (!heard_.empty() && heard_.front().at < from) {
      const Duration late = from - heard_.front().at;
      for (auto& byte : heard_) byte.at += late;
      last_heard_ += late;
    }
    Grant grant{.sequence = ++granted_,
                .from = from,
                .until = until,
                .samples = static_cast<std::uint32_t>(samples),
                .power_fails = fails_at_ && until == *fails_at_,
                .stay_awake = has_a_core_of_its_own(),
                .temperature = inputs_.temperature(from),
                .bytes = {}};
    for (const auto& byte : heard_)
      if (byte.at <= until && grant.bytes.size() < 4096) grant.bytes.push_back(byte);
    queue_.give(std::move(grant), first);
  }

  /// From now on bench time waits for what was given first.
  void take() {
    busy_ = true;
    work_ = clock_.begin_work(settings_.order, name_);
    queue_.when_answered([this] { deliver([this] { taken(); }); });
  }

  /// Handed over in the order of positions, not in that in which the processes happened to finish.
  void deliver(std::function<void()> what) {
    work_.finish([this, here = std::weak_ptr<char>{alive_}, what = std::move(what)] {
      if (here.expired()) return;
      busy_ = false;
      if (!misdeed_.empty())
        die(misdeed_);
      else
        what();
    });
  }

  void taken() {
    const auto grant = queue_.front();
    const auto answer = queue_.answer();
    if (!answer) return die(answer.error());
    if (const auto wrong = watch_.sees(*answer, heard_)) return die(*wrong);
    queue_.drop_first();
    done(grant, *answer);
  }

  void done(const Grant& grant, const Done& d) {
    reached_ = d.reached;
    next_sample_ += d.samples;
    entries_ = d.entries;
    heard_.erase(heard_.begin(), heard_.begin() + d.bytes);
    for (const auto& edge : d.edges) record(edge.contact).set(edge.at, edge.closed);
    if (d.has_lcd) lcd_ = d.lcd;
    const bool sent = !d.sent.empty();
    if (grant.power_fails && !sent) power_fails();
    if (sent) {
      answered_ = heard_.empty();
      talks_until_ = d.sent.back().at;
      if (listener_) listener_(d.sent);
    }
    wake(sent);
    proceed();
  }

  void power_fails() {
    queue_.clear();
    process_.reset();
    fails_at_.reset();
    pulse_.set(reached_, false);
    alarm_.set(reached_, true);
    lcd_.clear();
  }

  void die(const std::string& why) {
    // Where within its grant it died nobody knows but itself.
    const Time last = queue_.empty() ? reached_ : queue_.front().until;
    const auto when = last == reached_
                          ? fmt::format("at {:.6f} s", in_seconds(reached_))
                          : fmt::format("between {:.6f} s and {:.6f} s", in_seconds(reached_), in_seconds(last));
    death_ = fmt::format("{} ({} of bench time)", why, when);
    queue_.clear();
    process_.reset();
    heard_.clear();
    wake(false);
  }

  Clock& clock_;
  MeterInputs& inputs_;
  MeterSettings settings_;
  std::string name_;
  std::function<void(std::vector<StampedByte>)> listener_;

  Supply supply_;
  LinkMemory memory_;
  std::unique_ptr<MeterProcess> process_;
  GrantQueue queue_;
  Work work_;
  bool busy_ = false;  ///< bench time waits for the process
  Time wanted_at_{};   ///< when somebody last wanted the meter to be somewhere
  std::optional<Time> fails_at_;

  Time reached_{};  ///< how far the meter has been run
  std::int64_t next_sample_ = 0;
  std::deque<StampedByte> heard_;       ///< not yet given to the meter
  Time last_on_line_{}, last_heard_{};  ///< of the last byte: on the line, and as given to the meter
  Time quiet_at_{}, talks_until_{};
  bool answered_ = false;  ///< it has sent something after all it heard

  ContactRecord pulse_{false};
  ContactRecord alarm_{true};
  TerminalWatch watch_;
  std::string lcd_, build_name_;
  std::string death_, misdeed_;
  std::uint64_t entries_ = 0, entries_before_ = 0, granted_ = 0;

  std::list<Waiter*> waiters_;
  Event touched_, wanted_;
  std::shared_ptr<char> alive_ = std::make_shared<char>();
  Background background_;
};

}  // namespace

std::unique_ptr<SimulatedMeter> make_simulated_meter(Clock& clock, MeterInputs& inputs, MeterSettings settings) {
  if (settings.host.empty()) settings.host = host_beside_this_program();
  if (access(settings.host.c_str(), X_OK) != 0)
    throw Failure{Fault::unreachable, fmt::format("meter at position {}", settings.order.position),
                  "there is no host program " + settings.host};
  return std::make_unique<ProcessMeter>(clock, inputs, std::move(settings));
}

}  // namespace blondel::sim
