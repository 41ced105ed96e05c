#include "references/metering/demand.hpp"

#include <cmath>
#include <numbers>
#include <stdexcept>

namespace blondel {
namespace {

/// Ends of steps that are this near an end of an interval are that end: sums of durations carry rounding.
constexpr double same_instant = 1e-9;

}  // namespace

IntervalDemand::IntervalDemand(const DemandSettings& settings, Seconds start)
    : settings_{settings}, length_{settings.interval.si() / settings.subintervals} {
  if (settings.subintervals < 1 || !(settings.interval.si() > 0) || !(start.si() >= 0))
    throw std::logic_error{"a demand needs an interval, sub-intervals and a clock that is not negative"};
  restart(start);
}

double IntervalDemand::next_end() const {
  return static_cast<double>(ended_ + 1) * length_;
}

void IntervalDemand::restart(Seconds now) {
  if (now.si() < at_) throw std::logic_error{"a demand's clock cannot go back"};
  at_ = now.si();
  closed_.clear();
  ended_ = static_cast<long long>(std::floor(at_ / length_ + same_instant));
  const double into = at_ - static_cast<double>(ended_) * length_;
  open_ = {.whole = into <= same_instant * length_};
}

std::vector<DemandValue> IntervalDemand::add(ActiveEnergy energy, Seconds duration) {
  if (!(duration.si() >= 0)) throw std::logic_error{"a demand cannot be fed backwards"};
  std::vector<DemandValue> values;
  double left_time = duration.si(), left_energy = energy.si();
  while (true) {
    const double room = next_end() - at_;
    if (left_time < room - same_instant * length_) break;
    const double share = left_time > room ? room / left_time : 1;
    open_.energy += left_energy * share;
    open_.time += left_time * share;
    left_energy -= left_energy * share;
    left_time -= left_time * share;
    at_ = next_end();
    if (const auto value = close()) values.push_back(*value);
  }
  open_.energy += left_energy;
  open_.time += left_time;
  at_ += left_time;
  return values;
}

std::optional<DemandValue> IntervalDemand::close() {
  ++ended_;
  closed_.push_back(open_);
  open_ = {.whole = true};
  if (closed_.size() > static_cast<std::size_t>(settings_.subintervals)) closed_.pop_front();

  bool whole = closed_.size() == static_cast<std::size_t>(settings_.subintervals);
  double energy = 0, time = 0;
  for (const Part& part : closed_) {
    whole = whole && part.whole;
    energy += part.energy;
    time += part.time;
  }
  if (!whole && settings_.partial == PartialInterval::discard) return std::nullopt;
  const double over = whole ? settings_.interval.si() : time;
  const DemandValue value{ActivePower{energy / over}, Seconds{at_}, !whole};
  if (whole && (!maximum_ || value.mean > maximum_->mean)) maximum_ = value;
  return value;
}

ThermalDemand::ThermalDemand(Seconds response, Seconds start)
    : constant_{response.si() / std::numbers::ln10}, at_{start.si()} {
  if (!(response.si() > 0)) throw std::logic_error{"a thermal demand needs a response time"};
}

void ThermalDemand::add(ActiveEnergy energy, Seconds duration) {
  if (!(duration.si() >= 0)) throw std::logic_error{"a demand cannot be fed backwards"};
  if (duration.si() == 0) return;
  const double power = energy.si() / duration.si();
  level_ -= (power - level_) * std::expm1(-duration.si() / constant_);
  at_ += duration.si();
  if (!maximum_ || level_ > maximum_->mean.si()) maximum_ = DemandValue{ActivePower{level_}, Seconds{at_}, false};
}

void ThermalDemand::restart(Seconds now) {
  if (now.si() < at_) throw std::logic_error{"a demand's clock cannot go back"};
  at_ = now.si();
  level_ = 0;
}

}  // namespace blondel
