#include "drivers/sim/bench/simulation_settings.hpp"

#include <fmt/format.h>

#include <cmath>
#include <filesystem>

#include "drivers/sim/bench/beside_this_program.hpp"
#include "drivers/sim/bench/build_choice.hpp"
#include "drivers/sim/bench/fault_catalogue.hpp"
#include "drivers/sim/circuit/ct_errors.hpp"
#include "drivers/sim/circuit/keyed_random.hpp"

namespace blondel::sim {

namespace {

/// What the random numbers of this file are for, as a word of their key. The circuit's own purposes are below 100,
/// those of CT substitutes 100, 101, 106 and 107, the reference's from 120 on.
enum Draw : std::uint64_t { meter_gain = 102, meter_phase, meter_clock, meter_start, meter_power_gain = 108 };

double in_ppm(const Settings& at, const std::string& key, double otherwise) {
  const auto found = at.find(key);
  if (!found) return otherwise;
  const double ppm = found->ratio().si() * 1e6;
  if (ppm < 0 || ppm > 1e5) throw found->failure("expected 0 ppm to 10 %");
  return ppm;
}

double in_urad(const Settings& at, const std::string& key, double otherwise) {
  const auto found = at.find(key);
  if (!found) return otherwise;
  const double urad = found->angle().si() * 1e6;
  if (urad < 0 || urad > 1e5) throw found->failure("expected 0 urad to 100 mrad");
  return urad;
}

constexpr double most_error = 1e5;  ///< ppm or urad

double signed_ppm(const Settings& at) {
  return at.ratio().si() * 1e6;
}
double signed_urad(const Settings& at) {
  return at.angle().si() * 1e6;
}

/// `15 ppm`, `{mean: 20 ppm, bound: 15 ppm}` or `{mean: 20 ppm, sigma: 7.5 ppm}`.
/// @param read  reads a place as a number of ppm or urad
ErrorDistribution distribution(const Settings& at, const std::string& key, const ErrorDistribution& otherwise,
                               double (*read)(const Settings&)) {
  const auto found = at.find(key);
  if (!found) return otherwise;
  const char* range = read == signed_ppm ? "0 ppm to 10 %" : "0 urad to 100 mrad";
  const auto width = [&](const Settings& place) {
    const double value = read(place);
    if (!(value >= 0 && value <= most_error)) throw place.failure(fmt::format("expected {}", range));
    return value;
  };
  if (!found->is_map()) return ErrorDistribution{width(*found)};
  double mean = 0;
  if (const auto place = found->find("mean")) {
    mean = read(*place);
    if (!(std::abs(mean) <= most_error)) throw place->failure(fmt::format("expected {}, of either sign", range));
  }
  const auto bound = found->find("bound"), sigma = found->find("sigma");
  if (bound.has_value() == sigma.has_value())
    throw found->failure("expected either `bound` (drawn evenly) or `sigma` (normally distributed)");
  found->finish();
  return bound ? ErrorDistribution::even(mean, width(*bound)) : ErrorDistribution::normal(mean, width(*sigma));
}

ErrorDistribution of_ratio(const Settings& at, const std::string& key, const ErrorDistribution& otherwise = 0) {
  return distribution(at, key, otherwise, signed_ppm);
}
ErrorDistribution of_angle(const Settings& at, const std::string& key, const ErrorDistribution& otherwise = 0) {
  return distribution(at, key, otherwise, signed_urad);
}

/// `drawn: once` or `drawn: at every load`.
bool drawn_at_every_load(const Settings& at) {
  const auto found = at.find("drawn");
  return found && found->one_of({"once", "at every load"}) == 1;
}

/// A gain that is drawn for each channel, and on top of it half of one that all channels share: the power of every
/// element is then off by the whole of that.
double with_share_of_power(double gain_ppm, double power_ppm) {
  if (power_ppm == 0) return gain_ppm;
  return ((1 + gain_ppm * 1e-6) * std::sqrt(1 + power_ppm * 1e-6) - 1) * 1e6;
}

bool of_firmware(const PlannedFault& fault) {
  return catalogued(fault).group == CataloguedFault::Group::firmware;
}

/// A fault in the firmware is one of our own build's: another one does not have it.
void take_faulty_build(SimulationSettings& settings, const PlannedFault& fault) {
  const auto i = static_cast<std::size_t>(fault.position) - 1;
  const auto good = beside_this_program(BLONDEL_FIRMWARE_NAME),
             faulty = beside_this_program(BLONDEL_FAULTY_FIRMWARE_NAME);
  if (settings.builds.at(i).path != std::filesystem::absolute(good).string() || !settings.firmware_faults.at(i).empty())
    throw Failure{Fault::malformed, fault.where,
                  fmt::format("'{}' is a fault of the firmware that Blondel brings along, one a meter; position {} has "
                              "another build or another such fault",
                              fault.fault, fault.position)};
  settings.builds[i] = value_or_throw(look_at_build(faulty, fault.where));
  settings.firmware_faults[i] = fault.fault;
}

/// What faults change in the parts before anything is built.
void break_parts(SimulationSettings& settings) {
  settings.firmware_faults.resize(settings.builds.size());
  for (const auto& fault : settings.faults) {
    if (fault.part == "reference" && fault.fault == "all readings drift")
      settings.reference.common_gain_ppm += fault.size;
    if (fault.part != "meter") continue;
    const auto i = static_cast<std::size_t>(fault.position) - 1;
    put_into(settings.front_ends.at(i), settings.circuit.sockets.at(i), fault);
    if (of_firmware(fault)) take_faulty_build(settings, fault);
  }
}

}  // namespace

SimulationSettings read_simulation(const Settings& at, const BenchWiring& wiring) {
  SimulationSettings settings;
  const auto seed = wiring.seed;
  const int positions = static_cast<int>(wiring.sockets.size());

  auto& circuit = settings.circuit;
  circuit.seed = seed;
  circuit.system_type = wiring.system_type;
  circuit.control_power_at_start = false;
  if (const auto source = at.find("source")) {
    circuit.source.gain_bound_ppm = in_ppm(*source, "gain", circuit.source.gain_bound_ppm);
    circuit.source.phase_bound_urad = in_urad(*source, "phase", circuit.source.phase_bound_urad);
    circuit.source.flutter_ppm = in_ppm(*source, "flutter", circuit.source.flutter_ppm);
    source->finish();
  }

  settings.reference.seed = seed;
  if (const auto reference = at.find("reference")) {
    settings.reference.gain_ppm = of_ratio(*reference, "gain", settings.reference.gain_ppm);
    settings.reference.phase_urad = of_angle(*reference, "phase", settings.reference.phase_urad);
    settings.reference.power_gain_ppm = of_ratio(*reference, "common_gain");
    settings.reference.power_phase_urad = of_angle(*reference, "common_phase");
    settings.reference.drawn_at_every_load = drawn_at_every_load(*reference);
    settings.reference.noise_ppm = in_ppm(*reference, "noise", settings.reference.noise_ppm);
    reference->finish();
  }

  settings.recorder.seed = seed;
  if (const auto recorder = at.find("recorder")) {
    settings.recorder.gain_ppm = in_ppm(*recorder, "gain", 0);
    settings.recorder.phase_urad = in_urad(*recorder, "phase", 0);
    recorder->finish();
  }

  CtErrors ct_errors;
  if (const auto ct = at.find("ct_substitutes")) {
    ct_errors = {.ratio_ppm = of_ratio(*ct, "ratio"),
                 .phase_urad = of_angle(*ct, "phase"),
                 .common_ratio_ppm = of_ratio(*ct, "common_ratio"),
                 .common_phase_urad = of_angle(*ct, "common_phase")};
    if (drawn_at_every_load(*ct)) circuit.ct_errors_at_every_load = ct_errors;
    ct->finish();
  }
  ErrorDistribution gain, phase, clock, power_gain;
  double noise = 30;
  if (const auto meters = at.find("meters")) {
    gain = of_ratio(*meters, "gain");
    phase = of_angle(*meters, "phase");
    clock = of_ratio(*meters, "clock");
    power_gain = of_ratio(*meters, "common_gain");
    if (const auto counts = meters->find("noise_counts")) noise = counts->number();
    if (!(noise >= 0 && noise <= 1e5))
      throw meters->at("noise_counts").failure("expected 0 to 100000 counts of the converter");
    if (const auto guard = meters->find("hang_guard")) {
      settings.hang_guard = std::chrono::duration_cast<std::chrono::milliseconds>(guard->duration());
      if (settings.hang_guard < std::chrono::milliseconds{10} || settings.hang_guard > std::chrono::hours{24})
        throw guard->failure("expected 10 ms to 24 h of wall time");
    }
    if (const auto variants = meters->find("variants"))
      for (const auto& key : variants->keys()) settings.variants[key] = variants->at(key).text();
    meters->finish();
  }

  for (int position = 1; position <= positions; ++position) {
    const auto p = static_cast<std::uint64_t>(position);
    Socket socket;
    // Data sheet: 10.6 kohm in 1/3 V mode, 32.1 kohm in 1 V mode.
    socket.ct_input_ohm = wiring.ct_secondary_v == 1.0 ? 32.1e3 : 10.6e3;
    FrontEndSettings front_end;
    for (int k = 0; k < 3; ++k) {
      auto& ct = socket.ct[static_cast<std::size_t>(k)];
      ct.ratio_v_per_a = wiring.ct_secondary_v / wiring.ct_primary_a;
      // The certificate holds with the meter's burden, so nothing more is lost in it.
      ct.output_ohm = 0;
      if (!circuit.ct_errors_at_every_load) ct = with_errors(ct, ct_errors, seed, position, k);
    }
    const double power = power_gain.at(keyed_bits({seed, meter_power_gain, p}));
    for (std::uint64_t c = 0; c < 6; ++c) {
      front_end.gain_ppm[c] = with_share_of_power(gain.at(keyed_bits({seed, meter_gain, p, c})), power);
      front_end.phase_urad[c] = phase.at(keyed_bits({seed, meter_phase, p, c}));
    }
    front_end.clock_ppm = clock.at(keyed_bits({seed, meter_clock, p}));
    front_end.sampling_phase = 0.5 + 0.499 * keyed_uniform({seed, meter_start, p});
    front_end.noise_counts = noise;
    circuit.sockets.push_back(socket);
    settings.front_ends.push_back(front_end);
  }

  // When the run takes place is a matter of the rig, which has looked at it.
  static_cast<void>(at.has("date"));

  settings.builds = choose_builds(wiring.firmware, at.find("firmware"), wiring.file,
                                  beside_this_program(BLONDEL_FIRMWARE_NAME), positions);
  if (const auto faults = at.find("faults")) {
    for (const auto& item : faults->items()) {
      if (is_link_fault(item))
        settings.link_faults.push_back(read_link_fault(item, positions));
      else
        settings.faults.push_back(read_planned_fault(item, positions));
    }
  }
  settings.faults.insert(settings.faults.end(), wiring.faults.begin(), wiring.faults.end());
  for (const auto& [key, value] : wiring.variants) settings.variants[key] = value;
  break_parts(settings);
  at.finish();
  return settings;
}

}  // namespace blondel::sim
