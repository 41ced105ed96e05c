#include "drivers/sim/instruments/fluke_6105a_sim.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace blondel::sim {

using namespace std::chrono_literals;

namespace {

// Full scales of the 6105A; the users manual prints the current ranges on page 147.
constexpr FlukeRange voltage_ranges[] = {{0, 23}, {0, 45}, {0, 90}, {0, 180}, {0, 360}, {0, 650}, {0, 1008}};
constexpr FlukeRange current_ranges[] = {{0.05, 0.25}, {0.05, 0.5}, {0.1, 1}, {0.2, 2}, {0.5, 5}, {1, 10}, {2, 21}};
constexpr FlukeRange low_level_ranges[] = {{0.05, 0.25}, {0.15, 1.5}, {1, 10}};

/// 24300 as 2.43E4: the shortest mantissa, no plus sign, no leading zero.
std::string short_exponent(double value) {
  if (value == 0) return "0.0E0";
  auto text = fmt::format("{:.6E}", value);
  const auto e = text.find('E');
  auto mantissa = text.substr(0, e);
  const int exponent = std::stoi(text.substr(e + 1));
  while (mantissa.back() == '0') mantissa.pop_back();
  if (mantissa.back() == '.') mantissa += '0';
  return fmt::format("{}E{}", mantissa, exponent);
}

}  // namespace

Fluke6105aSim::Fluke6105aSim(Clock& clock, Circuit& circuit, Order order, std::string serial)
    : clock_{clock},
      circuit_{circuit},
      server_{clock, order, ScpiSpelling{.identity = "FLUKE,6105A," + serial + ",2.04"}},
      serial_{std::move(serial)},
      phases_{Phase{{voltage_ranges, "V"}, {current_ranges, "A"}}, Phase{{voltage_ranges, "V"}, {current_ranges, "A"}},
              Phase{{voltage_ranges, "V"}, {current_ranges, "A"}}} {
  server_.on_reset([this] { reset(); });
  server_.after_message([this] { drive_circuit(); });
  add_phase_commands();
  add_channel_commands("VOLTage", &Phase::voltage);
  add_channel_commands("CURRent", &Phase::current);
  add_range_commands();
  add_output_commands();
}

void Fluke6105aSim::add(std::string pattern, std::size_t fewest, std::size_t most, Duration processing,
                        std::function<std::string(const Call&)> execute) {
  server_.add({.pattern = std::move(pattern),
               .fewest = fewest,
               .most = most,
               .processing = processing,
               .execute = std::move(execute)});
}

Fluke6105aSim::Phase& Fluke6105aSim::phase(const Call& call) {
  const int number = call.suffixes.at(0);
  if (number < 1 || number > 4) throw Refusal{-114, "phases are 1 to 4"};
  if (number == 4) throw Refusal{-241, "the neutral channel is not fitted"};
  return phases_[static_cast<std::size_t>(number) - 1];
}

std::string Fluke6105aSim::reading(double value) const {
  return faults_.not_a_number ? "9.91E37" : short_exponent(value);
}

void Fluke6105aSim::reset() {
  for (auto& p : phases_) {
    p.low_level = false;
    p.current.use_ranges(current_ranges);
    p.voltage.reset();
    p.current.reset();
  }
  frequency_hz_ = 50;
  ramp_s_ = 0;
  four_wire_ = false;
  switch_output(false);
}

void Fluke6105aSim::add_phase_commands() {
  add("SOURce:PHASe#:MODel?", 0, 0, 2ms, [this](const Call& call) {
    phase(call);
    return std::string{"\"6105A\""};
  });
  add("SOURce:PHASe#:SERial?", 0, 0, 2ms, [this](const Call& call) {
    phase(call);
    return "\"" + serial_ + "\"";
  });
  add("SOURce:PHASe#:FITTed?", 0, 0, 2ms, [this](const Call& call) {
    if (call.suffixes[0] == 4) return std::string{"0"};
    phase(call);
    return std::string{"1"};
  });
  // Computed from what is set, as the instrument does it; nothing is measured.
  add("SOURce:PHASe#:POWer:WATT?", 0, 0, 5ms, [this](const Call& call) {
    const auto& p = phase(call);
    if (p.low_level) throw Refusal{-221, "the current terminals give a voltage"};
    double watts = 0;
    const auto u = p.voltage.spectrum(0), i = p.current.spectrum(p.voltage.at(1).degrees);
    for (const auto& [n, value] : u)
      if (const auto other = i.find(n); other != i.end()) watts += (value * std::conj(other->second)).real();
    return reading(watts);
  });
  add("SOURce:PHASe#:POWer:VA?", 0, 0, 5ms, [this](const Call& call) {
    const auto& p = phase(call);
    if (p.low_level) throw Refusal{-221, "the current terminals give a voltage"};
    return reading(p.voltage.armed && p.current.armed ? p.voltage.rms() * p.current.rms() : 0);
  });
}

void Fluke6105aSim::add_channel_commands(const std::string& name, FlukeChannel Phase::*channel) {
  const std::string root = "SOURce:PHASe#:" + name;
  const auto all = [this, channel](const Call& call) {
    const auto& c = phase(call).*channel;
    const bool amplitudes = call.parameters.empty() || is_form_of(call.word(0), "AMPLitude");
    const bool angles = call.parameters.empty() || is_form_of(call.word(0), "PANGle");
    if (!amplitudes && !angles) throw Refusal{-224, "AMPL or PANG"};
    std::string list;
    for (int n = 1; n <= c.highest_order(); ++n) {
      if (amplitudes) list += (list.empty() ? "" : ",") + reading(c.at(n).amplitude);
      if (angles) list += (list.empty() ? "" : ",") + reading(c.at(n).degrees);
    }
    return "\"" + list + "\"";
  };
  add(root + ":MHARmonics:ALL?", 0, 1, 10ms, all);
  add(root + ":HARMonic:ALL?", 0, 1, 10ms, all);
  add(root + ":MHARmonics:STATe", 1, 1, 3ms, [this, channel](const Call& call) {
    (phase(call).*channel).harmonics_on = call.on_or_off(0);
    changed_ = true;
    return std::string{};
  });
  add(root + ":MHARmonics:STATe?", 0, 0, 2ms,
      [this, channel](const Call& call) { return std::string{(phase(call).*channel).harmonics_on ? "1" : "0"}; });
  add(root + ":MHARmonics:CLEar", 0, 0, 3ms, [this, channel](const Call& call) {
    (phase(call).*channel).clear_harmonics();
    changed_ = true;
    return std::string{};
  });
  add(root + ":MHARmonics:AMPLitude", 1, 1, 4ms, [this, channel](const Call& call) {
    (phase(call).*channel).set_rms(call.number(0));
    changed_ = true;
    return std::string{};
  });
  add(root + ":MHARmonics:AMPLitude?", 0, 0, 3ms,
      [this, channel](const Call& call) { return reading((phase(call).*channel).rms()); });
  add(root + ":AMPLitude?", 0, 0, 3ms,
      [this, channel](const Call& call) { return reading((phase(call).*channel).rms()); });

  const std::string harmonic = root + ":MHARmonics:HARMonic#";
  add(harmonic, 2, 2, 4ms, [this, channel](const Call& call) {
    (phase(call).*channel).set(call.suffixes.at(1), {.amplitude = call.number(0), .degrees = call.number(1)});
    changed_ = true;
    return std::string{};
  });
  add(harmonic + "?", 0, 1, 3ms, [this, channel](const Call& call) {
    const auto c = (phase(call).*channel).at(call.suffixes.at(1));
    if (call.parameters.empty()) return reading(c.amplitude) + "," + reading(c.degrees);
    if (is_form_of(call.word(0), "AMPLitude")) return reading(c.amplitude);
    if (is_form_of(call.word(0), "PANGle")) return reading(c.degrees);
    throw Refusal{-224, "AMPL or PANG"};
  });
  add(harmonic + ":AMPLitude?", 0, 0, 3ms,
      [this, channel](const Call& call) { return reading((phase(call).*channel).at(call.suffixes.at(1)).amplitude); });
  add(harmonic + ":PANGle?", 0, 0, 3ms,
      [this, channel](const Call& call) { return reading((phase(call).*channel).at(call.suffixes.at(1)).degrees); });
  add(root + ":STATe", 1, 1, 4ms, [this, channel](const Call& call) {
    (phase(call).*channel).armed = call.on_or_off(0);
    changed_ = true;
    return std::string{};
  });
  add(root + ":STATe?", 0, 0, 2ms,
      [this, channel](const Call& call) { return std::string{(phase(call).*channel).armed ? "1" : "0"}; });
}

void Fluke6105aSim::add_range_commands() {
  const auto range_of = [this](FlukeChannel Phase::*channel) {
    return [this, channel](const Call& call) {
      const auto& range = (phase(call).*channel).range();
      return short_exponent(range.lowest) + "," + short_exponent(range.full_scale);
    };
  };
  // Switching the terminals between current and voltage is a range change too.
  const auto choose = [this](FlukeChannel Phase::*channel, std::span<const FlukeRange> ranges, bool low_level) {
    return [this, channel, ranges, low_level](const Call& call) {
      auto& p = phase(call);
      if (output_on()) throw Refusal{-221, "ranges are changed with the output off"};
      auto wanted = p.*channel;
      wanted.use_ranges(ranges);
      wanted.choose_range(call.number(0), call.number(1));
      p.*channel = wanted;
      if (channel == &Phase::current) p.low_level = low_level;
      return std::string{};
    };
  };
  add("SOURce:PHASe#:VOLTage:RANGe", 2, 2, 20ms, choose(&Phase::voltage, voltage_ranges, false));
  add("SOURce:PHASe#:VOLTage:RANGe?", 0, 0, 2ms, range_of(&Phase::voltage));
  add("SOURce:PHASe#:CURRent:RANGe", 2, 2, 20ms, choose(&Phase::current, current_ranges, false));
  add("SOURce:PHASe#:CURRent:RANGe?", 0, 0, 2ms, range_of(&Phase::current));
  add("SOURce:PHASe#:CURRent:RANGe:VOLTage", 2, 2, 20ms, choose(&Phase::current, low_level_ranges, true));
  add("SOURce:PHASe#:CURRent:RANGe:UNIT?", 0, 0, 2ms,
      [this](const Call& call) { return std::string{phase(call).low_level ? "VOLTage" : "CURRent"}; });
  add("SOURce:PHASe#:CURRent:EAMP:FITTed?", 0, 0, 2ms, [this](const Call& call) {
    phase(call);
    return std::string{"0"};
  });
}

void Fluke6105aSim::add_output_commands() {
  for (const std::string channel : {"VOLTage", "CURRent"}) {
    add("UNIT:MHARmonics:" + channel, 1, 1, 2ms, [](const Call& call) {
      if (!is_form_of(call.word(0), "ABSolute")) throw Refusal{-224, "only ABS is simulated"};
      return std::string{};
    });
    add("UNIT:MHARmonics:" + channel + "?", 0, 0, 2ms, [](const Call&) { return std::string{"ABS"}; });
  }
  add("SOURce:FREQuency", 1, 1, 5ms, [this](const Call& call) {
    const double hz = call.number(0);
    if (!(hz >= 16 && hz <= 850)) throw Refusal{-222, "16 to 850 Hz"};
    frequency_hz_ = hz;
    changed_ = true;
    return std::string{};
  });
  add("SOURce:FREQuency?", 0, 0, 2ms, [this](const Call&) { return reading(frequency_hz_); });
  add("OUTPut:SENSe", 1, 1, 3ms, [this](const Call& call) {
    four_wire_ = call.on_or_off(0);
    return std::string{};
  });
  add("OUTPut:SENSe?", 0, 0, 2ms, [this](const Call&) { return std::string{four_wire_ ? "1" : "0"}; });
  add("OUTPut:RAMP:TIME", 1, 1, 3ms, [this](const Call& call) {
    const double s = call.number(0);
    if (!(s >= 0 && s <= 600)) throw Refusal{-222, "0 to 600 s"};
    ramp_s_ = s;
    return std::string{};
  });
  add("OUTPut:RAMP:TIME?", 0, 0, 2ms, [this](const Call&) { return short_exponent(ramp_s_); });
  add("OUTPut:STATe", 1, 1, 10ms, [this](const Call& call) {
    switch_output(call.on_or_off(0));
    return std::string{};
  });
  add("OUTPut:STATe?", 0, 0, 2ms, [this](const Call&) { return std::string{output_on() ? "1" : "0"}; });
  add("*OPT?", 0, 0, 2ms, [](const Call&) { return std::string{"0,0,0,0,0,0,0,0"}; });
}

void Fluke6105aSim::inject(const SourceFaults& faults) {
  faults_ = faults;
  server_.faults = faults.answers;
  if (faults.trip_at && output_on()) {
    trips_at_ = std::max(*faults.trip_at, clock_.now());
    changed_ = true;
    drive_circuit();
  }
}

void Fluke6105aSim::trip() {
  if (!output_on()) return;
  trips_at_ = clock_.now();
  changed_ = true;
  drive_circuit();
}

bool Fluke6105aSim::output_on() const {
  return on_ && clock_.now() < trips_at_;
}

void Fluke6105aSim::switch_output(bool on) {
  if (!on && faults_.stays_on && output_on()) return;
  const bool rises = on && !output_on();
  if (rises) {
    trips_at_ = never;
    if (faults_.trip_after_on) trips_at_ = clock_.now() + *faults_.trip_after_on;
    if (faults_.trip_at && *faults_.trip_at > clock_.now()) trips_at_ = std::min(trips_at_, *faults_.trip_at);
  }
  if (on_ != on || rises) changed_ = true;
  on_ = on;
}

SetPoint Fluke6105aSim::set_point() const {
  SetPoint point;
  point.on = output_on();
  point.frequency_hz = frequency_hz_;
  for (std::size_t k = 0; k < 3; ++k) {
    const auto& p = phases_[k];
    point.channels[k] = p.voltage.spectrum(0);
    // A current's angle counts from the voltage of its own phase. In the voltage mode nothing flows.
    if (!p.low_level) point.channels[k + 3] = p.current.spectrum(p.voltage.at(1).degrees);
  }
  return point;
}

void Fluke6105aSim::drive_circuit() {
  if (!std::exchange(changed_, false)) return;
  const Time soonest = clock_.now() + Circuit::notice;
  auto point = set_point();
  // What is set while the output is off reaches nobody.
  if ((point.on || circuit_.target().on) && !(point == circuit_.target())) circuit_.set(point, soonest);
  // A trip is announced beforehand, since the circuit wants notice; the instrument says "on" until it happens.
  if (on_ && trips_at_ != never) {
    point.on = false;
    circuit_.set(point, std::max(soonest, trips_at_));
  }
}

}  // namespace blondel::sim
