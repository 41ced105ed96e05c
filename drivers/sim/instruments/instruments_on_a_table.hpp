#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "drivers/sim/circuit/circuit.hpp"
#include "drivers/time/background.hpp"
#include "drivers/transport/memory_wire.hpp"
#include "drivers/transport/surroundings.hpp"
#include "references/error.hpp"

// What the tests of instruments and of their drivers stand on: an ideal circuit, and wires to simulators.

namespace blondel::sim {

/// A circuit without errors: the reference sees what the source was told, from the instant on that was asked for.
class IdealCircuit final : public Circuit {
 public:
  void set(const SetPoint& target, Time at) override {
    if (at < latest_notice()) late = true;
    std::erase_if(told_, [at](const auto& entry) { return entry.first >= at; });
    told_.emplace_back(at, target);
    target_ = target;
  }
  const SetPoint& target() const override { return target_; }
  bool dead(Time at) const override { return !at_instant(at).on; }
  std::vector<Stretch> at_reference(Time from, Time to) const override {
    std::vector<Stretch> stretches;
    for (Time begin = from; begin < to;) {
      Time end = to;
      for (const auto& [at, point] : told_)
        if (at > begin && at < end) end = at;
      const auto point = at_instant(begin);
      Stretch stretch{begin, end, point.frequency_hz, {}};
      if (point.on) stretch.channels = point.channels;
      stretches.push_back(std::move(stretch));
      begin = end;
    }
    return stretches;
  }
  void set_control_power(int position, bool on, Time at) override {
    if (at < latest_notice()) late = true;
    power_[position] = on;
  }
  bool control_power(int position, Time) const override {
    const auto found = power_.find(position);
    return found != power_.end() && found->second;
  }

  /// What the source's terminals give at an instant.
  SetPoint at_instant(Time at) const {
    SetPoint point;
    for (const auto& [from, told] : told_)
      if (from <= at) point = told;
    return point;
  }

  const Clock* clock = nullptr;  ///< where it is set, changes without notice are noticed
  bool late = false;

 private:
  Time latest_notice() const { return clock ? clock->now() + notice : Time::min(); }
  SetPoint target_;
  std::vector<std::pair<Time, SetPoint>> told_;
  std::map<int, bool> power_;
};

/// Addresses that lead to simulators over memory wires.
class Table final : public Surroundings {
 public:
  explicit Table(Clock& clock) : clock_{clock}, sessions_{clock} {}

  void place(const std::string& address, std::function<Task<void>(std::unique_ptr<ByteStream>)> serve) {
    instruments_[address] = std::move(serve);
  }
  /// From now on nobody answers there.
  void remove(const std::string& address) { instruments_.erase(address); }

  Clock& clock() override { return clock_; }
  Task<std::unique_ptr<ByteStream>> connect(std::string address, Order order, Time) override {
    const auto found = instruments_.find(address);
    if (found == instruments_.end()) throw Failure{Fault::unreachable, address, "nobody is there"};
    auto [here, there] = memory_wire(clock_, address, ++connections, order);
    sessions_.spawn(found->second(std::move(there)));
    co_return std::move(here);
  }
  std::unique_ptr<ModbusLine> rs485(const std::string& device, Order) override {
    throw Failure{Fault::unreachable, device, "there is no such line on this table"};
  }
  std::unique_ptr<PulseInput> contact(const std::string& line, Order) override {
    throw Failure{Fault::unreachable, line, "there is no such contact on this table"};
  }

  std::uint64_t connections = 0;

 private:
  Clock& clock_;
  std::map<std::string, std::function<Task<void>(std::unique_ptr<ByteStream>)>> instruments_;
  Background sessions_;
};

}  // namespace blondel::sim
