#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "drivers/scpi/scpi_client.hpp"
#include "drivers/sources/ac_source.hpp"
#include "drivers/sources/fluke_6105a_setting.hpp"

namespace blondel {

namespace {

using namespace std::chrono_literals;

constexpr const char* where = "source/fluke-6105a";

/// The soft start that the instrument is told, and what it needs after it. The drivers of real units wait 5 s and 30 s
/// after switching on, or the ramp and 12 s; the rule here is ramp and 30 s.
constexpr int ramp_s = 2;
constexpr Duration settles_from_off = 32s;
/// After a change of set-points with the output on there is neither a ramp nor a relay. An engineering choice that
/// nobody has verified on a unit; a steady-state detector on the reference meter comes after it in any case.
constexpr Duration settles_while_on = 10s;
/// One message over a LAN-GPIB bridge, generously; the instrument's own time for it included.
constexpr Duration message_time = 25ms;
/// Until "off" has to be proved.
constexpr Duration safe_within = 2s;
constexpr Duration safe_attempt = 500ms;

constexpr const char* set_up[] = {"*CLS", "*RST", "UNIT:MHAR:VOLT ABS", "UNIT:MHAR:CURR ABS", "OUTP:SENS 0"};

/// Messages of an apply() beside those that set something.
int fixed_messages(const FlukeEffort& effort, bool was_on) {
  const bool switches_on = !was_on || effort.switches_off;
  int armed = 3;
  for (const auto& c : effort.after.current) armed += c.armed ? 1 : 0;
  const int off = effort.switches_off ? 2 : 0;
  const int terminals = 3, errors = 1, read_back = armed, on = switches_on ? 2 : 0, state = 1;
  return off + terminals + errors + read_back + on + state;
}

class FlukeForecast final : public SourceForecast {
 public:
  Duration apply(const LoadPoint& point) override {
    auto effort = fluke_effort(setting_, point);
    const int messages = effort.commands + fixed_messages(effort, setting_.on);
    const bool from_off = !setting_.on || effort.switches_off;
    setting_ = std::move(effort.after);
    return message_time * messages + (from_off ? settles_from_off : settles_while_on);
  }
  void off() override { setting_.on = false; }
  std::unique_ptr<SourceForecast> copy() const override { return std::make_unique<FlukeForecast>(*this); }

 private:
  FlukeSetting setting_;
};

/// A Fluke 6105A with three phases behind a transparent LAN-GPIB bridge (the instrument has no LAN of its own).
///
/// Two connections: one for work, and one on which nothing but `OUTP:STAT OFF` and `OUTP:STAT?` is ever sent, so that
/// the way to "off" queues behind nothing. The destructor sends nothing: whoever owns the output calls make_safe().
/// Source: 6100B/6105A users manual, pages 136 to 168.
class Fluke6105a final : public AcSource {
 public:
  Fluke6105a(Surroundings& around, Order order, std::string address, Duration timeout)
      : around_{around}, clock_{around.clock()}, order_{order}, address_{std::move(address)}, timeout_{timeout} {}

  Task<Identity> open(Time deadline) override {
    work_ = co_await connect(deadline);
    safety_ = co_await connect(deadline);
    deadline_ = deadline;
    // Whatever an earlier controller has left behind: off first, then everything else.
    co_await make_safe();
    Identity identity;
    const auto idn = split(co_await ask("*IDN?"), ',');
    identity.maker = idn.front();
    if (idn.size() == 4) identity.firmware = idn[3];
    const Asked asked{where, "SOUR:PHAS1:MODel?"};
    identity.model = value_or_throw(parse_string(co_await ask("SOUR:PHAS1:MODel?"), asked));
    identity.serial = value_or_throw(parse_string(co_await ask("SOUR:PHAS1:SERial?"), asked));
    if (identity.model != "6105A")
      throw Failure{Fault::instrument, where,
                    "this driver knows the ranges of a 6105A; there is a '" + shown(identity.model) + "'"};
    for (int phase = 2; phase <= 3; ++phase) {
      const std::string query = fmt::format("SOUR:PHAS{}:FITTed?", phase);
      const auto fitted = co_await ask_integer(query);
      if (fitted != 1) throw Failure{Fault::incapable, where, fmt::format("phase {} is not fitted", phase)};
    }
    co_await begin_afresh();
    deadline_ = never;
    co_return identity;
  }

  std::optional<std::string> cannot(const LoadPoint& point) const override { return fluke_cannot(point); }

  Task<void> apply(LoadPoint point) override {
    if (const auto why = cannot(point)) throw Failure{Fault::incapable, where, *why + "; the output is as it was"};
    const auto safe_calls = safe_calls_;
    std::optional<Error> reason;
    try {
      co_await go_to(point, safe_calls);
      co_return;
    } catch (const Failure& failure) {
      reason = failure.error;
    }
    // Half of a point is worse than none.
    afresh_ = true;
    std::string outcome = "; the output has been switched off";
    try {
      co_await make_safe();
    } catch (const Failure& failure) {
      outcome = "; and the output could not be proved off: " + failure.error.what;
    }
    throw Failure{reason->fault, where, reason->what + outcome};
  }

  Duration settling() const override { return settling_; }

  std::unique_ptr<SourceForecast> forecast() const override { return std::make_unique<FlukeForecast>(); }

  Task<void> check() override {
    co_await expect_state("check");
    co_await work().expect_no_errors("something since the last point", limit());
  }

  Task<void> make_safe() override {
    ++safe_calls_;
    const Time deadline = clock_.now() + safe_within;
    Error trouble{Fault::unreachable, where, "there was no time to ask"};
    while (clock_.now() < deadline) {
      if (co_await switched_off(deadline, trouble)) {
        setting_.on = false;
        co_return;
      }
      co_await clock_.pause(50ms, order_, "before asking again for the output to go off");
    }
    throw Failure{
        trouble.fault, where,
        fmt::format("the output could not be proved off within {:.3g} s: {}", in_seconds(safe_within), trouble.what)};
  }

 private:
  Task<std::unique_ptr<ScpiClient>> connect(Time deadline) {
    auto wire = co_await around_.connect(address_, order_, deadline);
    co_return std::make_unique<ScpiClient>(std::move(wire), clock_, where);
  }

  ScpiClient& work() {
    if (!work_) throw Failure{Fault::unreachable, where, "not connected"};
    return *work_;
  }

  /// The time-out of a message, cut where open() has to be done.
  Duration limit() const { return std::min<Duration>(timeout_, std::max(Duration{}, deadline_ - clock_.now())); }
  Task<std::string> ask(std::string query) { co_return co_await work().ask(std::move(query), limit()); }
  Task<long long> ask_integer(std::string query) { co_return co_await work().ask_integer(std::move(query), limit()); }
  Task<void> send(std::string command) { co_await work().send(std::move(command), limit()); }

  Task<void> begin_afresh() {
    for (const char* command : set_up) co_await send(command);
    co_await send(fmt::format("OUTP:RAMP:TIME {}", ramp_s));
    co_await work().expect_no_errors("the reset", limit());
    setting_ = {};
    afresh_ = false;
  }

  Task<void> go_to(const LoadPoint& point, int safe_calls) {
    if (afresh_) {
      co_await switch_off();
      co_await begin_afresh();
    }
    const auto change = fluke_change(setting_, point);
    const auto before = setting_;
    if (change.switches_off) co_await switch_off();
    for (const auto& command : change.commands) co_await send(command);
    for (std::size_t k = 0; k < 3; ++k)
      if (change.after.current[k].range != before.current[k].range) co_await expect_current_mode(k);
    co_await work().expect_no_errors("the point", limit());
    for (std::size_t k = 0; k < 3; ++k) {
      co_await read_back(fmt::format("SOUR:PHAS{}:VOLT:MHAR:HARM1? AMPL", k + 1), change.after.voltage[k]);
      co_await read_back(fmt::format("SOUR:PHAS{}:CURR:MHAR:HARM1? AMPL", k + 1), change.after.current[k]);
    }
    const bool switches_on = !before.on || change.switches_off;
    if (safe_calls != safe_calls_)
      throw Failure{Fault::refused, where, "the output was made safe while a point was being set"};
    setting_ = change.after;
    settling_ = switches_on ? settles_from_off : settles_while_on;
    if (switches_on) {
      co_await send("OUTP:STAT ON");
      co_await work().expect_no_errors("switching on", limit());
    }
    co_await expect_state("switching on");
  }

  Task<void> switch_off() {
    co_await send("OUTP:STAT OFF");
    const auto state = co_await ask_integer("OUTP:STAT?");
    if (state != 0) throw Failure{Fault::instrument, where, "the output stays on after OUTP:STAT OFF"};
    setting_.on = false;
  }

  Task<void> expect_state(std::string what) {
    const auto state = co_await ask_integer("OUTP:STAT?");
    const bool on = state != 0;
    if (on == setting_.on) co_return;
    if (on) throw Failure{Fault::instrument, where, what + ": the output is on and should be off"};
    throw Failure{Fault::tripped, where,
                  what + ": the output is off: the source has tripped, or a current circuit is open"};
  }

  Task<void> expect_current_mode(std::size_t phase) {
    const auto query = fmt::format("SOUR:PHAS{}:CURR:RANG:UNIT?", phase + 1);
    const auto unit = co_await ask(query);
    if (!unit.starts_with("CURR"))
      throw Failure{unit.starts_with("VOLT") ? Fault::instrument : Fault::protocol, where,
                    fmt::format("'{}' was answered '{}' where a current range was chosen", query, shown(unit))};
  }

  /// The answer may have few digits; a set-point that was misunderstood is off by more.
  Task<void> read_back(std::string query, const FlukeSetting::Channel& channel) {
    if (!channel.armed) co_return;
    const double answer = co_await work().ask_number(query, limit());
    if (std::abs(answer - channel.amplitude) > 1e-3 * channel.amplitude)
      throw Failure{Fault::instrument, where,
                    fmt::format("'{}' was answered {:g} where {:g} was set", query, answer, channel.amplitude)};
  }

  /// One attempt to switch off and to have it confirmed, over the connection that is there for nothing else.
  Task<bool> switched_off(Time deadline, Error& trouble) {
    try {
      if (!safety_ || !safety_->connected())
        safety_ = co_await connect(std::min(deadline, clock_.now() + safe_attempt));
      const Duration attempt = std::min<Duration>(safe_attempt, deadline - clock_.now());
      co_await safety_->send("OUTP:STAT OFF", attempt);
      const auto state = co_await safety_->ask_integer("OUTP:STAT?", attempt);
      if (state == 0) co_return true;
      trouble = {Fault::instrument, where, "OUTP:STAT? says on after OUTP:STAT OFF"};
    } catch (const Failure& failure) {
      trouble = failure.error;
    }
    co_return false;
  }

  Surroundings& around_;
  Clock& clock_;
  Order order_;
  std::string address_;
  Duration timeout_;
  Time deadline_ = never;
  std::unique_ptr<ScpiClient> work_, safety_;
  FlukeSetting setting_;
  Duration settling_ = settles_from_off;
  int safe_calls_ = 0;
  bool afresh_ = false;  ///< what is set is not known: begin with a reset
};

[[maybe_unused]] const bool listed = ac_sources().add(
    "fluke-6105a", "Fluke 6105A Electrical Power Standard, three phases, 16 to 850 Hz, 1008 V, 50 mA to 21 A",
    [](const Settings& at, Surroundings& around, Order order) -> std::unique_ptr<AcSource> {
      const auto timeout = at.find("timeout");
      return std::make_unique<Fluke6105a>(around, order, at.at("address").text(),
                                          timeout ? timeout->duration() : Duration{5s});
    });

}  // namespace

}  // namespace blondel
