#include "rig/steps/moment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "drivers/time/together.hpp"
#include "rig/port_time.hpp"
#include "rig/steps/meter_points.hpp"
#include "rig/steps/reference_window.hpp"

namespace blondel {

using namespace std::chrono_literals;

namespace {

/// The first of the points that this firmware does not have, or null.
const RegisterPoint* missing(const std::vector<std::string>& points, int firmware) {
  for (const auto& name : points)
    if (const auto& point = meter_map().at(name); !in_firmware(point, firmware)) return &point;
  return nullptr;
}

Task<void> read_one(Run& run, const Position& position, std::vector<std::string> points, Moment::AtPosition& into,
                    Position& judged) {
  if (missing(points, position.firmware)) co_return;
  for (const auto& name : points_for_the_oracle())
    if (std::ranges::find(points, name) == points.end()) points.push_back(name);
  into.begin = run.clock.now();
  into.values = co_await run.read(judged, std::move(points));
  into.end = run.clock.now();
  into.read = true;
}

Task<void> watch_meters(Run& run, Run::Body watch, Time by, Run::Troubles& troubles) {
  troubles = co_await run.side_by_side(std::move(watch), by);
}

/// How many requests it takes to read points: what lies far apart in the map is asked for apart.
int requests_for(std::vector<std::string> points) {
  const auto& others = points_for_the_oracle();
  points.insert(points.end(), others.begin(), others.end());
  std::vector<int> addresses;
  for (const auto& name : points) addresses.push_back(meter_map().at(name).address);
  std::ranges::sort(addresses);
  constexpr int far_apart = 50;
  int requests = 1;
  for (std::size_t i = 1; i < addresses.size(); ++i)
    if (addresses[i] - addresses[i - 1] > far_apart) ++requests;
  return requests;
}

}  // namespace

Duration moment_slot(const BenchFile& bench, const std::vector<std::string>& points) {
  constexpr int block = 52;
  constexpr Duration three_readings = 6600ms;
  // What was read before an answer was lost is read once more.
  const int requests = 2 * requests_for(points) - 1;
  return std::max<Duration>(PortTime{bench}.slot(requests, block),
                            std::chrono::ceil<std::chrono::seconds>(three_readings + Run::settling));
}

Task<void> watch_truth(Run& run, Moment& moment, Time end) {
  if (!run.stimulus.present()) co_return;
  moment.load = run.stimulus.present();
  moment.truth = co_await collect_reference(run, end);
}

void note_moment(Run& run, const Moment& moment, const std::string& what) {
  if (!moment.truth.empty()) {
    const auto mean = mean_of(moment.truth);
    nlohmann::ordered_json values = {{"frequency_hz", mean.frequency.si()}, {"active_w", mean.active_total.si()}};
    for (std::size_t k = 0; k < 3; ++k) {
      values["voltage_v"].push_back(mean.voltage[k].si());
      values["current_a"].push_back(mean.current[k].si());
      values["lag_rad"].push_back(mean.lag[k].si());
    }
    run.record.add("reading", {{"position", 0}, {"what", what + ", by the reference meter"}, {"values", values}});
  }
  for (std::size_t i = 0; i < run.positions.size(); ++i) {
    if (!moment.at[i].read) continue;
    nlohmann::ordered_json values = nlohmann::ordered_json::object();
    for (const auto& [name, value] : moment.at[i].values)
      values[name] = std::isfinite(value) ? nlohmann::ordered_json(value) : nlohmann::ordered_json();
    run.record.add("reading", {{"position", run.positions[i].number}, {"what", what}, {"values", std::move(values)}});
  }
  run.record.commit();
}

Task<std::shared_ptr<Moment>> take_moment(Run& run, std::vector<std::string> points, std::string what, Time end) {
  auto moment = std::make_shared<Moment>();
  moment->at.resize(run.positions.size());
  const Run::Body body = [&run, &points, &moment](Position& position) {
    auto& into = moment->at[static_cast<std::size_t>(&position - run.positions.data())];
    return read_one(run, position, points, into, position);
  };
  Run::Troubles troubles;
  const Time by = end - Run::settling;
  std::vector<Task<void>> both;
  both.push_back(watch_truth(run, *moment, by));
  both.push_back(watch_meters(run, body, by, troubles));
  co_await together(run.clock, std::move(both));
  // Nobody is judged by a moment in which the source tripped.
  if (run.stimulus.live()) co_await run.bench.source().check();
  note_moment(run, *moment, what);
  co_await run.settle(what, std::move(troubles));
  for (auto& position : run.positions)
    if (const auto* point = missing(points, position.firmware); point && !position.lost)
      run.judge(position, Verdict::skipped,
                fmt::format("{}: register {} ({}) does not exist in firmware {:.3f}", what, point->number, point->name,
                            position.firmware / 1000.0));
  co_return moment;
}

}  // namespace blondel
