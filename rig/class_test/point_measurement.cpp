#include "rig/class_test/point_measurement.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "drivers/time/together.hpp"
#include "rig/class_test/point_doubt.hpp"

namespace blondel {

namespace {

/// Whether a value that is known to ± `open` only might as well have got another verdict, or any.
bool leaves_open(double value, double open, double limit, Verdict verdict) {
  if (open > limit) return true;
  return verdict == Verdict::fail && std::abs(value) - open <= limit;
}

}  // namespace

PointMeasurement::PointMeasurement(Run& run, Assignment wanted)
    : run_{run}, wanted_{wanted}, reference_{run, wanted.point.point.energy}, positions_(run.positions.size()) {
  for (std::size_t i = 0; i < positions_.size(); ++i) {
    positions_[i].errors.resize(wanted_.claims.size());
    if (!run_.positions[i].lost)
      positions_[i].registration = wanted_.schedule.method->open(run_, wanted_.point, run_.positions[i]);
  }
}

Duration PointMeasurement::duration(const Schedule& schedule, std::size_t looks) {
  return seconds(schedule.looks_s[looks - 1]) + static_cast<int>(looks) * judging_slot;
}

bool PointMeasurement::live(std::size_t i) const {
  return !run_.positions[i].lost && positions_[i].registration && !positions_[i].refused && !positions_[i].done;
}

bool PointMeasurement::all_done() const {
  for (std::size_t i = 0; i < positions_.size(); ++i)
    if (live(i)) return false;
  return true;
}

double PointMeasurement::reference_mean() const {
  const double sign = reference_.readings().back() < 0 ? -1 : 1;
  return sign * reference_.mean().power;
}

Task<Time> PointMeasurement::measure(Time begin) {
  const auto& looks = wanted_.schedule.looks_s;
  Time slot = begin;
  double watched = 0;
  for (std::size_t k = 0; k < looks.size(); ++k) {
    const Time end = slot + seconds(looks[k] - watched);
    co_await watch(end);
    watched = looks[k];
    look(k);
    co_await run_.until(slot = end + judging_slot, "judging");
    if (all_done()) break;
  }
  co_await close_all();
  co_return slot;
}

Task<void> PointMeasurement::watch(Time end) {
  co_await arm_all(end);
  Run::Troubles troubles;
  const Run::Body body = [this, end](Position& position) { return watch_position(position, end); };
  std::vector<Task<void>> both;
  both.push_back(reference_.watch(end));
  both.push_back(watch_all(body, end + judging_slot - Run::settling, troubles));
  co_await together(run_.clock, std::move(both));
  // Nobody is judged by a window in which the source tripped.
  co_await run_.bench.source().check();
  for (std::size_t i = 0; i < positions_.size(); ++i)
    if (troubles[i]) positions_[i].refused = true;
  co_await run_.settle("accuracy", std::move(troubles));
  co_await collect_all();
}

Task<void> PointMeasurement::watch_all(Run::Body body, Time by, Run::Troubles& troubles) {
  troubles = co_await run_.side_by_side(std::move(body), by);
}

Task<void> PointMeasurement::watch_position(Position& position, Time end) {
  const auto i = static_cast<std::size_t>(&position - run_.positions.data());
  if (live(i)) co_await positions_[i].registration->watch(end);
}

Task<void> PointMeasurement::arm_all(Time end) {
  // To arm one position takes the time of the next.
  for (std::size_t i = 0; i < positions_.size(); ++i)
    if (live(i)) co_await positions_[i].registration->arm(end - run_.clock.now());
}

Task<void> PointMeasurement::collect_all() {
  for (std::size_t i = 0; i < positions_.size(); ++i)
    if (live(i)) co_await positions_[i].registration->collect();
}

Task<void> PointMeasurement::close_all() {
  for (auto& at : positions_)
    if (at.registration) co_await at.registration->close();
}

void PointMeasurement::look(std::size_t look) {
  for (std::size_t i = 0; i < positions_.size(); ++i)
    if (live(i)) decide(positions_[i], run_.positions[i].number, look);
}

void PointMeasurement::decide(AtPosition& at, int position, std::size_t look) {
  const auto& looks = wanted_.schedule.looks_s;
  const bool last = look + 1 == looks.size();
  const auto registered = at.registration->registered();
  if (!registered.why_not.empty()) {
    // A meter that is slower than most may need a longer look.
    if (last) at.why_not = registered.why_not;
    at.done = last;
    return;
  }
  std::optional<ReferenceWatch::Mean> truth;
  if (!registered.error) truth = reference_.mean();
  const double relative = registered.error ? *registered.error : *registered.power / truth->power - 1;
  const auto window = registered.measured.value_or(Seconds{looks[look]});
  const auto inputs = value_or_throw(
      found_inputs(run_.bench, wanted_.traceability, wanted_.point, position, registered, truth, window));
  PointError found;
  found.raw_percent = 100 * relative;
  found.value_percent = corrected_percentage_error(found.raw_percent, inputs);
  found.budget = value_or_throw(point_budget(inputs));
  found.seconds = window.si();
  found.looks = static_cast<int>(look) + 1;
  bool decided = true;
  for (std::size_t c = 0; c < wanted_.claims.size(); ++c) {
    if (at.errors[c] || !wanted_.claims[c].informative.empty()) continue;
    if (const auto verdict = verdict_at(c, look, found, registered.open_percent)) {
      at.errors[c] = found;
      at.errors[c]->verdict = *verdict;
      const bool certain = looks.size() > 1 && *verdict != Verdict::inconclusive;
      at.errors[c]->stopped = looks.size() == 1 ? "fixed" : certain ? "decided" : "time is up";
    } else {
      decided = false;
    }
  }
  at.done = decided || last;
  if (!at.done) return;
  // What decides nothing has no say in how long is measured either: it takes what there is.
  for (std::size_t c = 0; c < wanted_.claims.size(); ++c) {
    if (at.errors[c]) continue;
    const double limit = in_percent(wanted_.claims[c].limit.limit);
    at.errors[c] = found;
    at.errors[c]->verdict = blondel::decide(found.value_percent, found.budget.expanded(), -limit, limit, wanted_.rule);
    at.errors[c]->stopped = "fixed";
  }
}

std::optional<Verdict> PointMeasurement::verdict_at(std::size_t claim, std::size_t look, const PointError& found,
                                                    double open_percent) const {
  const double limit = in_percent(wanted_.claims[claim].limit.limit);
  const auto& looks = wanted_.schedule.looks_s;
  const bool last = look + 1 == looks.size();
  Verdict verdict = Verdict::inconclusive;
  const auto& boundary = wanted_.schedule.boundaries[claim];
  if (!boundary) {
    verdict = blondel::decide(found.value_percent, found.budget.expanded(), -limit, limit, wanted_.rule);
  } else {
    // A boundary leaves out looks at which it could not decide anything.
    const auto& own = boundary->looks();
    const auto at = std::ranges::find_if(
        own, [&](const SequentialPlan::Look& l) { return std::abs(l.seconds - looks[look]) < 1e-6; });
    if (at == own.end()) return looks[look] > own.back().seconds ? std::optional{verdict} : std::nullopt;
    switch (boundary->decide_at(static_cast<std::size_t>(at - own.begin()), found.value_percent,
                                found.budget.combined(), found.budget.effective_degrees_of_freedom())) {
      case SequentialPlan::Stop::go_on: return std::nullopt;
      case SequentialPlan::Stop::pass: verdict = Verdict::pass; break;
      case SequentialPlan::Stop::fail: verdict = Verdict::fail; break;
      case SequentialPlan::Stop::inconclusive: break;
    }
  }
  if (leaves_open(found.value_percent, open_percent, limit, verdict)) {
    if (!last) return std::nullopt;
    verdict = Verdict::inconclusive;
  }
  return verdict;
}

}  // namespace blondel
