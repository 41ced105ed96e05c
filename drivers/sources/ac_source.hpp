#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "drivers/transport/surroundings.hpp"
#include "references/catalog.hpp"
#include "references/load_point.hpp"
#include "references/settings.hpp"

namespace blondel {

struct Identity {
  std::string maker, model, serial, firmware;
  bool operator==(const Identity&) const = default;
};

/// Foretells what a sequence of points costs, without any traffic: the same rules by which the driver itself waits.
/// A fresh one begins with the output off.
class SourceForecast {
 public:
  virtual ~SourceForecast() = default;
  /// Bench time from the call of apply(point) to the instant at which the output may be used: traffic, range changes
  /// and settling.
  virtual Duration apply(const LoadPoint& point) = 0;
  virtual void off() = 0;
  /// One of its own that goes on from here.
  virtual std::unique_ptr<SourceForecast> copy() const = 0;
};

/// A three-phase source of test voltage and current.
///
/// Every implementation passes ac_source_contract_test.cpp:
/// - cannot() says without any traffic why a point is out of reach.
/// - apply() sets a point and switches the output on; it refuses what the source cannot do and never clamps. On
///   Failure the outputs are off or as they were, and the message says which.
/// - check() throws Failure(tripped) when the output is not as apply() left it.
/// - make_safe() switches all outputs off and proves it by the instrument's own answer: from any state, as often as
///   asked, over a session of its own that no other command can hold up.
class AcSource {
 public:
  virtual ~AcSource() = default;
  /// Connects, identifies, clears and leaves the output off.
  virtual Task<Identity> open(Time deadline) = 0;
  /// Nothing when the source can give this point; otherwise why not. Needs no connection.
  virtual std::optional<std::string> cannot(const LoadPoint& point) const = 0;
  virtual Task<void> apply(LoadPoint point) = 0;
  /// How long after the return of the last apply() the output may be used.
  virtual Duration settling() const = 0;
  virtual std::unique_ptr<SourceForecast> forecast() const = 0;
  virtual Task<void> check() = 0;
  virtual Task<void> make_safe() = 0;
};

using MakeAcSource = std::function<std::unique_ptr<AcSource>(const Settings&, Surroundings&, Order)>;
Catalog<MakeAcSource>& ac_sources();

}  // namespace blondel
