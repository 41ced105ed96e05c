#pragma once

#include <optional>

#include "drivers/sim/meter/meter_inputs.hpp"

namespace blondel::sim {

/// When the meter's electronics run: the control power with the reserve that bridges its gaps.
class Supply {
 public:
  /// @param ride_through  how long the meter lives on its reserve (the data sheet says 100 ms at 120 V)
  explicit Supply(const MeterInputs& inputs, Duration ride_through = Duration{100'000'000})
      : inputs_{inputs}, ride_through_{ride_through} {}

  struct Change {
    Time at;
    bool on{};
  };
  /// The next time the electronics come alive or die, if that is not after `horizon`. Everything up to `horizon` must
  /// be known to the inputs. The meter is off before bench time 0.
  std::optional<Change> next(Time horizon);

 private:
  const MeterInputs& inputs_;
  Duration ride_through_;
  bool on_ = false;
  Time seen_{};               ///< changes of the control power up to here have been looked at
  std::optional<Time> lost_;  ///< since when the meter lives on its reserve
};

}  // namespace blondel::sim
