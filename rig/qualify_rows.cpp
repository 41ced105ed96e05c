#include "rig/qualify_rows.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace blondel {

namespace {

using Answer = sim::CataloguedFault::Answer;

std::string size_text(const sim::CataloguedFault& fault, double size) {
  return fault.unit.empty() || size == 0 ? std::string{} : fmt::format("{:.4g} {}", size, fault.unit);
}

/// How a bench file's `faults` would say it.
std::string entry_of(const sim::CataloguedFault& entry, const sim::PlannedFault& fault) {
  std::string text = "{part: " + fault.part;
  if (fault.position > 0) text += fmt::format(", position: {}", fault.position);
  text += fmt::format(", fault: \"{}\"", fault.fault);
  if (!entry.unit.empty())
    text += entry.unit == "counts" ? fmt::format(", size: {:.6g}", fault.size)
                                   : fmt::format(", size: {:.6g} {}", fault.size, entry.unit);
  if (entry.rate < 1) text += fmt::format(", rate: {:.3g} %", 100 * entry.rate);
  if (fault.at > Time{}) text += fmt::format(", at: {:.0f} s", in_seconds(fault.at.time_since_epoch()));
  return text + "}";
}

/// Whether a run ended as the good meter's did: the same verdicts, and no number off by more than its uncertainty.
bool same_as(const CaseResult& good, const CaseResult& result) {
  const auto near = [](const JudgedNumber& a, const JudgedNumber& b) {
    return a.name == b.name && std::abs(a.value - b.value) <= std::max(a.expanded_uncertainty, b.expanded_uncertainty);
  };
  return result.verdicts == good.verdicts && std::ranges::equal(result.numbers, good.numbers, near);
}

FaultOutcome outcome_of(const sim::CataloguedFault& fault, const CaseResult& result, const CaseResult& good) {
  if (result.died) return FaultOutcome::died;
  const bool failed = result.any(Verdict::fail) || result.verdict == Verdict::fail;
  if (fault.answer != Answer::fail) {
    if (failed) return FaultOutcome::blamed;
    if (result.verdict != Verdict::pass) return FaultOutcome::caught;
    const bool absorbed = fault.answer == Answer::stop_or_absorb && same_as(good, result);
    return absorbed ? FaultOutcome::absorbed : FaultOutcome::survived;
  }
  return failed                            ? FaultOutcome::caught
         : result.verdict == Verdict::pass ? FaultOutcome::survived
                                           : FaultOutcome::noticed;
}

std::vector<std::string> steps_that_caught(const sim::CataloguedFault& fault, const CaseResult& result) {
  std::vector<std::string> steps;
  for (const auto& step : result.steps) {
    const bool caught = fault.answer == Answer::fail ? step.worst == Verdict::fail : step.worst > Verdict::skipped;
    const auto block = block_of(step.step);
    if (caught && std::ranges::find(steps, block) == steps.end()) steps.push_back(block);
  }
  return steps;
}

}  // namespace

std::string block_of(const std::string& step) {
  const auto head = step.substr(0, step.find(" / "));
  if (head == step) return step;
  // "NAME word=value" of a for_each, "NAME 2 of 3" of a repeat.
  const auto pass = head.find('=') != std::string::npos ? head.find('=') : head.rfind(" of ");
  const auto word = pass == std::string::npos || pass == 0 ? pass : head.rfind(' ', pass - 1);
  return head.substr(0, word);
}

FaultRow row_of(const SizedFault& sized, const CaseResult& result, const CaseResult& good,
                const Qualification& promised) {
  const auto& fault = *sized.fault;
  FaultRow row;
  row.fault = sized.c.name;
  row.group = name(fault.group);
  row.statement = fault.statement;
  row.reference = fault.reference;
  row.size = size_text(fault, sized.c.fault->size);
  row.judged_by = sized.judged_by;
  row.seed = sized.c.seed;
  row.outcome = outcome_of(fault, result, good);
  row.verdict = result.verdict;
  row.why = result.why;
  if (row.outcome == FaultOutcome::caught) row.caught_by = steps_that_caught(fault, result);
  for (const auto& survivor : promised.survivors)
    if (survivor.fault == row.fault) row.known = survivor.because;
  row.entry = entry_of(fault, *sized.c.fault);
  return row;
}

HarmlessRow row_of(const QualifyCase& c, const CaseResult& result) {
  HarmlessRow row;
  row.kind = name(c.kind);
  row.name = c.name + (c.kind == QualifyCase::Kind::twin ? fmt::format(" ({:.4g})", c.fault->size) : std::string{});
  row.seed = c.seed;
  row.verdict = result.verdict;
  row.why = result.why;
  row.verdicts = result.verdicts;
  row.died = result.died;
  return row;
}

}  // namespace blondel
