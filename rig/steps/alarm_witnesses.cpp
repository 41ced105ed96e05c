#include "rig/steps/alarm_witnesses.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "references/series_4000_k/phase_loss.hpp"
#include "rig/port_time.hpp"

namespace blondel {

using namespace std::chrono_literals;

namespace {

// Longer than the meter's ride-through; and than the 5 s of starting that its data sheet leaves open.
constexpr Duration dark_time = 1s, start_time = 9s;

bool any_lost(std::uint16_t bits) {
  return (bits & series_4000_k::alert::phase_loss_bits) != 0;
}

}  // namespace

std::optional<std::uint16_t> AlarmWitnesses::bits() const {
  if (glances.empty()) return std::nullopt;
  return glances.back().bits;
}

WitnessChange AlarmWitnesses::contact_changed(bool state) const {
  WitnessChange change{from, from};
  for (const auto& edge : edges)
    if (edge.closed == state) change = {edge.at, edge.at};
  return change;
}

WitnessChange AlarmWitnesses::register_changed(bool lost) const {
  return alerts_changed(glances, series_4000_k::alert::phase_loss_bits, lost, from);
}

Task<AlarmWitnesses> watch_alarm(Run& run, Position& position, Time end) {
  AlarmWitnesses seen;
  seen.from = run.clock.now();
  seen.glances = co_await glance_at_alerts(run, position, end);
  seen.edges = co_await fetch_edges(*position.alarm, position.number);
  seen.closed = co_await position.alarm->closed();
  co_return seen;
}

void refuse_slow_ports(const BenchFile& bench, const std::string& where, Findings& findings) {
  const PortTime ports{bench};
  constexpr Duration wanted = 1s;
  if (!ports.shared() || ports.shortest_round() <= wanted) return;
  findings.refusals.push_back(
      {Fault::incapable, where,
       fmt::format("the {} meters that share a port can be asked for their alerts every {:.1f} s at best, and the "
                   "delays of an alarm want {:.0f} s; at this speed {} fit on one port",
                   bench.most_on_one_port(), in_seconds(ports.shortest_round()), in_seconds(wanted),
                   ports.fits(wanted))});
}

Complaint complain(const Testimony& told) {
  const bool register_right = told.objection.empty();
  const bool contact_right = told.closed == told.wanted;
  if (register_right && contact_right) return {};
  const auto contact = told.closed ? "closed" : "open";
  if (!contact_right && !told.closed && !told.proved)
    return {Verdict::error,
            fmt::format("alarm loop: the contact reads open now, and was never seen closed, not even without control "
                        "power: a broken wire, or a contact that does not close (alert register 0x{:04X})",
                        told.bits)};
  if (!register_right && !contact_right)
    return {Verdict::fail, fmt::format("alert register 0x{:04X} ({}), and the alarm contact is {}", told.bits,
                                       told.objection, contact)};
  if (!contact_right)
    return {told.closed ? Verdict::fail : Verdict::inconclusive,
            fmt::format("the witnesses disagree: alert register 0x{:04X} is right, the alarm contact is {}", told.bits,
                        contact)};
  if (any_lost(told.bits) == told.closed)
    return {Verdict::fail, fmt::format("alert register 0x{:04X}: {}", told.bits, told.objection)};
  return {Verdict::fail,
          fmt::format("the witnesses disagree: alert register 0x{:04X} ({}), the alarm contact is {}, as "
                      "it must be",
                      told.bits, told.objection, contact)};
}

namespace {

Task<void> prove_again(Run& run, Position& position) {
  auto& power = run.bench.control_power();
  co_await power.set(position.number, false);
  co_await run.clock.pause(dark_time, {position.number, 0}, "the alarm loop without control power");
  const bool closed = co_await position.alarm->closed();
  co_await power.set(position.number, true);
  ++position.own_restarts;
  run.record.add("reading", {{"position", position.number},
                             {"what", "alarm contact without control power, once more"},
                             {"values", {{"closed", closed}}}});
  const auto doubt = std::exchange(position.alarm_doubt, {});
  if (closed)
    run.judge(position, Verdict::fail, doubt + "; its loop was proved whole afterwards");
  else
    run.judge(position, Verdict::error,
              "alarm loop: it reads open without control power, where it was closed at the start: a broken wire, or a "
              "contact that no longer closes; before that: " +
                  doubt);
}

/// What is still to be put back needs a meter that answers.
Task<void> await_restart(Run& run, Position& position, const std::vector<int>& restarted, Time end) {
  if (std::ranges::find(restarted, position.number) == restarted.end()) co_return;
  co_await run.clock.pause_until(end - start_time / 3, {position.number, 0}, "the meter starts");
  co_await run.identify(position, end);
}

}  // namespace

Task<void> settle_alarm_doubts(Run& run) {
  std::vector<int> restarted;
  for (auto& position : run.positions) {
    if (position.alarm_doubt.empty() || position.lost) continue;
    co_await prove_again(run, position);
    restarted.push_back(position.number);
  }
  if (restarted.empty()) co_return;
  const Time end = run.clock.now() + start_time;
  const Run::Body wait = [&run, &restarted, end](Position& position) {
    return await_restart(run, position, restarted, end);
  };
  const Time by = end + PortTime{run.bench.file()}.with_neighbours(Run::settling, 2, 60);
  co_await run.each("starting again", wait, by);
}

}  // namespace blondel
