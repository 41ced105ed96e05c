#include "rig/lint.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "references/quantity_text.hpp"
#include "rig/executive.hpp"
#include "rig/traceability.hpp"

namespace blondel {

using namespace std::chrono_literals;

int LintResult::exit_code() const {
  int code = 0;
  for (const auto& refusal : findings.refusals) {
    const int own = exit_code_of(refusal.fault);
    // What is malformed is told first: what follows from it may not mean anything.
    code = code == 0 ? own : std::min(code, own);
  }
  return code;
}

namespace {

/// What a real bench cannot do yet is told before anything is energised.
void refuse_absent_inputs(const BenchFile& bench, Findings& findings) {
  if (bench.simulation) return;
  for (const auto& socket : bench.sockets)
    if (!socket.alarm.empty())
      findings.refusals.push_back({Fault::incapable, socket.settings.at("alarm").where(),
                                   "contact inputs of real benches are not supported yet; expected no alarm"});
}

}  // namespace

LintResult lint(const Plan& plan, const Bench& bench) {
  LintResult result;
  if (plan.meter != bench.file().meter)
    result.findings.refusals.push_back({Fault::malformed, plan.path,
                                        fmt::format("the plan is for meters '{}', the bench {} is for '{}'", plan.meter,
                                                    bench.file().path, bench.file().meter)});
  for (auto& refusal : Traceability{bench}.refusals(plan.overdue_allowed))
    result.findings.refusals.push_back({refusal.fault, std::move(refusal.where), std::move(refusal.what)});
  refuse_absent_inputs(bench.file(), result.findings);
  Outlook outlook{.source = bench.source().forecast(), .rule = plan.rule};
  for (const auto& step : plan.steps) {
    if (!step->leaves_the_load()) outlook.load = 0;
    step->check(bench, outlook, result.findings);
  }
  if (!result.findings.refusals.empty()) return result;
  // Opening the instruments at the start, and the way down at the end.
  result.predicted = 1s + Executive::way_down_estimate;
  Outlook fresh{.source = bench.source().forecast(), .rule = plan.rule};
  for (const auto& step : plan.steps) result.predicted += step->predict(bench, fresh) + step->predict_conclusion();
  if (plan.time_limit && result.predicted > plan.time_limit->most)
    result.findings.refusals.push_back({Fault::malformed, plan.time_limit->where,
                                        fmt::format("expected a plan of at most {}; it is predicted to take {:.0f} s",
                                                    show(plan.time_limit->most), in_seconds(result.predicted))});
  return result;
}

}  // namespace blondel
