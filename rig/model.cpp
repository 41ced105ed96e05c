#include "rig/model.hpp"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <numbers>

#include "references/metering/phasor_metering.hpp"
#include "references/metering/sampled_metering.hpp"
#include "references/metering/spectrum_file.hpp"
#include "references/metering/waveform_csv.hpp"
#include "references/metering/waveform_hdf5.hpp"
#include "references/quantity_text.hpp"

namespace blondel {
namespace {

enum class FileKind { spectrum, csv, hdf5 };

[[noreturn]] void refuse(const std::string& where, const std::string& what) {
  throw Failure{Fault::usage, where, what};
}

FileKind kind_of(const std::string& file) {
  const auto ending = std::filesystem::path{file}.extension().string();
  if (ending == ".yaml" || ending == ".yml") return FileKind::spectrum;
  if (ending == ".csv") return FileKind::csv;
  if (ending == ".h5" || ending == ".hdf5") return FileKind::hdf5;
  refuse(file, fmt::format("expected a file that ends in .yaml, .yml, .csv, .h5 or .hdf5, found '{}'", ending));
}

/// An option that only some files have a use for.
void refuse_without_use(const char* option, const std::string& given, const char* use) {
  if (!given.empty()) refuse(option, fmt::format("has no meaning here: it is for {}", use));
}

ReactiveMethod reactive_of(const ModelRequest& request) {
  if (request.reactive.empty()) return ReactiveMethod::fundamental;
  std::string known;
  for (const auto method : reactive_methods) {
    if (request.reactive == name(method)) return method;
    known += fmt::format("{}{}", known.empty() ? "" : ", ", name(method));
  }
  refuse("--reactive", fmt::format("expected one of {}; found '{}'", known, request.reactive));
}

double number_of(const char* option, const std::string& text) {
  auto number = parse_number(text, option);
  if (!number) refuse(option, number.error().what);
  return *number;
}

MeteringOptions metering_of(const ModelRequest& request, ReactiveMethod method) {
  MeteringOptions options;
  if (!request.nominal.empty()) {
    const double hz = number_of("--nominal", request.nominal);
    if (!(hz >= 10 && hz <= 1000))
      refuse("--nominal", fmt::format("expected 10 to 1000 (Hz), found {}", request.nominal));
    options.nominal = Frequency{hz};
  } else if (method == ReactiveMethod::fixed_delay) {
    refuse("--reactive", "a fixed delay is a quarter of the nominal period: --nominal is missing");
  }
  return options;
}

Service connection_of(const ModelRequest& request) {
  if (request.connection.empty()) refuse("--connection", "is missing; a recording does not say how it is wired");
  auto service = parse_connection(request.connection, "--connection");
  if (!service) refuse("--connection", service.error().what);
  return *service;
}

void append_chosen(std::vector<NamedQuantity>& list, const Quantities& quantities, ReactiveMethod method,
                   const std::string& withheld) {
  NamedQuantity chosen{"chosen_reactive_power", "var", {}, {}};
  const auto q = quantities.reactive_by(method);
  if (q && std::isfinite(q->si()))
    chosen.value = q->si();
  else
    chosen.withheld = withheld.empty() ? "it is not defined here" : withheld;
  list.push_back(chosen);
}

/// A trace without samples for each channel the service needs.
std::vector<WaveTrace> traces_of(Service service) {
  std::vector<WaveTrace> traces;
  const auto needed = needed_channels(service);
  for (std::size_t k = 0; k < 6; ++k)
    if (needed[k])
      traces.push_back({std::string{channel_names[k]},
                        k < 3 ? WaveTrace::Axis::volts : WaveTrace::Axis::amperes,
                        static_cast<int>(k % 3),
                        {},
                        {}});
  return traces;
}

std::size_t channel_of(const WaveTrace& trace) {
  return static_cast<std::size_t>(std::ranges::find(channel_names, trace.name) - channel_names.begin());
}

const Spectrum& lines_of(const PhasorSet& set, std::size_t channel) {
  return channel < 3 ? set.voltage[channel] : set.current[channel - 3];
}

/// Two cycles of a spectrum, fine enough for its highest order.
WavePicture picture_of(const std::string& title, const PhasorSet& set, Service service) {
  int highest = 1;
  WavePicture picture{title, 2 / set.frequency.si(), traces_of(service)};
  for (const auto& trace : picture.traces)
    if (const auto& lines = lines_of(set, channel_of(trace)); !lines.empty())
      highest = std::max(highest, lines.rbegin()->first);
  const int points = std::max(400, 2 * 12 * highest);
  for (auto& trace : picture.traces) {
    const auto& lines = lines_of(set, channel_of(trace));
    for (int k = 0; k <= points; ++k) {
      const double turn = 2 * 2 * std::numbers::pi * k / points;
      double sum = 0;
      for (const auto& [order, phasor] : lines)
        sum += order == 0 ? phasor.real() : std::numbers::sqrt2 * (phasor * std::polar(1.0, order * turn)).real();
      trace.samples.push_back(sum);
    }
    trace.phasor = line(lines, 1);
  }
  return picture;
}

/// The first two cycles of the first reading, and its phasors, the first that lives at 0.
WavePicture picture_of(const Recording& recording, const SampledReading& reading, Service service) {
  const double told = reading.quantities.frequency.si();
  const double cycles_s = 2 / (told > 0 ? told : 50.0);
  const auto first = static_cast<std::size_t>(reading.begin.si() * recording.rate_hz);
  const auto rows = std::min(recording.rows - first, static_cast<std::size_t>(cycles_s * recording.rate_hz) + 1);
  WavePicture picture{recording.name, static_cast<double>(rows - 1) / recording.rate_hz, traces_of(service)};
  const auto back = std::polar(1.0, reading.spectra ? -start_angle(*reading.spectra, service) : 0.0);
  for (auto& trace : picture.traces) {
    for (std::size_t row = first; row < first + rows; ++row)
      trace.samples.push_back(value(recording, channel_of(trace), row));
    if (!reading.spectra) continue;
    trace.phasor = back * line(lines_of(*reading.spectra, channel_of(trace)), 1);
  }
  if (!reading.spectra) picture.title += " (not steady: no phasors)";
  return picture;
}

ModelResult model_of_spectrum(const ModelRequest& request) {
  for (const auto& [option, given] : {std::pair{"--connection", request.connection}, std::pair{"--rate", request.rate},
                                      std::pair{"--frequency-channel", request.frequency_channel}})
    refuse_without_use(option, given, "recordings; a spectrum file says it itself");
  refuse_without_use("--group", request.group, "HDF5 files");
  ModelResult result;
  result.file = request.file;
  result.reactive = reactive_of(request);
  const auto options = metering_of(request, result.reactive);
  const auto spectrum = read_spectrum(Settings::load(request.file));
  result.service = spectrum.service;
  const auto quantities = phasor_metering(spectrum.set, spectrum.service, options);
  auto list = quantity_list(quantities);
  append_chosen(list, quantities, result.reactive, "");
  result.overall = over_time({list});
  result.harmonics = harmonic_list(spectrum.set, spectrum.service);
  if (request.with_picture) result.picture = picture_of(request.file, spectrum.set, spectrum.service);
  return result;
}

Recording load(const ModelRequest& request, FileKind kind, Service service) {
  RecordingRequest what{.needed = needed_channels(service), .rate_hz = {}, .group = request.group};
  if (!request.rate.empty()) what.rate_hz = checked_rate(number_of("--rate", request.rate), "--rate");
  if (kind == FileKind::hdf5) return load_waveform_hdf5(request.file, what);
  refuse_without_use("--group", request.group, "HDF5 files");
  return load_waveform_csv(request.file, what);
}

SampledOptions sampled_options(const ModelRequest& request, ReactiveMethod method, Service service) {
  SampledOptions options;
  options.metering = metering_of(request, method);
  if (request.frequency_channel.empty()) return options;
  const auto needed = needed_channels(service);
  std::string known;
  for (std::size_t k = 0; k < 6; ++k) {
    if (!needed[k]) continue;
    if (request.frequency_channel == channel_names[k]) options.reference = k;
    known += fmt::format("{}{}", known.empty() ? "" : ", ", channel_names[k]);
  }
  if (!options.reference)
    refuse("--frequency-channel", fmt::format("expected one of {}; found '{}'", known, request.frequency_channel));
  return options;
}

std::vector<SampledReading> metered(const Recording& recording, Service service, const SampledOptions& options) {
  auto readings = std::visit(
      [&](const auto& samples) {
        return sampled_metering(block_of(samples, recording.rows), recording.scale, recording.rate_hz, service,
                                options);
      },
      recording.samples);
  if (!readings)
    throw Failure{readings.error().fault, recording.name, readings.error().where + ": " + readings.error().what};
  if (readings->empty()) throw Failure{Fault::malformed, recording.name, "is too short for one reading"};
  return *std::move(readings);
}

ModelResult model_of_recording(const ModelRequest& request, FileKind kind) {
  ModelResult result;
  result.file = request.file;
  result.service = connection_of(request);
  result.reactive = reactive_of(request);
  const auto options = sampled_options(request, result.reactive, result.service);
  const auto recording = load(request, kind, result.service);
  result.rate_hz = recording.rate_hz;
  result.rows = recording.rows;
  const auto readings = metered(recording, result.service, options);
  std::vector<std::vector<NamedQuantity>> lists;
  for (const auto& reading : readings) {
    ModelResult::Second second;
    second.begin_s = reading.begin.si();
    second.quantities = quantity_list(reading);
    second.dropped = reading.dropped;
    append_chosen(second.quantities, reading.quantities, result.reactive,
                  reading.flags.empty() ? "" : reading.flags.front().text);
    if (reading.spectra) second.harmonics = harmonic_list(*reading.spectra, result.service);
    for (const auto& flag : reading.flags) second.flags.push_back(fmt::format("{}: {}", name(flag.reason), flag.text));
    lists.push_back(second.quantities);
    result.seconds.push_back(std::move(second));
  }
  result.overall = over_time(lists);
  result.energies = energies(readings, result.reactive);
  if (request.with_picture) result.picture = picture_of(recording, readings.front(), result.service);
  return result;
}

}  // namespace

ModelResult model(const ModelRequest& request) {
  const FileKind kind = kind_of(request.file);
  return kind == FileKind::spectrum ? model_of_spectrum(request) : model_of_recording(request, kind);
}

}  // namespace blondel
