#pragma once

#include <map>
#include <memory>
#include <vector>

#include "drivers/control_power/control_power.hpp"
#include "drivers/meters/meter.hpp"
#include "drivers/pulse_inputs/pulse_input.hpp"
#include "drivers/reference_meters/reference_meter.hpp"
#include "drivers/sources/ac_source.hpp"
#include "rig/bench_file.hpp"

namespace blondel {

/// The instruments of a bench file, made by their drivers. Making them causes no traffic.
class Bench {
 public:
  Bench(BenchFile file, Surroundings& around);

  const BenchFile& file() const { return file_; }
  AcSource& source() { return *source_; }
  const AcSource& source() const { return *source_; }
  ReferenceMeter& reference() { return *reference_; }
  const ReferenceMeter& reference() const { return *reference_; }
  bool has_error_calculator() const { return reference_->calculator() != nullptr; }
  ControlPower& control_power() { return *control_power_; }
  /// Null where the bench has none.
  WaveformRecorder* recorder() { return recorder_.get(); }

  /// Opens a socket's RS-485 port and contact inputs. @throws Failure(unreachable).
  void open_socket(int position);
  /// What is known of why a position's meter is silent, besides its silence; else empty.
  std::string known_trouble(int position) const {
    return around_.known_trouble(file_.sockets.at(static_cast<std::size_t>(position) - 1).pulses);
  }
  Meter& meter(int position) { return *meters_.at(position); }
  PulseInput& pulses(int position) { return *pulses_.at(position); }
  /// Nothing where the bench has no input for the alarm contact.
  PulseInput* alarm(int position) { return alarms_.at(position).get(); }

  /// Nothing, or why the bench cannot give or measure a point: envelope, source, reference.
  struct Refusal {
    Fault fault;
    std::string what;
  };
  std::optional<Refusal> refuses(const LoadPoint& point) const;

 private:
  BenchFile file_;
  Surroundings& around_;
  std::unique_ptr<AcSource> source_;
  std::unique_ptr<ReferenceMeter> reference_;
  std::unique_ptr<ControlPower> control_power_;
  std::unique_ptr<WaveformRecorder> recorder_;
  std::map<int, std::unique_ptr<Meter>> meters_;
  std::map<int, std::unique_ptr<PulseInput>> pulses_, alarms_;
};

}  // namespace blondel
