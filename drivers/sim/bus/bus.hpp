#pragma once

#include <deque>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "drivers/modbus/modbus_line.hpp"
#include "drivers/sim/bus/line_fault.hpp"
#include "drivers/sim/bus/uart.hpp"
#include "drivers/sim/meter/simulated_meter.hpp"
#include "drivers/time/background.hpp"
#include "drivers/time/event.hpp"

namespace blondel::sim {

/// A two-wire RS-485 bus with up to 63 meters and any number of masters: every character takes the time of its bits,
/// everybody hears everybody, and whoever speaks while another does garbles both.
///
/// Half duplex: nobody hears himself, unless the adapter echoes. Where one speaker is heard by a port that is set like
/// its own, his bytes arrive as they are; otherwise, and where several speak at once, the line's level is worked out
/// and sampled as a receiver samples it (`uart.hpp`), which gives the garbage that a wrong speed or parity gives.
/// A master hears the bytes of one stretch of talk at once, at the end of its last stop bit.
class Bus {
 public:
  /// Who is on the bus; counted from 0 in the order of joining.
  using Tap = int;
  using Ear = std::function<void(std::string)>;
  static constexpr int most_meters = 63;

  /// @param seed  of the line's faults and noise
  Bus(Clock& clock, Order order, std::uint64_t seed);
  ~Bus();
  Bus(const Bus&) = delete;
  Bus& operator=(const Bus&) = delete;

  /// `meter` outlives this. @throws std::logic_error for the 64th meter.
  Tap add_meter(SimulatedMeter& meter, SerialSettings port);
  /// @param on_bytes  gets what a master hears
  /// @param on_gone   is told when a request finds the adapter gone
  Tap add_master(SerialSettings port, Ear on_bytes, std::function<void()> on_gone = {});
  /// A master falls silent for good and hears nothing more.
  void remove_master(Tap master);

  /// A master speaks as soon as the line has been silent for 3.5 characters. @returns the end of its last stop bit.
  Time say(Tap master, const std::string& bytes);
  /// A master speaks at an instant (now or later) without listening first. @returns the same.
  Time say_at(Tap master, const std::string& bytes, Time begin);

  void configure(Tap tap, SerialSettings port);
  SerialSettings settings(Tap tap) const;

  /// From now on a meter's wire has exactly this fault. Kinds that are of the whole line strike every request.
  void set_fault(Tap meter, LineFault fault);
  /// One more beside those there are.
  void add_fault(Tap meter, LineFault fault);

  /// Of all masters; of all meters, whether they were heard or not.
  std::uint64_t requests() const { return requests_; }
  std::uint64_t answers() const { return answers_; }
  /// Stretches in which more than one spoke.
  std::uint64_t collisions() const { return collisions_; }
  /// How often a fault has struck.
  std::uint64_t struck() const;

 private:
  struct Member;
  struct Talk {
    Tap by;
    SerialSettings port;
    std::vector<StampedByte> bytes;
    Time begin, end;
    bool echoes;
  };
  /// Talk without a gap: disjoint from every other stretch.
  struct Stretch {
    std::vector<Talk> talks;
    Time begin, end;
    bool delivered = false;
  };

  Task<void> serve();
  void answered(Tap meter, const std::vector<StampedByte>& bytes);
  Talk talk(Tap by, const std::string& bytes, Time begin) const;
  void put_on_line(Talk talk);
  void meters_hear(const Stretch& stretch);
  void feed_meters();
  void deliver_due();
  void deliver(const Stretch& stretch);
  std::string heard_by(Tap master, const Stretch& stretch) const;
  Time free_from(Time now, const SerialSettings& port) const;
  void make_noise(Tap by, Time request_end);
  void hold_at_space(Tap by, Time request_end);
  Member& member(Tap tap) { return *members_[static_cast<std::size_t>(tap)]; }
  const Member& member(Tap tap) const { return *members_[static_cast<std::size_t>(tap)]; }

  Clock& clock_;
  Order order_;
  std::uint64_t seed_;
  std::uint64_t requests_ = 0, answers_ = 0, collisions_ = 0;
  std::vector<std::unique_ptr<Member>> members_;
  LineFaults line_faults_;
  std::list<Stretch> stretches_;  ///< by time
  Event changed_;
  Background background_;
};

}  // namespace blondel::sim
