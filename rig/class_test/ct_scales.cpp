#include "rig/class_test/ct_scales.hpp"

#include <fmt/format.h>

#include <limits>

namespace blondel {

namespace {

std::size_t place_of(const Run& run, const Position& position) {
  return static_cast<std::size_t>(&position - run.positions.data());
}

}  // namespace

Task<void> CtScales::learn(Run& run, Time slot_end) {
  by_position_.assign(run.positions.size(), std::numeric_limits<double>::quiet_NaN());
  const Run::Body learn = [this, &run](Position& position) { return learn_one(run, position); };
  co_await run.each("CT primary", learn, slot_end);
}

double CtScales::of(const Run& run, const Position& position) const {
  return by_position_.at(place_of(run, position));
}

Task<void> CtScales::learn_one(Run& run, Position& position) {
  const std::vector<std::string> point = {"ct_primary"};
  const auto values = co_await run.read(position, point);
  const double primary = values.at("ct_primary");
  if (!(primary > 0))
    throw Failure{Fault::rejected, fmt::format("position {}", position.number),
                  fmt::format("its ct_primary reads {}", primary)};
  by_position_[place_of(run, position)] = run.bench.file().ct_substitute.primary.si() / primary;
}

}  // namespace blondel
