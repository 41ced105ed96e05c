#include "rig/plan.hpp"

#include <fstream>
#include <sstream>

#include "drivers/meters/meter.hpp"
#include "rig/plan_steps.hpp"

namespace blondel {

Plan load_plan(const std::string& path) {
  const auto file = Settings::load(path);
  Plan plan;
  plan.path = path;
  std::ifstream stream{path, std::ios::binary};
  std::ostringstream text;
  text << stream.rdbuf();
  plan.text = text.str();

  plan.name = file.at("plan").text();
  const auto meter = file.at("meter");
  plan.meter = meter.text();
  value_or_throw(meters().find(plan.meter, meter.where()));
  plan.on_fail = file.at("on_fail").one_of({"go on", "stop"}) == 0 ? Plan::OnFail::go_on : Plan::OnFail::stop;
  plan.leave =
      file.at("leave_meter").one_of({"as found", "shipping"}) == 0 ? Plan::Leave::as_found : Plan::Leave::shipping;
  const auto rule = file.at("decision_rule");
  plan.rule = value_or_throw(parse_decision_rule(rule.text(), rule.where()));

  if (const auto overdue = file.find("overdue_certificates"))
    plan.overdue_allowed = overdue->one_of({"refused", "allowed"}) == 1;

  if (const auto limit = file.find("time_limit")) plan.time_limit = Plan::TimeLimit{limit->duration(), limit->where()};
  if (const auto qualify = file.find("qualify")) plan.qualify = read_qualification(*qualify);
  plan.steps = read_steps(file.at("steps"));
  file.finish();
  return plan;
}

}  // namespace blondel
