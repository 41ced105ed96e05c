#pragma once

#include "drivers/sim/bus/bus.hpp"
#include "drivers/time/background.hpp"

namespace blondel::sim {

/// Somebody else's master that polls a device of its own on the same bus, as happens where a line is not the rig's
/// alone: it asks for a register of unit 200, and its device answers.
class ForeignTraffic {
 public:
  struct Habits {
    Duration every{500'000'000};
    bool listens_first = true;  ///< otherwise it speaks into whatever is on the line
  };
  /// `bus` outlives this. @param seed  of what is asked and when, around `every`
  ForeignTraffic(Clock& clock, Bus& bus, SerialSettings port, Order order, std::uint64_t seed, Habits habits);
  ForeignTraffic(Clock& clock, Bus& bus, SerialSettings port, Order order, std::uint64_t seed)
      : ForeignTraffic{clock, bus, port, order, seed, Habits{}} {}
  ~ForeignTraffic();

  std::uint64_t polls() const { return polls_; }

 private:
  Task<void> poll();

  Clock& clock_;
  Bus& bus_;
  Order order_;
  std::uint64_t seed_, polls_ = 0;
  Habits habits_;
  Bus::Tap master_, device_;
  Background background_;
};

}  // namespace blondel::sim
