#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "drivers/modbus/link_record.hpp"
#include "drivers/modbus/reply.hpp"
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
  /// How long a single answer may take: the longest, at the line's speed, with the longest delay that the data sheet
  /// leaves open.
  virtual Duration answer_limit() const = 0;

  /// Frame by frame, for questions about the meter's Modbus server itself: sends `frame` as it is on the meter's line
  /// and names what comes back; nothing is repeated, retried or made a Failure of. rtu_frame() makes a frame with its
  /// checksum, for any address, function and data; spoil it as you like.
  ///
  ///     auto frame = rtu_frame(meter.unit(), 0x2B, {0x0E, 0x01, 0x00});
  ///     const auto reply = co_await meter.exchange(frame, meter.answer_limit());
  ///
  /// Returns when the line has fallen silent after an answer, else `limit` after the request. After a good answer or an
  /// exception (and after a broadcast) the line is free at once; after silence or anything else it rests long enough
  /// for a late answer to pass.
  /// @throws Failure(unreachable) when the line is gone; Failure(incapable) for a meter that is not on a serial Modbus.
  virtual Task<Reply> exchange(ModbusBytes frame, Duration limit);
  /// What came over the meter's line so far, counted.
  virtual LinkRecord link() const { return {}; }
  /// The meter's address on its line.
  virtual int unit() const { return 1; }
};

using MakeMeter = std::function<std::unique_ptr<Meter>(const Settings&, Surroundings&, Order)>;
Catalog<MakeMeter>& meters();

}  // namespace blondel
