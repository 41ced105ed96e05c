#include "rig/plan.hpp"

#include <fmt/format.h>

#include <fstream>
#include <map>
#include <sstream>

#include "drivers/meters/meter.hpp"

namespace blondel {

namespace {

std::unique_ptr<Step> read_step(const Settings& item) {
  const auto keys = item.keys();
  if (keys.size() != 1) throw item.failure("expected one step by its kind, such as '- identify: {}'");
  const auto make = value_or_throw(steps().find(keys.front(), item.where()));
  const auto parameters = item.at(keys.front());
  auto step = make(parameters);
  parameters.finish();
  return step;
}

}  // namespace

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

  const auto items = file.at("steps").items();
  if (items.empty()) throw file.at("steps").failure("expected at least one step");
  std::map<std::string, std::string> names;
  for (const auto& item : items) {
    plan.steps.push_back(read_step(item));
    const auto name = plan.steps.back()->name();
    const auto [first, fresh] = names.emplace(name, item.where());
    if (!fresh) throw item.failure(fmt::format("the step name '{}' stands twice; first at {}", name, first->second));
  }
  file.finish();
  return plan;
}

}  // namespace blondel
