#pragma once

#include <array>
#include <complex>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "drivers/reference_meters/error_calculator.hpp"
#include "drivers/sources/ac_source.hpp"

namespace blondel {

/// What a reference meter says of one measuring interval; currents and powers on the source's side of the CT
/// substitutes.
struct ReferenceReading {
  Time from, to;  ///< the interval it averages over
  Frequency frequency;
  std::array<Voltage, 3> voltage;
  std::array<Current, 3> current;
  std::array<Angle, 3> voltage_angle;  ///< absolute, lead positive, phase A is 0
  std::array<Angle, 3> lag;            ///< current behind its own voltage
  std::array<ActivePower, 3> active;
  std::array<ReactivePower, 3> reactive;
  std::array<ApparentPower, 3> apparent;
  ActivePower active_total;
};

/// The spectra of one measuring interval: complex rms by order, 0 being DC. An order h is turned by h times what brings
/// the fundamental of voltage A to angle 0; leading angles are positive. In V and A, on the source's side of the CT
/// substitutes.
struct ReferenceSpectrum {
  std::array<std::map<int, std::complex<double>>, 3> voltage, current;
};

enum class PowerKind { active, reactive };

/// The instrument that says what is true.
class ReferenceMeter {
 public:
  virtual ~ReferenceMeter() = default;
  virtual Task<Identity> open(Time deadline) = 0;
  /// Why the point cannot be measured, or nothing. Needs no connection.
  virtual std::optional<std::string> cannot(const LoadPoint& point) const = 0;
  /// Chooses ranges for a point and an integration time. To be called before the point is applied: a range change
  /// never falls into a measurement.
  virtual Task<void> prepare(LoadPoint point, Duration integration) = 0;
  /// Waits for the next interval that began after this call, and returns it.
  virtual Task<ReferenceReading> next() = 0;
  /// Power of each element over the next interval that began after this call, W or var on the source's side of the CT
  /// substitutes: all that a long watch of a steady load asks for, at a fraction of the traffic of next().
  virtual Task<std::array<double, 3>> next_power(PowerKind kind) = 0;
  /// The last complete interval, without waiting for a new one: for seeing that something is off.
  virtual Task<ReferenceReading> latest() = 0;
  /// The spectra of the very interval that the last reading was of; nothing where the instrument has no way to tell.
  virtual Task<std::optional<ReferenceSpectrum>> spectrum() = 0;
  /// Expanded uncertainty (k = 2) of active power relative to apparent power at this point, by the certificate the
  /// bench file names or the class of the instrument.
  virtual Ratio expanded_uncertainty(const LoadPoint& point) const = 0;
  /// Its own pulse error calculator, which lives as long as this; null where it has none.
  virtual ErrorCalculator* calculator() { return nullptr; }
};

using MakeReferenceMeter = std::function<std::unique_ptr<ReferenceMeter>(const Settings&, Surroundings&, Order)>;
Catalog<MakeReferenceMeter>& reference_meters();

}  // namespace blondel
