#include "rig/run.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <set>

#include "drivers/modbus/modbus_client.hpp"
#include "drivers/time/together.hpp"
#include "rig/in_time.hpp"

namespace blondel {

using namespace std::chrono_literals;

namespace {

bool is_communication(const Failure& failure) {
  return failure.error.fault == Fault::timeout || failure.error.fault == Fault::protocol;
}

/// Its line has gone, with the adapter or without.
bool is_gone(const Failure& failure, const Position& position) {
  return failure.error.fault == Fault::unreachable && position.meter->link().gone;
}

Failure out_of_time(const Position& position, const std::vector<std::string>& remarks) {
  return Failure{Fault::timeout, fmt::format("position {}", position.number),
                 "not done at the end of its slot" + (remarks.empty() ? std::string{} : ", " + remarks.back())};
}

bool is_timeout(const std::exception_ptr& failed) {
  try {
    if (failed) std::rethrow_exception(failed);
  } catch (const Failure& failure) {
    return failure.error.fault == Fault::timeout;
  }
  return false;
}

/// Of a meter that answers: what was lost is lost on the line.
std::exception_ptr lost_on_the_line(const std::exception_ptr& failed, const Position& position, int asked, int silent) {
  try {
    std::rethrow_exception(failed);
  } catch (const Failure& failure) {
    return std::make_exception_ptr(
        Failure{Fault::protocol, fmt::format("position {}", position.number),
                fmt::format("{} of {} requests stayed without an answer, the meter answers others: {}", silent, asked,
                            failure.what())});
  }
}

/// Asks a meter that left a question without an answer three times for one register, as far as there is time for it.
/// On a shared port, what is asked last must be over, with the rest behind a silence, before anybody else needs the
/// line.
Task<void> probe(Clock& clock, Position& position, Time by, bool shared, bool& answers) {
  const std::vector<std::string> version = {"firmware_version_os"};
  const Duration longest = position.meter->answer_limit() + (shared ? longest_link_delay : Duration{});
  for (int n = 0; n < 3 && !answers && (by == never || clock.now() + longest <= by); ++n) {
    try {
      co_await position.meter->read(version);
      answers = true;
    } catch (const Failure& failure) {
      // A refusal is an answer too.
      answers = failure.error.fault == Fault::rejected;
      if (!answers && !is_communication(failure)) co_return;
    }
  }
}

Task<void> probe_until(Clock& clock, Position& position, Time by, bool shared, bool& answers) {
  co_await in_time(clock, probe(clock, position, by, shared, answers), by, {position.number, 0});
}

}  // namespace

Task<void> Run::attempt(Position& position, Body body, Time by, std::exception_ptr& failed) {
  try {
    const bool done = co_await in_time(clock, body(position), by, {position.number, 0});
    if (!done) failed = std::make_exception_ptr(out_of_time(position, remarks_[position.number]));
  } catch (const Failure& failure) {
    const bool by_the_meter =
        is_communication(failure) || failure.error.fault == Fault::rejected || is_gone(failure, position);
    if (!by_the_meter) throw;
    failed = std::current_exception();
  }
}

Task<void> Run::self_check(const std::vector<int>& silent) {
  for (const int number : silent) {
    const bool powered = co_await bench.control_power().is_on(number);
    if (!powered)
      throw Failure{Fault::instrument, "control power", fmt::format("position {} has no control power", number)};
  }
  if (stimulus.live()) co_await bench.source().check();
  co_await bench.reference().latest();
}

Task<void> Run::each(std::string what, Body body, Time slot_end) {
  const Time by = slot_end == never ? never : slot_end - settling;
  auto troubles = co_await side_by_side(std::move(body), by);
  co_await settle(std::move(what), std::move(troubles));
}

Task<Run::Troubles> Run::side_by_side(Body body, Time by) {
  Troubles failed(positions.size());
  for (const auto& position : positions) links_[position.number] = position.meter->link();
  std::vector<Task<void>> tasks;
  for (std::size_t i = 0; i < positions.size(); ++i)
    if (!positions[i].lost) tasks.push_back(attempt(positions[i], body, by, failed[i]));
  co_await together(clock, std::move(tasks));

  // Behind all others, so that a meter that fell silent costs its neighbours on the port nothing.
  std::vector<std::size_t> silent;
  for (std::size_t i = 0; i < positions.size(); ++i)
    if (is_timeout(failed[i]) && !positions[i].meter->link().gone) silent.push_back(i);
  const auto answers = std::make_unique<bool[]>(positions.size());
  std::vector<Task<void>> probes;
  const bool shared = bench.file().most_on_one_port() > 1;
  for (const auto i : silent) probes.push_back(probe_until(clock, positions[i], by, shared, answers[i]));
  co_await together(clock, std::move(probes));
  for (const auto i : silent) {
    const auto now = positions[i].meter->link();
    const auto& before = links_[positions[i].number];
    const int lost = now.silent - before.silent, answered = now.asked - before.asked - lost;
    // Of a meter that falls silent all that was lost was lost in a row; before that it answered.
    const auto remarked = static_cast<int>(remarks_[positions[i].number].size());
    const bool lossy = answered > 0 && remarked - positions[i].losses >= 2;
    if (answers[i] || lossy) failed[i] = lost_on_the_line(failed[i], positions[i], now.asked - before.asked, lost);
  }
  co_return failed;
}

namespace {

/// What others met on the port of a position since they were set going.
std::string neighbours_fault(const Run& run, const Position& position, const std::map<int, LinkRecord>& links) {
  const auto port_of = [&](const Position& p) -> const std::string& {
    return run.bench.file().sockets[static_cast<std::size_t>(p.number) - 1].port;
  };
  for (const auto& other : run.positions) {
    if (other.number == position.number || port_of(other) != port_of(position)) continue;
    const auto now = other.meter->link();
    const auto from = links.find(other.number);
    const int before = from == links.end() ? 0 : from->second.struck();
    if (now.gone || now.struck() > before)
      return fmt::format("position {} on the same port: {}", other.number, now.gone ? "the line is gone" : now.name());
  }
  return {};
}

}  // namespace

std::string Run::link_fault(const Position& position) const {
  const auto now = position.meter->link();
  if (now.gone) return "the line is gone";
  const auto from = links_.find(position.number);
  const auto before = from == links_.end() ? LinkRecord{} : from->second;
  const int struck = now.struck() - before.struck(), silent = now.silent - before.silent;
  // A meter that dies in the middle of an answer spoils one and is silent from there on.
  if (struck <= 0 || 2 * struck < silent) return neighbours_fault(*this, position, links_);
  return fmt::format("{}; {} answers came spoiled or late, of {} requests", now.name(), now.struck(), now.asked);
}

Task<void> Run::settle(std::string what, Troubles failed) {
  for (auto& [number, texts] : remarks_)
    for (auto& text : texts) record.add("event", {{"level", "warning"}, {"position", number}, {"text", text}});
  remarks_.clear();
  std::vector<int> silent;
  std::map<std::size_t, std::string> reasons;
  std::set<std::size_t> garbled, gone;
  for (std::size_t i = 0; i < positions.size(); ++i) {
    if (!failed[i]) continue;
    try {
      std::rethrow_exception(failed[i]);
    } catch (const Failure& failure) {
      reasons[i] = failure.what();
      if (is_communication(failure)) silent.push_back(positions[i].number);
      if (failure.error.fault == Fault::protocol) garbled.insert(i);
      if (failure.error.fault == Fault::unreachable) gone.insert(i);
    }
  }
  // Before a meter is blamed for silence, the bench proves that it is not the bench.
  if (!silent.empty()) co_await self_check(silent);
  for (const auto& [i, reason] : reasons) {
    const bool lost = gone.contains(i) || std::ranges::find(silent, positions[i].number) != silent.end();
    positions[i].lost = positions[i].lost || lost;
    const auto known = lost ? bench.known_trouble(positions[i].number) : std::string{};
    // Who answers nonsense time and again has a bad link: that is said of the bench and never of the metering.
    const auto link = lost && known.empty() ? link_fault(positions[i]) : std::string{};
    if (!link.empty() || (known.empty() && garbled.contains(i))) {
      judge(positions[i], Verdict::error,
            fmt::format("link: {}: {}{}{}{}", what, link, link.empty() ? "" : " (", reason, link.empty() ? "" : ")"));
      continue;
    }
    judge(positions[i], Verdict::fail,
          known.empty() ? fmt::format("{}: {}: {}", lost ? "communication" : "refused", what, reason)
                        : fmt::format("firmware: {}", known));
  }
}

Task<std::map<std::string, double>> Run::read(Position& position, std::vector<std::string> points) {
  for (int attempt = 1;; ++attempt) {
    std::string trouble;
    try {
      auto values = co_await position.meter->read(points);
      position.losses = 0;
      co_return values;
    } catch (const Failure& failure) {
      if (is_communication(failure)) ++position.losses;
      if (attempt == 3 || !is_communication(failure)) throw;
      trouble = failure.what();
    }
    remarks_[position.number].push_back(fmt::format("asked again after: {}", trouble));
  }
}

Task<void> Run::look(Position& position, std::string point, double& value) {
  const std::vector<std::string> points = {point};
  const auto values = co_await position.meter->read(points);
  value = values.at(point);
}

Task<std::optional<double>> Run::glance(Position& position, std::string point, Time by) {
  double value{};
  std::string trouble = "no answer before the end of the window";
  try {
    const bool answered = co_await in_time(clock, look(position, point, value), by, {position.number, 0});
    if (answered) {
      position.losses = 0;
      co_return value;
    }
    if (++position.losses >= 3)
      throw Failure{Fault::timeout, fmt::format("position {}", position.number), "three answers lost in a row"};
  } catch (const Failure& failure) {
    if (!is_communication(failure) || position.losses >= 3 || ++position.losses >= 3) throw;
    trouble = failure.what();
  }
  remarks_[position.number].push_back(fmt::format("a reading was lost: {}", trouble));
  co_return std::nullopt;
}

Task<Identity> Run::identify(Position& position, Time limit) {
  for (int attempt = 1;; ++attempt) {
    std::string trouble;
    // On a shared port its turn may come late; an answer has its whole time all the same.
    const Time by = std::max<Time>(limit, clock.now() + position.meter->answer_limit());
    try {
      auto identity = co_await position.meter->identify(by);
      position.losses = 0;
      co_return identity;
    } catch (const Failure& failure) {
      if (is_communication(failure)) ++position.losses;
      if ((attempt > 1 && clock.now() >= limit) || !is_communication(failure)) throw;
      trouble = failure.what();
    }
    remarks_[position.number].push_back(fmt::format("asked again after: {}", trouble));
  }
}

namespace {

Task<void> write_again(Position& position, std::vector<std::pair<std::string, double>> points,
                       std::vector<std::string>& remarks) {
  for (int attempt = 1;; ++attempt) {
    std::string trouble;
    try {
      co_await position.meter->write(points);
      position.losses = 0;
      co_return;
    } catch (const Failure& failure) {
      if (is_communication(failure)) ++position.losses;
      if (attempt == 3 || !is_communication(failure)) throw;
      trouble = failure.what();
    }
    remarks.push_back(fmt::format("written again after: {}", trouble));
  }
}

/// Writes them. @returns what a meter that refuses one of them says; nothing when all were taken.
Task<std::exception_ptr> refusal(Position& position, std::vector<std::pair<std::string, double>> points,
                                 std::vector<std::string>& remarks) {
  try {
    co_await write_again(position, std::move(points), remarks);
  } catch (const Failure& failure) {
    if (failure.error.fault != Fault::rejected) throw;
    co_return std::current_exception();
  }
  co_return nullptr;
}

}  // namespace

Task<void> Run::write(Position& position, std::vector<std::pair<std::string, double>> points) {
  auto& remarks = remarks_[position.number];
  auto failed = co_await refusal(position, points, remarks);
  if (!failed || points.size() == 1) {
    if (failed) std::rethrow_exception(failed);
    co_return;
  }
  while (!points.empty()) {
    std::vector<std::pair<std::string, double>> refused;
    for (const auto& point : points) {
      const std::vector<std::pair<std::string, double>> alone = {point};
      const auto again = co_await refusal(position, alone, remarks);
      if (!again) continue;
      if (refused.empty()) failed = again;
      refused.push_back(point);
    }
    if (refused.size() == points.size()) std::rethrow_exception(failed);
    points = std::move(refused);
  }
}

Task<void> Run::configure(Position& position, std::vector<std::pair<std::string, double>> wanted) {
  std::vector<std::string> names;
  for (const auto& [point, value] : wanted) names.push_back(point);
  const auto old = co_await read(position, names);
  std::vector<std::pair<std::string, double>> changes;
  for (const auto& [point, value] : wanted) {
    if (old.at(point) == value) continue;
    if (!std::isfinite(old.at(point)))
      throw Failure{Fault::rejected, fmt::format("position {}", position.number),
                    fmt::format("{} has no value that could be put back", point)};
    changes.emplace_back(point, value);
    record.add("change", {{"position", position.number}, {"point", point}, {"old", old.at(point)}, {"new", value}});
    const auto same = [&name = point](const auto& entry) { return entry.first == name; };
    if (std::ranges::none_of(position.found, same)) position.found.emplace_back(point, old.at(point));
  }
  if (changes.empty()) co_return;
  record.commit();
  co_await write(position, changes);
  const auto now = co_await read(position, names);
  for (const auto& [point, value] : wanted)
    if (now.at(point) != value)
      throw Failure{Fault::rejected, fmt::format("position {}", position.number),
                    fmt::format("{} was written as {} and reads back as {}", point, value, now.at(point))};
}

void Run::judge(Position& position, Verdict verdict, const std::string& cause) {
  if (verdict == Verdict::pass) return;
  record.add("finding", {{"position", position.number}, {"verdict", name(verdict)}, {"cause", cause}});
  if (verdict > position.verdict) {
    position.verdict = verdict;
    position.cause = cause;
  }
}

void Run::judge(Position& position, const Measurement& measurement) {
  record.add(measurement);
  ++position.measurements;
  if (measurement.verdict > position.verdict) {
    position.verdict = measurement.verdict;
    const auto by = measurement.method.empty() ? "" : " by " + measurement.method;
    position.cause = measurement.why_not.empty()
                         ? fmt::format("{} at {}{}: {:.3f} {}", measurement.name, measurement.point, by,
                                       measurement.value, measurement.unit)
                         : fmt::format("no measurement{} at {}: {}", by, measurement.point, measurement.why_not);
  }
}

void Run::inform(Position& position, const Measurement& measurement) {
  record.add(measurement);
  ++position.measurements;
}

bool Run::any_failed() const {
  return std::ranges::any_of(positions, [](const Position& p) { return p.verdict > Verdict::inconclusive; });
}

Task<void> Run::until(Time slot_end, std::string what) {
  if (clock.now() > slot_end) {
    record.add("event",
               {{"level", "warning"},
                {"text", fmt::format("{} overran its slot by {:.3f} s", what, in_seconds(clock.now() - slot_end))}});
    co_return;
  }
  progress.toward(slot_end);
  co_await clock.pause_until(slot_end, {}, what);
}

}  // namespace blondel
