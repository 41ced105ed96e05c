#include "drivers/sim/instruments/error_calculator_sim.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>

namespace blondel::sim {

using namespace std::chrono_literals;

namespace {

constexpr double most_counts = 4294967295.0;  // 32-bit counters

/// A unit of the meter's constant by the kind of power that the reference's pulses stand for.
struct ConstantUnit {
  const char *pulses_per_energy, *energy_per_pulse;
};
constexpr ConstantUnit constant_units[] = {{"I/kWh", "Wh/I"}, {"I/kVarh", "Varh/I"}, {"I/kVAh", "VAh/I"}};
constexpr const char* reference_sources[] = {"P", "Q", "S"};

std::string calculator_figure(double value) {
  return fmt::format("{:.10g}", value);
}

std::string input_name(int input) {
  return fmt::format("SC{}", input + 1);
}

int input_number(const std::string& name) {
  for (int n = 0; n < ErrorCalculatorSim::inputs; ++n)
    if (name == input_name(n)) return n;
  return -1;
}

/// As Call::word() spells what was sent.
std::string capitals(std::string text) {
  for (auto& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return text;
}

}  // namespace

double ErrorCalculatorSim::Instance::target() const {
  const double per_kwh = energy_per_pulse ? 1000 / constant : constant;
  return std::floor(reference_constant * pulses_wanted / per_kwh);
}

ErrorCalculatorSim::ErrorCalculatorSim(Clock& clock, Energy energy) : clock_{clock}, energy_{std::move(energy)} {}

void ErrorCalculatorSim::wire(const std::string& input, std::shared_ptr<CalculatorInput> contact) {
  const int n = input_number(input);
  if (n < 0) throw std::logic_error{"the error calculator has no input " + input};
  wired_[static_cast<std::size_t>(n)] = {std::move(contact)};
}

bool ErrorCalculatorSim::has(const std::string& input) {
  return input_number(input) >= 0;
}

void ErrorCalculatorSim::advance(Instance& instance, Time to) {
  if (to <= instance.reached) return;
  instance.energy += std::abs(energy_(instance.power, instance.reached, to));
  instance.reached = to;
}

void ErrorCalculatorSim::take(Instance& instance, const ContactEdge& edge) {
  if (!instance.counts() || !edge.closed || edge.at <= instance.started_at) return;
  advance(instance, edge.at);
  instance.last = edge.at;
  if (instance.status == armed) {
    instance.status = started;
    instance.first = edge.at;
    instance.first_energy = instance.energy;
    return;
  }
  instance.pulses += 1;
  if (instance.pulses == instance.pulses_wanted) finish(instance);
}

void ErrorCalculatorSim::finish(Instance& instance) {
  const double c = instance.reference_constant;
  const double counted = std::floor(c * instance.energy) - std::floor(c * instance.first_energy);
  instance.status = ready;
  instance.final_energy = counted / c;
  instance.result = counted > 0 ? (instance.target() - counted) / counted * 100 : std::nan("");
}

void ErrorCalculatorSim::start(Instance& instance) {
  if (instance.counts()) throw Refusal{-221, "it counts already"};
  if (!(instance.target() >= 1 && instance.target() <= most_counts))
    throw Refusal{-222, "a target of 1 to 4294967295 pulses of the reference"};
  instance.status = armed;
  instance.started_at = instance.reached = clock_.now();
  instance.energy = instance.pulses = 0;
  instance.result.reset();
  auto& wired = wired_[static_cast<std::size_t>(instance.input)];
  if (wired.contact && !std::exchange(wired.followed, true)) wired.contact->follow();
}

void ErrorCalculatorSim::stop(Instance& instance, Status as) {
  if (instance.counts()) instance.status = as;
  release_inputs();
}

void ErrorCalculatorSim::release_inputs() {
  for (int n = 0; n < inputs; ++n) {
    auto& wired = wired_[static_cast<std::size_t>(n)];
    const bool needed = std::ranges::any_of(instances_, [&](const auto& i) { return i.counts() && i.input == n; });
    if (wired.followed && !needed) {
      wired.followed = false;
      wired.contact->leave();
    }
  }
}

void ErrorCalculatorSim::change_constant(double pulses_per_kwh) {
  for (auto& instance : instances_) {
    if (instance.reference_constant == pulses_per_kwh) continue;
    if (instance.counts()) instance.status = aborted;
    instance.reference_constant = pulses_per_kwh;
  }
  release_inputs();
}

Task<void> ErrorCalculatorSim::catch_up() {
  for (int n = 0; n < inputs; ++n) {
    const auto wired = wired_[static_cast<std::size_t>(n)];
    if (!wired.followed) continue;
    const auto edges = co_await wired.contact->edges();
    for (auto& instance : instances_)
      if (instance.input == n)
        for (const auto& edge : edges) take(instance, edge);
  }
  for (auto& instance : instances_)
    if (instance.counts()) advance(instance, clock_.now());
  release_inputs();
}

ErrorCalculatorSim::Instance& ErrorCalculatorSim::instance(const Call& call) {
  const int number = call.suffixes.at(0);
  if (number < 1 || number > instances) throw Refusal{-114, fmt::format("{} calculators", instances)};
  return instances_[static_cast<std::size_t>(number) - 1];
}

void ErrorCalculatorSim::add_query(ScpiServer& server, const std::string& key,
                                   std::function<std::string(Instance&)> answer) {
  server.add({.pattern = "CALCulate:EC01:#:" + key + "?",
              .processing = 3ms,
              .execute = [this, answer = std::move(answer)](const Call& call) { return answer(instance(call)); },
              .before = [this] { return catch_up(); }});
}

void ErrorCalculatorSim::add_setting(ScpiServer& server, const std::string& key,
                                     std::function<void(Instance&, const Call&)> set) {
  server.add({.pattern = "CALCulate:EC01:#:" + key,
              .fewest = 1,
              .most = 1,
              .processing = 5ms,
              .execute =
                  [this, set = std::move(set)](const Call& call) {
                    auto& there = instance(call);
                    if (there.counts()) throw Refusal{-221, "it counts"};
                    set(there, call);
                    return std::string{};
                  },
              .before = [this] { return catch_up(); }});
}

void ErrorCalculatorSim::add_number(ScpiServer& server, const std::string& key, double Instance::*value, double least,
                                    double most, bool whole) {
  add_setting(server, key, [value, least, most, whole](Instance& there, const Call& call) {
    const double number = call.number(0);
    if (!(number >= least && number <= most) || (whole && number != std::floor(number)))
      throw Refusal{-222, fmt::format("{:g} to {:g}{}", least, most, whole ? ", whole" : "")};
    there.*value = number;
  });
  add_query(server, key, [value](Instance& there) { return calculator_figure(there.*value); });
}

void ErrorCalculatorSim::add_settings(ScpiServer& server) {
  add_setting(server, "DUTSOURCE", [](Instance& there, const Call& call) {
    const int input = input_number(call.word(0));
    if (input < 0) throw Refusal{-224, call.word(0)};
    there.input = input;
  });
  add_query(server, "DUTSOURCE", [](Instance& there) { return input_name(there.input); });
  add_setting(server, "REFSOURCE", [](Instance& there, const Call& call) {
    const auto found = std::ranges::find(reference_sources, call.word(0));
    if (found == std::end(reference_sources)) throw Refusal{-224, call.word(0)};
    there.power = static_cast<Power>(found - std::begin(reference_sources));
  });
  add_query(server, "REFSOURCE",
            [](Instance& there) { return std::string{reference_sources[static_cast<int>(there.power)]}; });
  add_setting(server, "DCUNIT", [](Instance& there, const Call& call) {
    const auto& units = constant_units[static_cast<int>(there.power)];
    const auto asked = call.word(0);
    const bool energy = asked == capitals(units.energy_per_pulse);
    if (!energy && asked != capitals(units.pulses_per_energy)) throw Refusal{-224, asked};
    there.energy_per_pulse = energy;
  });
  add_query(server, "DCUNIT", [](Instance& there) {
    const auto& units = constant_units[static_cast<int>(there.power)];
    return std::string{there.energy_per_pulse ? units.energy_per_pulse : units.pulses_per_energy};
  });
  add_number(server, "DUTCONSTANT", &Instance::constant, 1e-6, 1e20, false);
  add_number(server, "REFCONSTANT", &Instance::reference_constant, 1e-6, 1e20, false);
  add_number(server, "MRATE", &Instance::pulses_wanted, 1, most_counts, true);
  add_number(server, "MCOUNT", &Instance::count, 1, 10000, true);
  add_number(server, "MWAIT", &Instance::wait, 0, 2147483, true);
  add_number(server, "UPLIMIT", &Instance::upper, -100, 100, false);
  add_number(server, "LOLIMIT", &Instance::lower, -100, 100, false);
  add_setting(server, "CONTINUOUS", [](Instance&, const Call& call) {
    if (call.on_or_off(0)) throw Refusal{-224, "repetition is not simulated"};
  });
  add_query(server, "CONTINUOUS", [](Instance&) { return std::string{"0"}; });
}

void ErrorCalculatorSim::add_results(ScpiServer& server) {
  server.add({.pattern = "CALCulate:EC01:#:START",
              .fewest = 1,
              .most = 1,
              .processing = 5ms,
              .execute =
                  [this](const Call& call) {
                    auto& there = instance(call);
                    if (call.on_or_off(0))
                      start(there);
                    else
                      stop(there, aborted);
                    return std::string{};
                  },
              .before = [this] { return catch_up(); }});
  add_query(server, "START", [](Instance& there) { return std::string{there.counts() ? "1" : "0"}; });
  add_query(server, "STATUS", [](Instance& there) { return fmt::format("{}", there.status); });
  add_query(server, "TARGET", [](Instance& there) { return calculator_figure(there.target()); });
  add_query(server, "PROGRESS",
            [](Instance& there) { return calculator_figure(100 * there.pulses / there.pulses_wanted); });
  add_query(server, "PULSES", [](Instance& there) { return calculator_figure(there.pulses); });
  add_query(server, "ENERGY", [](Instance& there) {
    if (there.result) return calculator_figure(there.final_energy);
    return calculator_figure(there.status == started ? there.energy - there.first_energy : 0);
  });
  add_query(server, "ENFINAL", [](Instance& there) { return calculator_figure(there.final_energy); });
  add_query(server, "RESULT", [](Instance& there) { return calculator_figure(there.result.value_or(0)); });
  add_query(server, "RATING", [](Instance& there) {
    if (!there.result) return std::string{"-1"};
    return std::string{*there.result >= there.lower && *there.result <= there.upper ? "1" : "0"};
  });
  add_query(server, "MMEASTIME",
            [](Instance& there) { return fmt::format("{}", there.result ? (there.last - there.first) / 1ms : 0); });
}

void ErrorCalculatorSim::add_commands(ScpiServer& server) {
  add_settings(server);
  add_results(server);
}

}  // namespace blondel::sim
