#pragma once

#include <deque>
#include <optional>
#include <vector>

#include "references/quantity.hpp"

namespace blondel {

/// A mean power over an interval, with the time at which the interval ended.
struct DemandValue {
  ActivePower mean;
  Seconds end{};
  bool partial{};  ///< the interval was not measured from its beginning
  bool operator==(const DemandValue&) const = default;
};

/// What becomes of an interval that was not measured from its beginning, as after a restart.
enum class PartialInterval {
  discard,  ///< it gives no value
  flag,     ///< its value is the energy seen over the time seen, flagged; it is never the maximum
};

struct DemandSettings {
  Seconds interval{900};
  int subintervals = 1;  ///< 1: block demand. n: rolling demand, a new value every interval / n
  PartialInterval partial = PartialInterval::discard;
};

/// Block and rolling demand: the energy of an interval divided by its length. Intervals end at whole multiples of a
/// sub-interval of the clock. A step that crosses such an end is parted as if its power were constant.
/// Source: IEC 62056-6-2, sliding demand over sub-periods; ANSI C12.1, block and rolling interval demand.
class IntervalDemand {
 public:
  /// @param start  the clock at which feeding begins, s
  /// @pre interval > 0, subintervals >= 1, start >= 0; std::logic_error otherwise
  explicit IntervalDemand(const DemandSettings& settings, Seconds start = Seconds{0});

  /// @returns the values of all intervals that this step completed, oldest first
  /// @pre duration >= 0; std::logic_error otherwise
  std::vector<DemandValue> add(ActiveEnergy energy, Seconds duration);
  /// After a loss of supply: all that is unfinished is forgotten, and the clock goes on from here.
  /// @pre not before the present; std::logic_error otherwise
  void restart(Seconds now);

  Seconds now() const { return Seconds{at_}; }
  /// The largest complete value since the last reset, the earliest where several are equal.
  std::optional<DemandValue> maximum() const { return maximum_; }
  void reset_maximum() { maximum_.reset(); }

 private:
  struct Part {
    double energy{}, time{};  // J, s
    bool whole{};
  };
  std::optional<DemandValue> close();
  double next_end() const;

  DemandSettings settings_;
  double length_;  // of a sub-interval, s
  double at_{};
  long long ended_{};  // sub-intervals of the clock that have ended
  Part open_;
  std::deque<Part> closed_;  // the last `subintervals` of them
  std::optional<DemandValue> maximum_;
};

/// Thermal demand: what a first-order lag shows of the power, 90 % of a step after the response time T, so with the
/// time constant T / ln 10. Each step's power counts as constant, and the lag is solved exactly.
/// Source: ANSI C12.1, lagged demand.
class ThermalDemand {
 public:
  /// @pre response > 0; std::logic_error otherwise
  explicit ThermalDemand(Seconds response, Seconds start = Seconds{0});
  void add(ActiveEnergy energy, Seconds duration);
  /// After a loss of supply: the lag begins again from zero.
  void restart(Seconds now);

  ActivePower present() const { return ActivePower{level_}; }
  /// The largest value at the end of a step.
  std::optional<DemandValue> maximum() const { return maximum_; }
  void reset_maximum() { maximum_.reset(); }

 private:
  double constant_, at_, level_{};
  std::optional<DemandValue> maximum_;
};

}  // namespace blondel
