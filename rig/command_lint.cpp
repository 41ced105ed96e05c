#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "rig/commands.hpp"
#include "rig/lint.hpp"
#include "rig/surroundings_of.hpp"

namespace blondel {

int lint_command(const std::string& plan_path, const std::string& bench_path, bool json) {
  const auto plan = load_plan(plan_path);
  auto file = load_bench(bench_path);
  // Nothing is connected or started by being made, but everything that reads the files looks at them.
  const auto world = world_of(file, "", 1);
  Bench bench{std::move(file), *world.around};
  // Of a real bench that would open its serial ports.
  if (world.simulated)
    for (const auto& socket : bench.file().sockets) bench.open_socket(socket.position);
  const auto result = lint(plan, bench);
  if (json) {
    nlohmann::ordered_json out = {
        {"plan", plan.name}, {"bench", bench.file().name}, {"predicted_s", in_seconds(result.predicted)}};
    out["refusals"] = nlohmann::ordered_json::array();
    for (const auto& r : result.findings.refusals)
      out["refusals"].push_back({{"where", r.where}, {"fault", name(r.fault)}, {"what", r.what}});
    out["not_covered"] = result.findings.not_covered();
    std::puts(out.dump(2).c_str());
    return result.exit_code();
  }
  for (const auto& r : result.findings.refusals) fmt::print(stderr, "{}: {} ({})\n", r.where, r.what, name(r.fault));
  for (const auto& text : result.findings.not_covered()) fmt::print("not covered: {}\n", text);
  if (result.findings.refusals.empty()) {
    const auto s = static_cast<long>(in_seconds(result.predicted) + 0.5);
    fmt::print("{} on {}: {} steps, predicted bench time {} min {:02} s\n", plan.name, bench.file().name,
               plan.steps.size(), s / 60, s % 60);
  }
  return result.exit_code();
}

}  // namespace blondel
