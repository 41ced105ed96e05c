#include <fmt/format.h>

#include <array>
#include <cmath>
#include <set>

#include "references/register_maps/register_codec.hpp"
#include "rig/port_time.hpp"
#include "rig/run.hpp"
#include "rig/step.hpp"
#include "rig/steps/meter_points.hpp"
#include "rig/steps/write_outcome.hpp"
#include "rig/unit.hpp"

namespace blondel {

using namespace std::chrono_literals;

namespace {

constexpr int write_multiple = 0x10;

/// What register 129 takes, by the installation guide, and how a plan calls it.
struct Command {
  const char* name;
  int number;
};
constexpr std::array<Command, 4> commands = {{{"clear_energy", 30078},
                                              {"clear_pulse_counters", 16498},
                                              {"new_demand_interval", 21211},
                                              {"reset_max_demand", 21212}}};

/// The data of a request of function 10 hex for one register.
ModbusBytes one_register(int address, std::uint16_t word) {
  const auto high = [](int value) { return static_cast<std::uint8_t>(value >> 8 & 0xFF); };
  const auto low = [](int value) { return static_cast<std::uint8_t>(value & 0xFF); };
  return {high(address), low(address), 0, 1, 2, high(word), low(word)};
}

/// Writes one register at every position, sensible or not, and judges what comes of it. What it held before is on disk
/// first and put back at the end of the run; where the meter took nothing there is nothing to put back, and what it
/// must not take is put back at once.
class WriteRegister final : public Step {
 public:
  explicit WriteRegister(const Settings& at) {
    const auto named = at.at("register");
    point_ = &point_named(named);
    where_ = named.where();
    if (point_->words != 1 || (point_->scale != RegisterScale::none && point_->scale != RegisterScale::fixed))
      throw named.failure(fmt::format(
          "expected a register of one word without a scale factor of the meter's; {} is none", point_->name));
    const auto wanted = at.at("value");
    const auto value = value_or_throw(parse_unit_value(wanted.text(), wanted.where()));
    const auto unit = value_or_throw(parse_unit(point_->unit, named.where()));
    if (!same_dimension(value.unit, unit))
      throw wanted.failure(fmt::format("expected a value in {}, found '{}'",
                                       unit.symbol.empty() ? "plain numbers" : unit.symbol, wanted.text()));
    value_ = value.in(unit);
    word_ = word(value_ / point_->factor, wanted);
    if (const auto outcome = at.find("outcome")) permitted_ = PermittedOutcomes{*outcome};
    if (point_->name == "command") refuse_a_command(wanted);
    name_ = fmt::format("write {} = {}", point_->name, show(value_, unit));
    if (const auto name = at.find("name")) name_ = name->text();
  }

  std::string kind() const override { return "write"; }
  std::string name() const override { return name_; }
  std::vector<std::string> promises(const Bench&) const override { return {}; }
  bool leaves_the_load() const override { return true; }

  void check(const Bench& bench, Outlook& outlook, Findings& findings) const override {
    if (!outlook.identified)
      findings.refusals.push_back(
          {Fault::malformed, where_, "expected an identify step first: it gives the meters control power"});
    require_point(*point_, where_, bench, outlook, findings);
    if (point_->name == "system_voltage" && permitted_.only_accepted()) outlook.system_voltage = Voltage{value_};
    if (!permitted_.may_be_taken()) return;
    const bool metering = std::ranges::find(of_metering, point_->name) != of_metering.end();
    if (metering || point_->name == "pulse_energy")
      outlook.upsets.push_back({outlook.step, outlook.where, fmt::format("writes {}", point_->name), metering, true});
  }

  Duration predict(const Bench& bench, Outlook&) const override { return slot(bench.file()); }

  Task<void> run(Run& run) const override {
    run.progress.now_doing(name_);
    const Time end = run.clock.now() + slot(run.bench.file());
    std::vector<std::optional<WriteOutcome>> outcomes(run.positions.size());
    const Run::Body body = [this, &run, &outcomes, end](Position& position) {
      return write_one(run, position, outcomes[static_cast<std::size_t>(&position - run.positions.data())], end);
    };
    co_await run.each(name_, body, end);
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      auto& position = run.positions[i];
      if (outcomes[i])
        judge(run, position, *outcomes[i]);
      else if (!position.lost && !in_firmware(*point_, position.firmware))
        run.judge(
            position, Verdict::skipped,
            fmt::format("{}: {} does not exist in firmware {:.3f}", name_, point_->name, position.firmware / 1000.0));
    }
    run.record.commit();
    co_await run.until(end, name_);
  }

 private:
  /// What changes how much a meter counts at the same load.
  static constexpr std::array<std::string_view, 5> of_metering = {"system_type", "ct_primary", "ct_secondary",
                                                                  "pt_ratio", "system_voltage"};

  /// A command is carried out and not held: the register reads 0 after it, as if nothing had been taken. What is no
  /// command may be written to see it refused.
  void refuse_a_command(const Settings& wanted) const {
    const auto known = std::ranges::find(commands, static_cast<int>(word_), &Command::number);
    if (known != commands.end())
      throw wanted.failure(
          fmt::format("{} is a command, and the register reads 0 after it; write 'command: {}' instead of 'register' "
                      "and 'value'",
                      word_, known->name));
    if (permitted_.may_be_taken())
      throw wanted.failure(
          "the register reads 0 whatever is written; commands are given by name, such as 'command: clear_energy'");
  }

  std::uint16_t word(double raw, const Settings& at) const {
    const double whole = std::round(raw);
    if (std::abs(raw - whole) > 1e-9 * std::max(1.0, std::abs(raw)))
      throw at.failure(
          fmt::format("{} takes whole multiples of {}, found '{}'", point_->name, point_->factor, at.text()));
    const auto words = encode_raw(*point_, whole);
    if (!words) throw at.failure(words.error().what);
    return words->front();
  }

  Task<double> read_back(Run& run, Position& position) const {
    std::vector<std::string> points = {point_->name};
    const auto values = co_await run.read(position, std::move(points));
    co_return values.at(point_->name);
  }

  Task<void> write_one(Run& run, Position& position, std::optional<WriteOutcome>& outcome, Time slot_end) const {
    if (!in_firmware(*point_, position.firmware)) co_return;
    const double before = co_await read_back(run, position);
    // What is volatile, like a command, is nothing to put back.
    const bool noted = point_->writable && point_->non_volatile && note_change(run, position, before);
    const auto reply = co_await ask(position, word_);
    // A write is checked and stored within about 2 s.
    co_await run.clock.pause(storing_, {position.number, 0}, name_);
    const double after = co_await read_back(run, position);
    WriteOutcome seen;
    seen.exception = reply.kind == Reply::Kind::exception ? reply.exception : 0;
    // What may not be written may change by itself; it only must not become what was written.
    const bool as_before = after == before || (std::isnan(after) && std::isnan(before)) || !point_->writable;
    seen.held = after == value_ && (before != value_ || permitted_.only_accepted()) ? WriteOutcome::Held::written
                : as_before                                                         ? WriteOutcome::Held::as_before
                            : WriteOutcome::Held::something_else;
    outcome = seen;
    // It may be a register that takes nothing at all: to write its old value would be refused too.
    if (noted && seen.held == WriteOutcome::Held::as_before) forget_change(run, position, before);
    if (!point_->writable && seen.held == WriteOutcome::Held::written)
      co_await put_back_at_once(run, position, before, slot_end);
  }

  /// The driver does not write what the register map calls read-only, not even to put it back. On a slow line there is
  /// no time left to see it stored, and the record does not call it restored.
  Task<void> put_back_at_once(Run& run, Position& position, double before, Time slot_end) const {
    const auto words = std::isfinite(before) ? encode_raw(*point_, std::round(before / point_->factor))
                                             : Result<std::vector<std::uint16_t>>{};
    if (!words || words->empty()) co_return;
    run.record.add("change",
                   {{"position", position.number}, {"point", point_->name}, {"old", before}, {"new", value_}});
    run.record.commit();
    co_await ask(position, words->front());
    if (run.clock.now() + storing_ + position.meter->answer_limit() > slot_end - Run::settling) co_return;
    co_await run.clock.pause(storing_, {position.number, 0}, name_);
    const double held = co_await read_back(run, position);
    if (held == before)
      run.record.add("restored", {{"position", position.number}, {"point", point_->name}, {"value", before}});
  }

  /// What was refused changed nothing, as the reading back showed.
  void forget_change(Run& run, Position& position, double before) const {
    std::erase_if(position.found, [this](const auto& entry) { return entry.first == point_->name; });
    run.record.add("restored", {{"position", position.number}, {"point", point_->name}, {"value", before}});
  }

  /// On disk before it happens, and remembered for putting back.
  /// @returns whether it is the first change of this register in the run.
  bool note_change(Run& run, Position& position, double before) const {
    if (!std::isfinite(before))
      throw Failure{Fault::rejected, fmt::format("position {}", position.number),
                    fmt::format("{} has no value that could be put back", point_->name)};
    run.record.add("change",
                   {{"position", position.number}, {"point", point_->name}, {"old", before}, {"new", value_}});
    const auto same = [this](const auto& entry) { return entry.first == point_->name; };
    const bool first = std::ranges::none_of(position.found, same);
    if (first) position.found.emplace_back(point_->name, before);
    run.record.commit();
    return first;
  }

  /// Asked again after a disturbance: to write the same twice does no harm.
  Task<Reply> ask(Position& position, std::uint16_t word) const {
    const auto data = one_register(point_->address, word);
    const auto frame = rtu_frame(position.meter->unit(), write_multiple, data);
    Reply reply;
    for (int attempt = 1; attempt <= 3; ++attempt) {
      reply = co_await position.meter->exchange(frame, position.meter->answer_limit());
      if (reply.kind == Reply::Kind::answer || reply.kind == Reply::Kind::exception) co_return reply;
    }
    throw Failure{reply.kind == Reply::Kind::silence ? Fault::timeout : Fault::protocol,
                  fmt::format("position {}", position.number), fmt::format("{}: {}", name_, reply.what)};
  }

  void judge(Run& run, Position& position, const WriteOutcome& outcome) const {
    run.record.add("reading", {{"position", position.number},
                               {"what", name_},
                               {"values", {{"seen", outcome.text()}, {"permitted", permitted_.text()}}}});
    if (!permitted_.permits(outcome))
      run.judge(position, Verdict::fail, fmt::format("{}: {}, expected {}", name_, outcome.text(), permitted_.text()));
  }

  /// Reading, writing, settling and reading back.
  static Duration slot(const BenchFile& bench) { return PortTime{bench}.slot(3, 2, storing_); }

  static constexpr Duration storing_ = 2500ms;

  std::string where_, name_;
  const RegisterPoint* point_{};
  double value_{};
  std::uint16_t word_{};
  PermittedOutcomes permitted_;
};

/// Gives every meter a command by its name.
class WriteCommand final : public Step {
 public:
  explicit WriteCommand(const Settings& at) {
    const auto command = at.at("command");
    where_ = command.where();
    std::vector<std::string> names;
    for (const auto& known : commands) names.emplace_back(known.name);
    command_ = names[command.one_of(names)];
    name_ = "write command " + command_;
    if (const auto name = at.find("name")) name_ = name->text();
  }

  std::string kind() const override { return "write"; }
  std::string name() const override { return name_; }
  std::vector<std::string> promises(const Bench&) const override { return {}; }
  bool leaves_the_load() const override { return true; }
  void check(const Bench&, Outlook& outlook, Findings& findings) const override {
    if (!outlook.identified)
      findings.refusals.push_back(
          {Fault::malformed, where_, "expected an identify step first: it gives the meters control power"});
    // They are independent of each other; the commands of the demand touch neither.
    if (command_ == "clear_energy")
      outlook.upsets.push_back({outlook.step, outlook.where, "clears the energies", true, false});
    if (command_ == "clear_pulse_counters")
      outlook.upsets.push_back({outlook.step, outlook.where, "clears the pulse counters", false, true});
  }
  Duration predict(const Bench& bench, Outlook&) const override { return slot(bench.file()); }

  Task<void> run(Run& run) const override {
    run.progress.now_doing(name_);
    const Time end = run.clock.now() + slot(run.bench.file());
    const Run::Body body = [this, &run](Position& position) { return command_one(run, position); };
    co_await run.each(name_, body, end);
    co_await run.until(end, name_);
  }

 private:
  static Task<double> resets(Run& run, Position& position) {
    std::vector<std::string> points = {"energy_reset_count"};
    const auto values = co_await run.read(position, std::move(points));
    co_return values.at("energy_reset_count");
  }

  Task<void> command_one(Run& run, Position& position) const {
    const double before = co_await resets(run, position);
    co_await position.meter->command(command_);
    // Demand commands act at the end of the next one-second cycle.
    co_await run.clock.pause(acting_, {position.number, 0}, name_);
    const double after = co_await resets(run, position);
    // What the meter counts for it is the plan's to judge; a later look must not take it for the meter's own doing.
    position.own_energy_resets += static_cast<int>(std::fmod(after - before + 32768, 32768));
  }

  /// The same, and what is left of the 10 s that demand commands keep between them.
  static Duration slot(const BenchFile& bench) { return PortTime{bench}.slot(3, 2, acting_ + spacing_); }

  static constexpr Duration acting_ = 2500ms, spacing_ = 5s;

  std::string where_, name_, command_;
};

const bool write_listed = steps().add("write", "writes a register and judges the outcome, or gives a command",
                                      [](const Settings& at) -> std::unique_ptr<Step> {
                                        if (at.has("command")) return std::make_unique<WriteCommand>(at);
                                        return std::make_unique<WriteRegister>(at);
                                      });

}  // namespace

}  // namespace blondel
