#include "rig/stimulus.hpp"

#include <fmt/format.h>

#include <cmath>

#include "drivers/time/together.hpp"
#include "references/quantity_text.hpp"
#include "rig/second_oracle.hpp"

namespace blondel {

using namespace std::chrono_literals;

namespace {

// Below these the terminals are dead for every reader: far under the lowest point a plan can ask for, far above the
// noise of the reference meter.
constexpr Voltage dead_voltage{2.0};
constexpr Current dead_current{0.005};

nlohmann::ordered_json in_words(const LoadPoint& point) {
  nlohmann::ordered_json phases = nlohmann::ordered_json::array();
  for (const auto& p : point.phases)
    phases.push_back({{"voltage_v", p.voltage.si()},
                      {"voltage_angle_deg", in_degrees(p.voltage_angle)},
                      {"current_a", p.current.si()},
                      {"lag_deg", in_degrees(p.lag)}});
  return {{"frequency_hz", point.frequency.si()}, {"phases", std::move(phases)}};
}

/// Where two witnesses of one power are too far apart; empty where they agree.
std::string differences(const std::vector<TwoOracles>& pairs, const char* by_model) {
  std::string apart;
  for (const auto& pair : pairs)
    if (!pair.agree())
      apart += fmt::format("{}{} of phase {} is {:.7g} by its own computation and {:.7g} by the model {}, U = {:.2g}",
                           apart.empty() ? "" : "; ", pair.quantity, "ABC"[pair.phase], pair.by_instrument,
                           pair.by_model, by_model, pair.permitted);
  return apart;
}

}  // namespace

Task<void> Stimulus::apply(LoadPoint point, Duration integration) {
  if (holder_.empty()) throw Failure{Fault::refused, "stimulus", "no step holds the output"};
  if (const auto refusal = bench_.refuses(point)) throw Failure{refusal->fault, "stimulus", refusal->what};
  for (const auto& phase : point.phases)
    if (!wiring_proved_ && phase.voltage > bench_.file().envelope.check_voltage)
      throw Failure{Fault::refused, "stimulus",
                    fmt::format("{} before phase order and signs are proved; until then at most {}",
                                show(phase.voltage), show(bench_.file().envelope.check_voltage))};
  const auto lease = lease_;
  co_await bench_.reference().prepare(point, integration);
  // The record says what is about to stand at the terminals before it does.
  record_.add("applied", {{"load", in_words(point)}, {"settle_s", in_seconds(bench_.source().settling())}});
  record_.commit();
  if (holder_.empty() || lease != lease_)
    throw Failure{Fault::refused, "stimulus", "the lease ended before the output was set"};
  live_ = true;
  proved_off_ = false;
  co_await bench_.source().apply(point);
  present_ = point;
}

Task<ReferenceReading> Stimulus::steady(Ratio within, Time deadline) {
  const auto spread = [&](double a, double b, double scale) { return std::abs(a - b) <= within.si() * scale; };
  int agreeing = 1;
  auto last = co_await bench_.reference().next();
  while (agreeing < 3) {
    if (clock_.now() >= deadline) {
      // A source that has tripped is not merely unsteady.
      co_await bench_.source().check();
      throw Failure{Fault::instrument, "stimulus",
                    fmt::format("the output is not steady: total active power moved from {} between readings",
                                show(last.active_total))};
    }
    auto reading = co_await bench_.reference().next();
    double apparent = 0;
    for (const auto s : reading.apparent) apparent += s.si();
    agreeing = spread(reading.active_total.si(), last.active_total.si(), std::max(apparent, 1e-3)) ? agreeing + 1 : 1;
    last = std::move(reading);
  }
  co_await ask_witnesses(last);
  co_return last;
}

Task<void> Stimulus::ask_witnesses(const ReferenceReading& reading) {
  if (!witness_) {
    co_await ask_second_oracle(reading);
    co_return;
  }
  Waveform waveform;
  std::vector<Task<void>> both;
  both.push_back(ask_second_oracle(reading));
  both.push_back(witness_->record(waveform));
  co_await together(clock_, std::move(both));
  const auto pairs = witness_->compare(waveform, reading, bench_.reference().expanded_uncertainty(*present_));
  const std::string apart = differences(pairs, "from the waveform");
  std::string told = "reference and waveform disagree: " + apart;
  co_await settle_difference(std::move(told), !apart.empty());
}

Task<void> Stimulus::ask_second_oracle(const ReferenceReading& reading) {
  const auto spectrum = co_await bench_.reference().spectrum();
  if (!spectrum || !present_) co_return;
  nlohmann::ordered_json values = nlohmann::ordered_json::object();
  const auto pairs = compare_oracles(reading, *spectrum, bench_.reference().expanded_uncertainty(*present_));
  for (const auto& pair : pairs)
    values[fmt::format("{}_{}", pair.quantity, "ABC"[pair.phase])] = {pair.by_instrument, pair.by_model};
  record_.add("reading", {{"position", 0}, {"what", "two oracles"}, {"values", std::move(values)}});
  const std::string apart = differences(pairs, "from its spectrum");
  std::string told = "two oracles disagree: " + apart;
  co_await settle_difference(std::move(told), !apart.empty());
}

Task<void> Stimulus::settle_difference(std::string told, bool apart) {
  if (!apart) co_return;
  // A source that trips within the interval splits them too.
  co_await bench_.source().check();
  throw Failure{Fault::instrument, "reference " + bench_.file().reference_driver, std::move(told)};
}

Task<std::string> Stimulus::prove_dead() {
  std::string found;
  const Time deadline = clock_.now() + 10s;
  do {
    const auto reading = co_await bench_.reference().next();
    found.clear();
    for (std::size_t k = 0; k < 3; ++k) {
      if (std::abs(reading.voltage[k].si()) > dead_voltage.si())
        found += fmt::format(" U{} = {}", k + 1, show(reading.voltage[k]));
      if (std::abs(reading.current[k].si()) > dead_current.si())
        found += fmt::format(" I{} = {}", k + 1, show(reading.current[k]));
    }
  } while (!found.empty() && clock_.now() < deadline);
  co_return found;
}

Task<void> Stimulus::off(std::string reason, Time since) {
  present_.reset();
  holder_.clear();
  forecast_->off();
  std::exception_ptr failed;
  try {
    co_await bench_.source().make_safe();
  } catch (...) {
    failed = std::current_exception();
  }
  const Time answered = clock_.now();
  // Two witnesses: what the source says of itself, and what stands at the terminals. The second is asked even when
  // the first could not be had.
  std::string alive = "no reading";
  std::exception_ptr unread;
  for (int attempt = 1; attempt <= 3 && !alive.empty() && !unread; ++attempt) {
    try {
      // A command that was still on its way may have switched on again.
      if (attempt > 1) co_await bench_.source().make_safe();
      alive = co_await prove_dead();
    } catch (...) {
      unread = std::current_exception();
    }
  }
  const bool by_answer = !failed;
  const bool by_reading = !unread && alive.empty();
  live_ = !(by_answer && by_reading);
  proved_off_ = !live_;
  record_.add("safe", {{"reason", std::move(reason)},
                       {"off", proved_off_},
                       {"proof", {{"source_answers_off", by_answer}, {"reference_reads_dead", by_reading}}},
                       {"stop_to_off_ms", in_seconds(answered - since) * 1e3}});
  if (failed) std::rethrow_exception(failed);
  if (unread) std::rethrow_exception(unread);
  if (!alive.empty())
    throw Failure{Fault::tripped, "stimulus", "the source says off, but the reference meter reads" + alive};
}

}  // namespace blondel
