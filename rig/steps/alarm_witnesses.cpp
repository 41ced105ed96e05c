#include "rig/steps/alarm_witnesses.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "references/series_4000_k/phase_loss.hpp"

namespace blondel {

namespace {

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
    return {Verdict::fail,
            fmt::format("the witnesses disagree: alert register 0x{:04X} is right, the alarm contact is {}", told.bits,
                        contact)};
  if (any_lost(told.bits) == told.closed)
    return {Verdict::fail, fmt::format("alert register 0x{:04X}: {}", told.bits, told.objection)};
  return {Verdict::fail,
          fmt::format("the witnesses disagree: alert register 0x{:04X} ({}), the alarm contact is {}, as "
                      "it must be",
                      told.bits, told.objection, contact)};
}

}  // namespace blondel
