#include "drivers/sim/instruments/zera_com5003_sim.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <span>

namespace blondel::sim {

using namespace std::chrono_literals;

namespace {

struct ZeraRange {
  const char* name;
  double full_scale;
};
constexpr ZeraRange voltage_ranges[] = {{"480V", 480}, {"250V", 250}, {"120V", 120}, {"60V", 60}, {"5V", 5}};
constexpr ZeraRange current_ranges[] = {{"100A", 100},   {"50A", 50},    {"20A", 20},    {"10A", 10},
                                        {"5A", 5},       {"2.5A", 2.5},  {"1.0A", 1},    {"500mA", 0.5},
                                        {"250mA", 0.25}, {"100mA", 0.1}, {"50mA", 0.05}, {"25mA", 0.025}};
constexpr const char* channels[] = {"UL1", "UL2", "UL3", "IL1", "IL2", "IL3"};
/// What an input can take beyond its range before it says so. Unverified.
constexpr double headroom = 1.2;
/// Orders of FFT1 after DC. Unverified.
constexpr int highest_order = 50;

std::span<const ZeraRange> catalogue(std::size_t channel) {
  return channel < 3 ? std::span<const ZeraRange>{voltage_ranges} : std::span<const ZeraRange>{current_ranges};
}

std::string figure(double value) {
  return fmt::format("{:.9g}", value);
}

}  // namespace

ZeraCom5003Sim::ZeraCom5003Sim(Clock& clock, const Circuit& circuit, Order order, ZeraCom5003Traits traits)
    : clock_{clock},
      circuit_{circuit},
      traits_{std::move(traits)},
      errors_{{.seed = traits_.seed,
               .gain_ppm = traits_.gain_ppm,
               .phase_urad = traits_.phase_urad,
               .power_gain_ppm = traits_.power_gain_ppm,
               .power_phase_urad = traits_.power_phase_urad,
               .common_gain_ppm = traits_.common_gain_ppm,
               .at_every_load = traits_.drawn_at_every_load}},
      server_{clock, order,
              ScpiSpelling{.identity = "ZERA GmbH Koenigswinter, COM5003, " + traits_.serial + ", release-4.7.2",
                           .self_test = "1",
                           .plus_signs = true,
                           .quoted_errors = false,
                           .empty_line_when_refused = true}},
      calculator_{clock,
                  [this](ErrorCalculatorSim::Power power, Time from, Time to) { return energy(power, from, to); }},
      start_{clock.now() - Duration{static_cast<std::int64_t>(traits_.seed * 7919 % 997) * 1'000'000}} {
  modules_ = {
      {"RMS1", {{"UL1", "V"}, {"UL2", "V"}, {"UL3", "V"}, {"IL1", "A"}, {"IL2", "A"}, {"IL3", "A"}}, 1s, {}},
      {"POW1", {{"P1", "W"}, {"P2", "W"}, {"P3", "W"}, {"PS", "W"}}, 1s, {}},
      {"POW2", {{"Q1", "Var"}, {"Q2", "Var"}, {"Q3", "Var"}, {"QS", "Var"}}, 1s, {}},
      {"POW3", {{"S1", "VA"}, {"S2", "VA"}, {"S3", "VA"}, {"SS", "VA"}}, 1s, {}},
      {"DFT1", {{"UL1", "V"}, {"UL2", "V"}, {"UL3", "V"}, {"IL1", "A"}, {"IL2", "A"}, {"IL3", "A"}}, 1s, {}},
      {"FFT1", {{"UL1", "V"}, {"UL2", "V"}, {"UL3", "V"}, {"IL1", "A"}, {"IL2", "A"}, {"IL3", "A"}}, 1s, {}},
      {"RNG1", {{"F", "Hz"}}, 100ms, {}},
  };
  for (std::size_t n = 0; n < modules_.size(); ++n) add_module(n);
  add_ranges();
  add_status();
  calculator_.add_commands(server_);
}

double ZeraCom5003Sim::energy(ErrorCalculatorSim::Power power, Time from, Time to) const {
  // Hours in one go would be tens of thousands of stretches.
  constexpr Duration at_once = 60s;
  if (to - from > at_once) {
    double all = 0;
    for (Time t = from; t < to; t += at_once) all += energy(power, t, std::min(t + at_once, to));
    return all;
  }
  double kwh = 0;
  for (const auto& stretch : circuit_.at_reference(std::max(from, Time{}), to)) {
    const auto a = average({stretch}, errors_.at(stretch.load));
    double watts = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      const double apparent = a.rms[k] * a.rms[k + 3];
      if (power == ErrorCalculatorSim::Power::active) watts += a.active[k] + faults_.power_error_ppm * 1e-6 * apparent;
      if (power == ErrorCalculatorSim::Power::reactive) watts += a.reactive[k];
      if (power == ErrorCalculatorSim::Power::apparent) watts += apparent;
    }
    kwh += watts * in_seconds(stretch.to - stretch.from) / 3.6e6;
  }
  return kwh;
}

/// 200 kHz stand for the full scale of the ranges.
double ZeraCom5003Sim::pulses_per_kwh() const {
  double full_scale_va = 0;
  for (std::size_t k = 0; k < 3; ++k)
    full_scale_va += catalogue(k)[ranges_[k]].full_scale * catalogue(k + 3)[ranges_[k + 3]].full_scale;
  return 200e3 * 3.6e6 / full_scale_va;
}

void ZeraCom5003Sim::inject(const ReferenceFaults& faults) {
  faults_ = faults;
  server_.faults = faults.answers;
}

std::int64_t ZeraCom5003Sim::interval_at(const Module& module, Time at) const {
  return (at - start_).count() / module.integration.count();
}

Time ZeraCom5003Sim::end_of(const Module& module, std::int64_t interval) const {
  return start_ + module.integration * (interval + 1);
}

const IntervalAverage& ZeraCom5003Sim::averages(Time from, Time to) {
  if (from != cached_from_ || to != cached_to_) {
    const auto errors_at = [this](std::uint64_t load) { return errors_.at(load); };
    cached_ = average(circuit_.at_reference(std::max(from, Time{}), to), errors_at);
    cached_from_ = from;
    cached_to_ = to;
  }
  return cached_;
}

std::string ZeraCom5003Sim::value_of(const Module& module, std::size_t value, std::int64_t interval) {
  const Time to = end_of(module, interval), from = to - module.integration;
  const auto& a = averages(from, to);
  if (faults_.not_a_number) return "9.91E37";
  const auto key = [&](std::size_t quantity) {
    return traits_.noise_ppm * 1e-6 *
           keyed_normal(traits_.seed, static_cast<std::uint64_t>(from.time_since_epoch().count()), quantity);
  };
  // Quantities are numbered so that a reading's noise is its own: 0-5 rms, 8-11 P, 16-19 Q, 24-27 S, 32-37 DFT, 40-45
  // FFT.
  const auto rms = [&](std::size_t c) {
    return a.rms[c] * (1 + key(c)) + std::abs(key(64 + c)) * 0.1 * catalogue(c)[ranges_[c]].full_scale;
  };
  const auto apparent = [&](std::size_t k) { return a.rms[k] * a.rms[k + 3]; };
  const auto summed = [&](auto&& of_phase) {
    return value < 3 ? of_phase(value) : of_phase(0) + of_phase(1) + of_phase(2);
  };
  if (module.name == "RMS1") return figure(rms(value));
  if (module.name == "POW1")
    return figure(summed(
        [&](std::size_t k) { return a.active[k] + (key(8 + k) + faults_.power_error_ppm * 1e-6) * apparent(k); }));
  if (module.name == "POW2")
    return figure(summed([&](std::size_t k) { return a.reactive[k] + key(16 + k) * apparent(k); }));
  if (module.name == "POW3") return figure(summed([&](std::size_t k) { return apparent(k) * (1 + key(24 + k)); }));
  if (module.name == "RNG1") return figure(a.frequency_hz);
  if (module.name == "FFT1") {
    std::string pairs;
    for (int order = 0; order <= highest_order; ++order) {
      const auto found = a.spectrum[value].find(order);
      auto z = found == a.spectrum[value].end() ? Phasor{0} : found->second * (1 + key(40 + value));
      if (order > 0) z *= std::numbers::sqrt2;
      // Lagging angles count as positive, as in DFT1.
      pairs +=
          fmt::format("{}{},{}", pairs.empty() ? "" : ",", figure(z.real()), figure(z.imag() == 0 ? 0 : -z.imag()));
    }
    return pairs;
  }
  const auto z = a.fundamental[value];
  const double amplitude = std::numbers::sqrt2 * std::abs(z) * (1 + key(32 + value));
  double angle = std::abs(z) < 1e-6 ? 0 : -std::arg(z);
  if (angle < 0) angle += 2 * std::numbers::pi;
  return figure(amplitude) + "," + figure(angle) + "," + figure(angle * 180 / std::numbers::pi);
}

std::string ZeraCom5003Sim::fields(const Module& module, std::optional<std::size_t> only,
                                   std::optional<std::int64_t> interval) {
  std::string line;
  for (std::size_t n = 0; n < module.values.size(); ++n) {
    if (only && *only != n) continue;
    if (interval)
      line += fmt::format("{}:{}:[{}]:{}", module.name, module.values[n].name, module.values[n].unit,
                          value_of(module, n, *interval));
    line += ';';
  }
  return line;
}

void ZeraCom5003Sim::add_module(std::size_t index) {
  const auto& name = modules_[index].name;
  const auto add_reading = [&](std::string verb, std::string path, std::optional<std::size_t> only) {
    const bool fetch = verb == "FETCh";
    Command command{.pattern = verb + ":" + path + "?", .processing = 5ms, .execute = {}};
    // Waits for the end of the interval under way, or of the one that was asked for before.
    command.due = [this, index, fetch](const Call&) {
      const auto& m = modules_[index];
      if (fetch && !m.asked) return clock_.now();
      return end_of(m, fetch ? *m.asked : interval_at(m, clock_.now())) + 2ms;
    };
    command.execute = [this, index, fetch, only](const Call&) {
      auto& m = modules_[index];
      if (!fetch) m.asked = interval_at(m, clock_.now()) - 1;
      return fields(m, only, m.asked);
    };
    server_.add(std::move(command));
  };
  for (const std::string verb : {"MEASure", "READ", "FETCh"}) {
    // The range module has settings as well as values; only its frequency is asked for by name.
    if (name != "RNG1") add_reading(verb, name, {});
    for (std::size_t v = 0; v < modules_[index].values.size(); ++v)
      add_reading(verb, name + ":" + modules_[index].values[v].name, v);
  }
  server_.add({.pattern = "INITiate:" + name, .processing = 1ms, .execute = [this, index](const Call&) {
                 auto& m = modules_[index];
                 m.asked = interval_at(m, clock_.now());
                 return std::string{};
               }});
  if (name == "RNG1") return;
  server_.add({.pattern = "CONFigure:" + name + ":TINTEGRATION",
               .fewest = 1,
               .most = 1,
               .processing = 10ms,
               .execute = [this, index](const Call& call) {
                 const double s = call.number(0);
                 if (!(s >= 0.1 && s <= 100)) throw Refusal{-222, "0.1 to 100 s"};
                 modules_[index].integration = seconds(s);
                 modules_[index].asked.reset();
                 return std::string{};
               }});
  query("CONFigure:" + name + ":TINTEGRATION?",
        [this, index] { return figure(in_seconds(modules_[index].integration)); });
}

void ZeraCom5003Sim::query(std::string pattern, std::function<std::string()> answer) {
  server_.add({.pattern = std::move(pattern), .processing = 3ms, .execute = [answer = std::move(answer)](const Call&) {
                 return answer();
               }});
}

void ZeraCom5003Sim::add_ranges() {
  for (std::size_t c = 0; c < 6; ++c) {
    const std::string root = std::string{"SENSe:RNG1:"} + channels[c] + ":RANGe";
    query(root + "?", [this, c] { return std::string{catalogue(c)[ranges_[c]].name}; });
    query(root + ":CATalog?", [c] {
      std::string all;
      for (const auto& range : catalogue(c)) all += (all.empty() ? "" : ";") + std::string{range.name};
      return all;
    });
    server_.add({.pattern = root,
                 .fewest = 1,
                 .most = 1,
                 .processing = 50ms,
                 .execute =
                     [this, c](const Call& call) {
                       choose_range(c, call.parameters[0].text);
                       return std::string{};
                     },
                 // A calculation that has come to its end by now is not spoiled any more.
                 .before = [this] { return calculator_.catch_up(); }});
  }
  server_.add({.pattern = "CONFigure:RNG1:RNGAUTO",
               .fewest = 1,
               .most = 1,
               .processing = 5ms,
               .execute = [this](const Call& call) {
                 if (call.on_or_off(0)) throw Refusal{-224, "automatic ranges are not simulated"};
                 return std::string{};
               }});
  query("CONFigure:RNG1:RNGAUTO?", [this] { return std::string{automatic_ ? "1" : "0"}; });
  server_.add({.pattern = "CONFigure:RNG1:GROUPING",
               .fewest = 1,
               .most = 1,
               .processing = 5ms,
               .execute = [this](const Call& call) {
                 grouped_ = call.on_or_off(0);
                 return std::string{};
               }});
  query("CONFigure:RNG1:GROUPING?", [this] { return std::string{grouped_ ? "1" : "0"}; });
}

void ZeraCom5003Sim::choose_range(std::size_t channel, const std::string& asked) {
  const auto list = catalogue(channel);
  const auto found = std::ranges::find_if(list, [&](const ZeraRange& r) { return asked == r.name; });
  if (found == list.end()) throw Refusal{-224, asked};
  if (automatic_) throw Refusal{-221, "ranges are automatic"};
  const auto before = ranges_;
  const std::size_t first = channel < 3 ? 0 : 3;
  for (std::size_t n = first; n < first + 3; ++n)
    if (grouped_ || n == channel) ranges_[n] = static_cast<std::size_t>(found - list.begin());
  if (ranges_ != before) calculator_.change_constant(pulses_per_kwh());
}

bool ZeraCom5003Sim::overload() {
  const auto& ranging = modules_.back();
  const auto last = interval_at(ranging, clock_.now()) - 1;
  const auto to = end_of(ranging, last);
  const auto seen =
      average(circuit_.at_reference(std::max(to - ranging.integration, Time{}), std::max(to, Time{})), InputErrors{});
  for (std::size_t c = 0; c < 6; ++c)
    if (seen.rms[c] > headroom * catalogue(c)[ranges_[c]].full_scale) return true;
  return false;
}

void ZeraCom5003Sim::add_status() {
  query("SENSe:RNG1:OVERLOAD?", [this] { return std::string{overload() ? "1" : "0"}; });
  query("STATus:QUEStionable:CONDition?", [this] { return std::string{overload() ? "+512" : "+0"}; });
  query("STATus:OPERation:CONDition?", [] { return std::string{"+0"}; });
  server_.add(
      {.pattern = "CONFigure:POW1:MMODE", .fewest = 1, .most = 1, .processing = 10ms, .execute = [](const Call& call) {
         if (call.word(0) != "4LW") throw Refusal{-224, "only 4LW is simulated"};
         return std::string{};
       }});
  query("CONFigure:POW1:MMODE?", [] { return std::string{"4LW"}; });
  query("CONFigure:POW1:MMODE:CATalog?", [] { return std::string{"4LW"}; });
  query("CONFigure:POW1:M0CONSTANT?", [this] { return fmt::format("{:g}", pulses_per_kwh()); });
}

}  // namespace blondel::sim
