#include "rig/executive.hpp"

#include <fmt/format.h>

#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <chrono>

#include "rig/traceability.hpp"

namespace blondel {

using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

constexpr Duration open_limit = 10s;

nlohmann::ordered_json in_fields(const Identity& identity) {
  return {{"maker", identity.maker},
          {"model", identity.model},
          {"serial", identity.serial},
          {"firmware", identity.firmware}};
}

/// Lets a part of the way down fail without keeping the next part from being tried.
Task<void> attempt(Task<void> task, std::exception_ptr& failed) {
  try {
    co_await std::move(task);
  } catch (...) {
    failed = std::current_exception();
  }
}

}  // namespace

int exit_code_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::pass: return 0;
    case Verdict::fail: return 1;
    case Verdict::skipped:
    case Verdict::inconclusive: return 2;
    case Verdict::error: return 3;
    case Verdict::aborted: return 5;
  }
  return 3;
}

int exit_code_of(Fault fault) {
  switch (fault) {
    case Fault::usage:
    case Fault::malformed: return 4;
    case Fault::refused:
    case Fault::incapable: return 6;
    case Fault::cancelled: return 5;
    default: return 3;
  }
}

Executive::Executive(Clock& clock, const Plan& plan, Bench& bench, Journal& journal, Progress& progress,
                     std::vector<Position> judged)
    : clock_{clock}, record_{clock, journal}, stimulus_{clock, bench, record_}, run_{clock,
                                                                                     plan,
                                                                                     bench,
                                                                                     record_,
                                                                                     stimulus_,
                                                                                     progress,
                                                                                     std::move(judged)} {}

void Executive::keep_waveforms(const std::filesystem::path& folder) {
  auto* recorder = run_.bench.recorder();
  if (!recorder) return;
  const auto uncertainty = run_.bench.file().recorder->uncertainty;
  stimulus_.watched_by(std::make_unique<WaveformWitness>(*recorder, uncertainty, record_, folder));
}

void Executive::stop(std::string reason) {
  if (stop_) return;
  stop_ = std::move(reason);
  stop_since_ = clock_.now();
  clock_.cancel();
}

void Executive::fault(const std::exception_ptr& e, const std::string& when) {
  Error error{Fault::instrument, "rig", "unknown"};
  try {
    std::rethrow_exception(e);
  } catch (const Failure& failure) {
    error = failure.error;
  } catch (const boost::system::system_error& failure) {
    if (failure.code() == asio::error::operation_aborted && stop_) return;
    error = Error{Fault::instrument, "rig", failure.what()};
  } catch (const std::exception& failure) {
    error = Error{Fault::instrument, "rig", failure.what()};
  }
  const auto text = fmt::format("{}{}: {}", when.empty() ? "" : when + ": ", error.where, error.what);
  run_.progress.line("error: " + text);
  if (!fault_) fault_ = error;
  if (error.fault == Fault::storage) return;
  try {
    record_.add("event", {{"level", "error"}, {"fault", name(error.fault)}, {"text", text}});
  } catch (const std::exception&) {
    // The record is lost; the first reason is already known.
  }
}

void Executive::note_instrument(const char* role, const std::string& driver, const Settings& at,
                                const Identity& identity) {
  record_.add(
      "instrument",
      {{"role", role}, {"driver", driver}, {"address", at.at("address").text()}, {"identity", in_fields(identity)}});
}

/// By whose word the bench measures: told before anything is spoken to, and refused where it holds no longer.
void Executive::trace() {
  const Traceability traceability{run_.bench};
  auto fields = traceability.record();
  if (!fields) return;
  record_.add("traceability", std::move(*fields));
  const bool allowed = run_.plan.overdue_allowed;
  if (allowed)
    for (const auto& overdue : traceability.overdue())
      record_.add("event", {{"level", "warning"}, {"text", overdue.text() + "; the plan allows it"}});
  record_.commit();
  for (auto& refusal : traceability.refusals(allowed)) throw Failure{std::move(refusal)};
}

Task<void> Executive::open_reference() {
  auto& bench = run_.bench;
  const auto identity = co_await bench.reference().open(clock_.now() + open_limit);
  reference_open_ = true;
  note_instrument("reference", bench.file().reference_driver, bench.file().reference(), identity);
  reference_identity_ = identity;
}

Task<void> Executive::open() {
  auto& bench = run_.bench;
  const auto& file = bench.file();
  // The source first: opening it proves it off, whoever left it on. From here on the way down asks it to be off, even
  // if opening fails half way.
  source_open_ = true;
  ending_.touched = true;
  const auto source = co_await bench.source().open(clock_.now() + open_limit);
  note_instrument("source", file.source_driver, file.source(), source);
  co_await open_reference();
  if (const auto mistaken = Traceability{bench}.mistaken(reference_identity_)) throw Failure{*mistaken};
  const auto power = co_await bench.control_power().open(clock_.now() + open_limit);
  control_power_open_ = true;
  note_instrument("control power", file.control_power_driver, file.control_power(), power);
  record_.commit();
}

Task<void> Executive::steps() {
  const auto& plan = run_.plan;
  for (std::size_t i = 0; i < plan.steps.size(); ++i) {
    const auto& step = *plan.steps[i];
    const int number = static_cast<int>(i) + 1;
    const Time begun = clock_.now();
    record_.in_step(number);
    record_.add("step_begin", {{"name", step.name()}, {"step_kind", step.kind()}});
    record_.commit();
    run_.progress.step(number, static_cast<int>(plan.steps.size()), step.name());
    std::vector<int> before;
    for (const auto& p : run_.positions) before.push_back(p.measurements);
    stimulus_.lease(step.name());
    co_await step.run(run_);
    stimulus_.end_lease();
    judge_promises(step, before);
    nlohmann::ordered_json verdicts = nlohmann::ordered_json::object();
    for (const auto& p : run_.positions) verdicts[std::to_string(p.number)] = name(p.verdict);
    record_.add("step_end", {{"verdicts", std::move(verdicts)}, {"duration_s", in_seconds(clock_.now() - begun)}});
    record_.commit();
    const bool nobody_left = std::ranges::all_of(run_.positions, [](const Position& p) { return p.lost; });
    if ((plan.on_fail == Plan::OnFail::stop && run_.any_failed()) || nobody_left) {
      stopped_early_ = i + 1 < plan.steps.size();
      ending_.why =
          nobody_left ? "no meter is left that answers" : fmt::format("stopped on fail after step {}", number);
      break;
    }
  }
  record_.in_step(0);
}

void Executive::judge_promises(const Step& step, const std::vector<int>& before) {
  const auto promised = static_cast<int>(step.promises(run_.bench).size());
  for (std::size_t i = 0; i < run_.positions.size(); ++i) {
    const int made = run_.positions[i].measurements - before[i];
    if (made < promised && run_.positions[i].verdict <= Verdict::inconclusive)
      run_.judge(run_.positions[i], Verdict::inconclusive,
                 fmt::format("{} promised {} measurements and made {}", step.name(), promised, made));
  }
}

Task<void> Executive::put_back_one(Position& position) {
  std::vector<std::pair<std::string, double>> wanted = position.found;
  if (run_.plan.leave == Plan::Leave::shipping) wanted = position.meter->shipping_state();
  std::vector<std::string> names;
  for (const auto& [point, value] : wanted) names.push_back(point);
  if (names.empty()) co_return;
  // Only what differs: a meter may refuse to be told even what it holds already, where its hardware fixes it.
  const auto before = co_await run_.read(position, names);
  std::vector<std::pair<std::string, double>> changes;
  for (const auto& change : wanted)
    if (before.at(change.first) != change.second) changes.push_back(change);
  if (!changes.empty()) co_await run_.write(position, changes);
  const auto held = co_await run_.read(position, names);
  for (const auto& [point, value] : wanted) {
    if (held.at(point) != value)
      throw Failure{Fault::rejected, fmt::format("position {}", position.number),
                    fmt::format("{} should be left as {} and reads back as {}", point, value, held.at(point))};
    record_.add("restored", {{"position", position.number}, {"point", point}, {"value", value}});
  }
  if (run_.plan.leave == Plan::Leave::shipping) {
    co_await position.meter->command("clear_energy");
    co_await position.meter->command("clear_pulse_counters");
  }
}

Task<void> Executive::put_back() {
  const Run::Body one = [this](Position& position) { return put_back_one(position); };
  co_await run_.each("putting back the configuration", one);
}

Task<void> Executive::put_back_lost() {
  // Whoever fell silent may hear again; if not, somebody must be told what it holds.
  for (auto& position : run_.positions) {
    if (!position.lost || position.found.empty()) continue;
    std::exception_ptr failed;
    co_await attempt(put_back_one(position), failed);
    if (failed)
      record_.add("event", {{"level", "warning"},
                            {"position", position.number},
                            {"text", fmt::format("position {}: the configuration was not put back", position.number)}});
  }
}

Task<void> Executive::dark() {
  auto& power = run_.bench.control_power();
  // Every position is asked, whatever the one before it answered.
  std::string alive;
  std::exception_ptr failed;
  for (int position = 1; position <= power.positions(); ++position) {
    bool on = true;
    try {
      co_await power.set(position, false);
      on = co_await power.is_on(position);
    } catch (...) {
      if (!failed) failed = std::current_exception();
    }
    if (on) alive += fmt::format("{}{}", alive.empty() ? "" : ", ", position);
  }
  if (failed) std::rethrow_exception(failed);
  if (!alive.empty())
    throw Failure{Fault::instrument, "control power", fmt::format("does not go off at position {}", alive)};
}

Task<void> Executive::way_down(std::exception_ptr ended_by) {
  std::exception_ptr failed;
  stimulus_.end_lease();
  if (source_open_) {
    // Off first, told afterwards: nothing that could fail stands before it.
    const std::string reason = stop_                 ? *stop_
                               : ended_by            ? "a fault of the bench"
                               : fault_              ? fault_->what
                               : ending_.why.empty() ? "all steps done"
                                                     : ending_.why;
    if (!reference_open_) {
      // The second witness is wanted even when somebody stopped before it was there; but nothing waits for it.
      co_await attempt(run_.bench.source().make_safe(), failed);
      co_await attempt(open_reference(), failed);
      failed = nullptr;
    }
    co_await attempt(stimulus_.off(reason, stop_ ? stop_since_ : clock_.now()), failed);
    ending_.proved_off = stimulus_.proved_off();
  }
  if (ended_by) fault(ended_by, "");
  if (failed) fault(std::exchange(failed, nullptr), "switching off");
  const bool record_lost = fault_ && fault_->fault == Fault::storage;
  if (control_power_open_ && !record_lost) {
    if (!stop_ && !fault_)
      for (const auto& step : run_.plan.steps) {
        co_await attempt(step->conclude(run_), failed);
        if (failed) fault(std::exchange(failed, nullptr), step->name());
      }
    co_await attempt(put_back(), failed);
    if (failed) fault(std::exchange(failed, nullptr), "putting back the configuration");
    co_await attempt(put_back_lost(), failed);
    if (failed) fault(std::exchange(failed, nullptr), "putting back the configuration");
  }
  if (control_power_open_) {
    co_await attempt(dark(), failed);
    if (failed) fault(std::exchange(failed, nullptr), "switching off control power");
  }
}

void Executive::settle_verdicts() {
  for (auto& position : run_.positions) {
    Verdict at_least = Verdict::pass;
    std::string cause;
    if (stop_) {
      at_least = Verdict::aborted;
      cause = *stop_;
    } else if (fault_) {
      at_least = Verdict::error;
      cause = fault_->where + ": " + fault_->what;
    } else if (stopped_early_) {
      at_least = Verdict::inconclusive;
      cause = "not all steps were done: " + ending_.why;
    }
    if (at_least > position.verdict) {
      position.verdict = at_least;
      position.cause = cause;
    }
  }
  ending_.verdict = fault_ ? Verdict::error : Verdict::pass;
  if (stop_) ending_.verdict = Verdict::aborted;
  for (const auto& position : run_.positions) ending_.verdict = worse(ending_.verdict, position.verdict);
  ending_.exit_code = exit_code_of(ending_.verdict);
  // Only a refusal has a code of its own here: what was malformed was found before anything began.
  const bool refused = fault_ && (fault_->fault == Fault::refused || fault_->fault == Fault::incapable);
  if (ending_.verdict == Verdict::error && refused) ending_.exit_code = exit_code_of(fault_->fault);
  if (stop_)
    ending_.why = *stop_;
  else if (fault_)
    ending_.why = fault_->where + ": " + fault_->what;
  else if (ending_.why.empty())
    ending_.why = "all steps done";
}

Task<void> Executive::run() {
  std::exception_ptr failed;
  try {
    trace();
    co_await open();
    co_await steps();
  } catch (...) {
    failed = std::current_exception();
  }
  // A cancelled coroutine throws at its next co_await; the way down must not.
  co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());
  record_.in_step(0);
  co_await way_down(failed);
  settle_verdicts();
  nlohmann::ordered_json positions = nlohmann::ordered_json::array();
  for (const auto& p : run_.positions)
    positions.push_back(
        {{"position", p.number}, {"serial", p.serial}, {"verdict", name(p.verdict)}, {"cause", p.cause}});
  try {
    record_.add("run_end", {{"verdict", name(ending_.verdict)},
                            {"why", ending_.why},
                            {"exit_code", ending_.exit_code},
                            {"positions", std::move(positions)}});
    record_.commit();
  } catch (const Failure& failure) {
    fault(std::current_exception(), "");
    settle_verdicts();
  }
}

}  // namespace blondel
