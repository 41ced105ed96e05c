#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "drivers/sources/ac_source.hpp"

namespace blondel {

/// A meter under test, asked by meaning. Which register holds a point stands in the meter's map and nowhere else.
///
/// Points carry the names of the register map, e.g. "real_power_total_f", "ct_primary", "firmware_version_os".
/// Every call throws Failure: timeout (the meter does not answer), protocol (it answers nonsense), rejected (a Modbus
/// exception, with its code).
class Meter {
 public:
  virtual ~Meter() = default;

  /// Who the meter says it is (function 11 or 2B/0E); serial is empty where the meter has no way to tell it.
  virtual Task<Identity> identify(Time deadline) = 0;
  /// Points in the unit of the map, scale factors applied (kW stay kW); NaN where the meter says "no value". Points
  /// of one block come out of one request.
  virtual Task<std::map<std::string, double>> read(std::vector<std::string> points) = 0;
  /// Writes configuration points in the order given, in the unit of the map, and returns when the meter has had the
  /// time to store them. Does not read back.
  virtual Task<void> write(std::vector<std::pair<std::string, double>> points) = 0;
  /// Issues a command by name: "clear_energy", "clear_pulse_counters", "new_demand_interval", "reset_max_demand".
  virtual Task<void> command(std::string name) = 0;
  /// Every configuration point and the value it has when the meter leaves the factory, in the order of writing.
  virtual std::vector<std::pair<std::string, double>> shipping_state() const = 0;
  /// How often the meter renews its readings.
  virtual Duration refresh() const = 0;
  /// How long a single answer may take.
  virtual Duration answer_limit() const = 0;
};

using MakeMeter = std::function<std::unique_ptr<Meter>(const Settings&, Surroundings&, Order)>;
Catalog<MakeMeter>& meters();

}  // namespace blondel
