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
    case FaultOutcome::absorbed: return "absorbed";
    case FaultOutcome::noticed: return "noticed";
    case FaultOutcome::blamed: return "blamed the meter";
    case FaultOutcome::survived: return "survived";
    case FaultOutcome::died: return "died";
  }
  return "unknown";
}

bool is_right(FaultOutcome outcome) {
  return outcome == FaultOutcome::caught || outcome == FaultOutcome::absorbed;
}

std::string FaultScope::missing() const {
  std::vector<std::string> parts;
  const auto add = [&parts](const PortionRun& portion, const char* what) {
    if (portion.whole()) return;
    parts.push_back(portion.run == 0 ? fmt::format("no {}", what)
                                     : fmt::format("{} of {} {}", portion.run, portion.of, what));
  };
  add(good, "good meters");
  add(faults, "faults");
  add(variants, "variants");
  add(twins, "twins");
  const auto text = fmt::format("{}", fmt::join(parts, ", "));
  return text.empty() || seeds == 1 ? text : fmt::format("{}, at {} seeds", text, seeds);
}

int FaultMatrix::count(FaultOutcome outcome) const {
  return static_cast<int>(std::ranges::count(faults, outcome, &FaultRow::outcome));
}

double FaultMatrix::score() const {
  const int right = count(FaultOutcome::caught) + count(FaultOutcome::absorbed);
  return faults.empty() ? 0.0 : right / static_cast<double>(faults.size());
}

bool FaultMatrix::good_passed() const {
  const auto passed = [](const HarmlessRow& row) { return row.kind != "good" || row.verdict == Verdict::pass; };
  return std::ranges::count(harmless, "good", &HarmlessRow::kind) > 0 && std::ranges::all_of(harmless, passed);
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
    if (!is_right(row.outcome) && row.outcome != FaultOutcome::died && row.known.empty()) names.insert(row.fault);
  return {names.begin(), names.end()};
}

std::vector<std::string> FaultMatrix::shortfalls() const {
  std::vector<std::string> all;
  if (!died.empty())
    all.push_back(fmt::format("{} of the runs died and prove nothing: {}", died.size(), fmt::join(died, "; ")));
  if (std::ranges::count(harmless, "good", &HarmlessRow::kind) == 0)
    all.push_back("the good meter was not run");
  else if (!good_passed())
    all.push_back("the good meter did not pass, so no other row proves anything");
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

std::string_view FaultMatrix::result() const {
  if (scope.stopped) return "stopped";
  if (!shortfalls().empty()) return "not qualified";
  return scope.missing().empty() ? "qualified" : "partial";
}

std::string FaultMatrix::word() const {
  if (scope.stopped) return "STOPPED before it was done; the same call goes on from here";
  if (!shortfalls().empty()) return "NOT QUALIFIED";
  return scope.missing().empty() ? "QUALIFIED" : "PARTIAL: thresholds met for what was run";
}

namespace {

nlohmann::ordered_json portion_json(const PortionRun& portion) {
  return {{"run", portion.run}, {"of", portion.of}};
}

nlohmann::ordered_json scope_json(const FaultScope& scope) {
  return {{"partial", scope.missing()},
          {"stopped", scope.stopped},
          {"seeds", scope.seeds},
          {"good", portion_json(scope.good)},
          {"faults", portion_json(scope.faults)},
          {"variants", portion_json(scope.variants)},
          {"twins", portion_json(scope.twins)}};
}

}  // namespace

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
          {"result", m.result()},
          {"run", scope_json(m.scope)},
          {"score", m.faults.empty() ? nlohmann::ordered_json{} : nlohmann::ordered_json(m.score())},
          {"caught", m.count(FaultOutcome::caught)},
          {"absorbed", m.count(FaultOutcome::absorbed)},
          {"noticed", m.count(FaultOutcome::noticed)},
          {"blamed", m.count(FaultOutcome::blamed)},
          {"survived", m.count(FaultOutcome::survived)},
          {"died", m.died},
          {"good_meter_passed", m.good_passed()},
          {"false_alarms", m.false_alarms()},
          {"good_meter_verdict_sets", m.good_verdicts()},
          {"thresholds", {{"at_least", m.thresholds.at_least}, {"false_alarms", m.thresholds.false_alarms}}},
          {"shortfalls", m.shortfalls()},
          {"notes", m.notes},
          {"steps", std::move(steps)},
          {"faults", std::move(faults)},
          {"harmless", std::move(harmless)}};
}

namespace {

std::string faults_text(const FaultMatrix& m) {
  if (m.faults.empty()) return "  no faults were run\n";
  std::vector<std::string> counts;
  for (const auto outcome : {FaultOutcome::caught, FaultOutcome::absorbed, FaultOutcome::noticed, FaultOutcome::blamed,
                             FaultOutcome::survived, FaultOutcome::died}) {
    const bool always = outcome != FaultOutcome::absorbed && outcome != FaultOutcome::died;
    if (always || m.count(outcome) > 0) counts.push_back(fmt::format("{} {}", m.count(outcome), name(outcome)));
  }
  auto text = fmt::format("  {} fault{}: {}; score {:.1f} %\n", m.faults.size(), m.faults.size() == 1 ? "" : "s",
                          fmt::join(counts, ", "), 100 * m.score());
  for (const auto& f : m.faults)
    if (!is_right(f.outcome))
      text += fmt::format("    {:<9} {}{} (seed {}): {}\n", name(f.outcome), f.fault,
                          f.size.empty() ? "" : ", " + f.size, f.seed, f.known.empty() ? f.why : f.known);
  return text;
}

std::string harmless_text(const FaultMatrix& m) {
  auto text = fmt::format("  {} harmless meters: {} false alarms; the good meter {}\n", m.harmless.size(),
                          m.false_alarms(), m.good_passed() ? "passed" : "DID NOT PASS");
  for (const auto& h : m.harmless)
    if (h.verdict != Verdict::pass)
      text += fmt::format("    {} {} (seed {}): {}: {}\n", h.kind, h.name, h.seed,
                          h.died ? "DIED" : verdict_word(h.verdict), h.why);
  return text;
}

std::string steps_text(const FaultMatrix& m) {
  if (m.faults.empty()) return "";
  std::string text;
  std::size_t not_alone = 0;
  for (const auto& step : m.steps) {
    const auto alone = m.only_by(step);
    if (alone.empty())
      ++not_alone;
    else
      text += fmt::format("  step {:<44} catches {:>3}, alone {:>3}\n", step, m.caught_by(step), alone.size());
  }
  return text + fmt::format("  {} of {} steps catch nothing that another does not\n", not_alone, m.steps.size());
}

}  // namespace

std::string fault_matrix_text(const FaultMatrix& m) {
  auto text = fmt::format("{} on {}\n", m.plan, m.bench) + faults_text(m) + harmless_text(m) + steps_text(m);
  for (const auto& note : m.notes) text += fmt::format("  note: {}\n", note);
  if (const auto missing = m.scope.missing(); !missing.empty()) text += fmt::format("  partial: {}\n", missing);
  for (const auto& why : m.shortfalls()) text += fmt::format("  {}\n", why);
  return text + m.word() + "\n";
}

}  // namespace blondel
