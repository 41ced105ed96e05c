#include "drivers/reference_meters/zera_error_calculator.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace blondel {

namespace {

constexpr int calculator_inputs = 8;
/// Both counters of the instrument have 32 bits.
constexpr double most_pulses = 4294967295.0;
/// What the instrument takes as a meter's constant.
constexpr double least_constant = 1e-6, greatest_constant = 1e20;
/// ACT_Status of the maker's software.
enum CalculatorStatus : long long { waiting_for_first = 1, counting = 2, complete = 4, was_aborted = 8 };

constexpr const char* constant_query = "CONF:POW1:M0CONSTANT?";

}  // namespace

ZeraErrorCalculator::ZeraErrorCalculator(Clock& clock, std::string where, std::function<ScpiClient&()> client,
                                         std::function<Duration()> limit)
    : clock_{clock}, where_{std::move(where)}, client_{std::move(client)}, limit_{std::move(limit)} {}

std::vector<std::string> ZeraErrorCalculator::inputs() const {
  std::vector<std::string> names;
  for (int n = 1; n <= calculator_inputs; ++n) names.push_back(fmt::format("SC{}", n));
  return names;
}

std::string ZeraErrorCalculator::root(const std::string& input) const {
  const auto names = inputs();
  const auto found = std::ranges::find(names, input);
  if (found == names.end())
    throw Failure{
        Fault::incapable, where_,
        fmt::format("the error calculator has no input '{}'; it has {} to {}", input, names.front(), names.back())};
  return fmt::format("CALC:EC01:{:04}:", found - names.begin() + 1);
}

std::string ZeraErrorCalculator::under_way() const {
  std::string all;
  for (const auto& [input, run] : runs_) all += (all.empty() ? "" : ", ") + input;
  return all;
}

Task<double> ZeraErrorCalculator::reference_constant() {
  const std::string query{constant_query};
  const double constant = co_await client_().ask_number(query, limit_());
  if (!(constant > 0)) throw Failure{Fault::protocol, where_, fmt::format("'{}' was answered {:g}", query, constant)};
  co_return constant;
}

Task<void> ZeraErrorCalculator::set(std::string root, CalculatorRun run, std::string constant) {
  const bool active = run.of == CalculatorRun::Of::active;
  const std::vector<std::string> settings = {
      "START 0",
      "DUTSOURCE " + run.input,
      // The units that are allowed follow the kind of power.
      std::string{"REFSOURCE "} + (active ? "P" : "Q"),
      std::string{"DCUNIT "} + (active ? "I/kWh" : "I/kVarh"),
      fmt::format("DUTCONSTANT {:.12g}", run.pulses_per_kwh),
      "REFCONSTANT " + constant,
      fmt::format("MRATE {}", run.pulses),
      "CONTINUOUS 0",
  };
  for (const auto& setting : settings) {
    const auto command = root + setting + ";";
    co_await client_().send(command, limit_());
  }
  const auto doing = fmt::format("setting the error calculator at {}", run.input);
  co_await client_().expect_no_errors(doing, limit_());
}

Task<void> ZeraErrorCalculator::start(CalculatorRun run) {
  const auto there = root(run.input);
  if (!(run.pulses >= 1 && static_cast<double>(run.pulses) <= most_pulses))
    throw Failure{Fault::incapable, where_, fmt::format("asked for {} pulses, can count 1 to 2^32 - 1", run.pulses)};
  if (!(run.pulses_per_kwh >= least_constant && run.pulses_per_kwh <= greatest_constant))
    throw Failure{Fault::incapable, where_, fmt::format("a meter of {:g} pulses/kWh", run.pulses_per_kwh)};
  runs_.erase(run.input);
  const double constant = co_await reference_constant();
  Run started;
  started.exact_target = constant * static_cast<double>(run.pulses) / run.pulses_per_kwh;
  if (!(started.exact_target >= 1 && started.exact_target <= most_pulses))
    throw Failure{Fault::incapable, where_,
                  fmt::format("{} pulses of the meter are {:.6g} of the reference, can count 1 to 2^32 - 1", run.pulses,
                              started.exact_target)};
  const auto as_sent = fmt::format("{:.12g}", constant);
  co_await set(there, run, as_sent);
  const auto query = there + "TARGET?";
  started.told_target = co_await client_().ask_number(query, limit_());
  if (!(std::abs(started.told_target - started.exact_target) <= 1 + 1e-9 * started.exact_target))
    throw Failure{Fault::instrument, where_,
                  fmt::format("'{}' was answered {:.10g} where {:.10g} follows from what was set", query,
                              started.told_target, started.exact_target)};
  const auto go = there + "START 1;";
  co_await client_().send(go, limit_());
  const auto doing = fmt::format("starting the error calculator at {}", run.input);
  co_await client_().expect_no_errors(doing, limit_());
  started.longest_gap = run.longest_gap;
  started.seen_since = clock_.now();
  runs_[run.input] = started;
}

Task<CalculatedError> ZeraErrorCalculator::read(std::string root, Run run) {
  const auto percent = root + "RESULT?", milliseconds = root + "MMEASTIME?";
  const double against_told = 1 + co_await client_().ask_number(percent, limit_()) / 100;
  if (!(against_told > 0))
    throw Failure{Fault::protocol, where_, fmt::format("'{}' was answered -100 % or less", percent)};
  CalculatedError error;
  error.seconds = co_await client_().ask_number(milliseconds, limit_()) / 1000;
  error.reference_pulses = std::round(run.told_target / against_told);
  error.relative = against_told * run.exact_target / run.told_target - 1;
  co_return error;
}

Task<void> ZeraErrorCalculator::notice_silence(std::string input, long long status) {
  const auto query = root(input) + "PROGRESS?";
  const double progress = co_await client_().ask_number(query, limit_());
  const auto found = runs_.find(input);
  if (found == runs_.end()) co_return;
  auto& run = found->second;
  const std::pair<long long, double> seen{status, progress};
  if (run.seen != seen) {
    // Before the first look nothing has moved since the start.
    if (run.seen.first >= 0 || status != waiting_for_first) run.seen_since = clock_.now();
    run.seen = seen;
  }
  const auto silent = clock_.now() - run.seen_since;
  if (silent <= run.longest_gap) co_return;
  co_await stop(input);
  throw Failure{Fault::instrument, where_,
                fmt::format("no {}pulse came at {} for {:.0f} s", status == waiting_for_first ? "first " : "", input,
                            in_seconds(silent))};
}

Task<std::optional<CalculatedError>> ZeraErrorCalculator::result(std::string input) {
  const auto there = root(input);
  const auto found = runs_.find(input);
  if (found == runs_.end())
    throw Failure{Fault::instrument, where_, fmt::format("no error calculation is under way at {}", input)};
  const Run run = found->second;
  const auto query = there + "STATUS?";
  const auto status = co_await client_().ask_integer(query, limit_());
  if (status == waiting_for_first || status == counting) {
    co_await notice_silence(input, status);
    co_return std::nullopt;
  }
  runs_.erase(input);
  if ((status & was_aborted) != 0)
    throw Failure{
        Fault::instrument, where_,
        fmt::format("the error calculation at {} was aborted: a range was changed, or somebody stopped it", input)};
  if (status != complete) throw Failure{Fault::instrument, where_, fmt::format("'{}' was answered {}", query, status)};
  const auto error = co_await read(there, run);
  co_return error;
}

Task<void> ZeraErrorCalculator::stop(std::string input) {
  const auto command = root(input) + "START 0;";
  runs_.erase(input);
  co_await client_().send(command, limit_());
}

}  // namespace blondel
