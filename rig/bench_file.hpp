#pragma once

#include <optional>
#include <string>
#include <vector>

#include "references/load_point.hpp"
#include "references/metering/connection.hpp"
#include "references/settings.hpp"
#include "rig/bench_certificates.hpp"

namespace blondel {

/// What stands between the source's current terminals and a meter's current inputs, as its certificate says.
struct CtSubstitute {
  Current primary;          ///< In: what stands for the rated current
  Voltage secondary;        ///< what it gives then: 0.333 V or 1 V
  Ratio ratio_uncertainty;  ///< expanded, k = 2
  Angle phase_uncertainty;  ///< expanded, k = 2
};

/// What no stimulus may leave, whatever plan and source could do.
struct Envelope {
  Voltage voltage;  ///< line to neutral
  Current current;
  Frequency lowest, highest;
  Voltage check_voltage;  ///< the most that may stand before phase order and signs are proved
  /// Nothing, or what of the point is outside.
  std::optional<std::string> outside(const LoadPoint& point) const;
};

/// What keeps the waveform at the reference meter's terminals.
struct Recorder {
  Frequency rate;     ///< samples a second of each channel
  Ratio uncertainty;  ///< of powers computed from its samples, relative to apparent power, expanded, k = 2
};

/// One place for a meter.
struct Socket {
  int position{};                                   ///< from 1
  std::string port;                                 ///< its RS-485 port
  std::string pulses;                               ///< its pulse contact's input
  std::string alarm;                                ///< its alarm contact's input; empty: not wired
  std::string serial;                               ///< a label that a simulated bench shows to its scanner; else empty
  Settings settings;                                ///< for the meter's driver
  std::vector<BenchCertificate> ct_certificates{};  ///< of its own CT substitutes; empty: the bench's hold
  std::string calculator{};  ///< the reference meter's input that its pulse contact leads to as well; empty: none
};

/// With what is tested: a bench file, read and checked whole.
struct BenchFile {
  std::string name, path, text;
  std::string meter;    ///< the driver of the meters under test
  SystemType system{};  ///< how the sockets are wired
  Envelope envelope;
  CtSubstitute ct_substitute;
  std::string source_driver, reference_driver, control_power_driver;
  std::vector<Settings> instruments;  ///< source, reference, control power
  std::vector<Socket> sockets;
  std::optional<Recorder> recorder;
  std::optional<Settings> simulation;
  std::vector<BenchCertificate> reference_certificates, ct_certificates;
  std::optional<Environment> environment;     ///< there where there are certificates
  std::optional<CalendarDate> simulated_day;  ///< the day it is on a simulated bench; there where it has certificates

  /// How many positions share the port that most share: their meters are asked one after the other.
  int most_on_one_port() const;
  /// The certificates of a position's CT substitutes: its own, or else the bench's.
  const std::vector<BenchCertificate>& ct_certificates_of(int position) const;

  const Settings& source() const { return instruments[0]; }
  const Settings& reference() const { return instruments[1]; }
  const Settings& control_power() const { return instruments[2]; }
};

/// @throws Failure(malformed) with file, line and column.
BenchFile load_bench(const std::string& path);

}  // namespace blondel
