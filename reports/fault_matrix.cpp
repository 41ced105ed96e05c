#include "reports/fault_matrix.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <set>

#include "reports/number_text.hpp"

namespace blondel {

std::string_view name(FaultOutcome outcome) {
  switch (outcome) {
    case FaultOutcome::caught: return "caught";
    case FaultOutcome::noticed: return "noticed";
    case FaultOutcome::blamed: return "blamed the meter";
    case FaultOutcome::survived: return "survived";
  }
  return "unknown";
}

int FaultMatrix::count(FaultOutcome outcome) const {
  return static_cast<int>(std::ranges::count(faults, outcome, &FaultRow::outcome));
}

double FaultMatrix::score() const {
  return faults.empty() ? 0.0 : count(FaultOutcome::caught) / static_cast<double>(faults.size());
}

int FaultMatrix::false_alarms() const {
  return static_cast<int>(std::ranges::count_if(harmless, &HarmlessRow::false_alarm));
}

int FaultMatrix::good_verdicts() const {
  std::set<std::string> seen;
  for (const auto& row : harmless)
    if (row.kind == "good") seen.insert(row.verdicts);
  return static_cast<int>(seen.size());
}

std::vector<std::string> FaultMatrix::only_by(const std::string& step) const {
  std::set<std::string> alone;
  for (const auto& row : faults)
    if (row.outcome == FaultOutcome::caught && row.caught_by == std::vector{step}) alone.insert(row.fault);
  return {alone.begin(), alone.end()};
}

int FaultMatrix::caught_by(const std::string& step) const {
  return static_cast<int>(std::ranges::count_if(faults, [&](const FaultRow& row) {
    return row.outcome == FaultOutcome::caught && std::ranges::count(row.caught_by, step) > 0;
  }));
}

std::vector<std::string> FaultMatrix::unnamed() const {
  std::set<std::string> names;
  for (const auto& row : faults)
    if (row.outcome != FaultOutcome::caught && row.known.empty()) names.insert(row.fault);
  return {names.begin(), names.end()};
}

std::vector<std::string> FaultMatrix::shortfalls() const {
  std::vector<std::string> all;
  if (!faults.empty() && score() < thresholds.at_least)
    all.push_back(fmt::format("{:.1f} % of the faults were caught, the plan asks for {:.1f} %", 100 * score(),
                              100 * thresholds.at_least));
  if (false_alarms() > thresholds.false_alarms)
    all.push_back(
        fmt::format("{} meters that are not bad failed, the plan allows {}", false_alarms(), thresholds.false_alarms));
  if (thresholds.names_survivors && !unnamed().empty())
    all.push_back(fmt::format("not caught and not named in the plan: {}", fmt::join(unnamed(), ", ")));
  return all;
}

nlohmann::ordered_json to_json(const FaultMatrix& m) {
  auto faults = nlohmann::ordered_json::array(), harmless = faults, steps = faults;
  for (const auto& f : m.faults)
    faults.push_back({{"fault", f.fault},
                      {"group", f.group},
                      {"seed", f.seed},
                      {"outcome", name(f.outcome)},
                      {"verdict", name(f.verdict)},
                      {"caught_by", f.caught_by},
                      {"size", f.size},
                      {"judged_by", f.judged_by},
                      {"statement", f.statement},
                      {"reference", f.reference},
                      {"why", f.why},
                      {"known", f.known},
                      {"entry", f.entry}});
  for (const auto& h : m.harmless)
    harmless.push_back({{"kind", h.kind},
                        {"name", h.name},
                        {"seed", h.seed},
                        {"verdict", name(h.verdict)},
                        {"why", h.why},
                        {"verdicts", h.verdicts}});
  for (const auto& step : m.steps)
    steps.push_back({{"step", step}, {"caught", m.caught_by(step)}, {"alone", m.only_by(step)}});
  return {{"plan", {{"name", m.plan}, {"sha256", m.plan_hash}}},
          {"bench", {{"name", m.bench}, {"sha256", m.bench_hash}}},
          {"program", {{"sha256", m.program_hash}}},
          {"score", m.score()},
          {"caught", m.count(FaultOutcome::caught)},
          {"noticed", m.count(FaultOutcome::noticed)},
          {"blamed", m.count(FaultOutcome::blamed)},
          {"survived", m.count(FaultOutcome::survived)},
          {"false_alarms", m.false_alarms()},
          {"good_meter_verdict_sets", m.good_verdicts()},
          {"thresholds", {{"at_least", m.thresholds.at_least}, {"false_alarms", m.thresholds.false_alarms}}},
          {"shortfalls", m.shortfalls()},
          {"steps", std::move(steps)},
          {"faults", std::move(faults)},
          {"harmless", std::move(harmless)}};
}

std::string fault_matrix_text(const FaultMatrix& m) {
  std::string text = fmt::format("{} on {}\n", m.plan, m.bench);
  auto out = std::back_inserter(text);
  fmt::format_to(out, "  {} faults: {} caught, {} noticed, {} blamed on the meter, {} survived; score {:.1f} %\n",
                 m.faults.size(), m.count(FaultOutcome::caught), m.count(FaultOutcome::noticed),
                 m.count(FaultOutcome::blamed), m.count(FaultOutcome::survived), 100 * m.score());
  for (const auto& f : m.faults)
    if (f.outcome != FaultOutcome::caught)
      fmt::format_to(out, "    {:<9} {}{} (seed {}): {}\n", name(f.outcome), f.fault,
                     f.size.empty() ? "" : ", " + f.size, f.seed, f.known.empty() ? f.why : f.known);
  fmt::format_to(out, "  {} harmless meters: {} false alarms\n", m.harmless.size(), m.false_alarms());
  for (const auto& h : m.harmless)
    if (h.verdict != Verdict::pass)
      fmt::format_to(out, "    {} {} (seed {}): {}: {}\n", h.kind, h.name, h.seed, verdict_word(h.verdict), h.why);
  std::size_t not_alone = 0;
  for (const auto& step : m.steps) {
    const auto alone = m.only_by(step);
    if (alone.empty())
      ++not_alone;
    else
      fmt::format_to(out, "  step {:<44} catches {:>3}, alone {:>3}\n", step, m.caught_by(step), alone.size());
  }
  fmt::format_to(out, "  {} of {} steps catch nothing that another does not\n", not_alone, m.steps.size());
  const auto shortfalls = m.shortfalls();
  for (const auto& why : shortfalls) fmt::format_to(out, "  {}\n", why);
  return text + (shortfalls.empty() ? "QUALIFIED\n" : "NOT QUALIFIED\n");
}

}  // namespace blondel
