#include "rig/qualify_sizes.hpp"

#include <algorithm>
#include <cmath>
#include <map>

namespace blondel {

namespace {

constexpr double uncertainties = 1.5;

/// A register of 16 bits is told by its method without the float's ending at its name.
bool is_integer(const std::string& name) {
  return name.find(" / register ") != std::string::npos && name.find("_f / ") == std::string::npos;
}

/// Pulses and the like: they move by one for reasons of their own.
bool is_count(double value, double then) {
  return value == std::round(value) && then == std::round(then);
}

/// How far a value may still move towards the limit it moves to: to 1.5 U before it, and to 1.5 U behind.
struct Room {
  double inside, outside;
};

std::optional<Room> room_of(const JudgedNumber& n, double moved) {
  const auto limit = moved > 0 ? n.upper : n.lower;
  if (!limit) return std::nullopt;
  const double distance = std::abs(*limit - n.value), margin = uncertainties * n.expanded_uncertainty;
  const bool already_outside = moved > 0 ? n.value > *limit : n.value < *limit;
  if (already_outside || distance <= margin) return std::nullopt;
  if (std::abs(moved) < 0.1 * distance || std::abs(moved) < 0.5 * n.expanded_uncertainty) return std::nullopt;
  return Room{(distance - margin) / std::abs(moved), (distance + margin) / std::abs(moved)};
}

}  // namespace

std::optional<FaultSizes> sizes_for(const CaseResult& good, const CaseResult& probed, double probe, int power) {
  std::map<std::string, double> then;
  for (const auto& n : probed.numbers) then.emplace(n.name, n.value);
  std::optional<FaultSizes> sizes;
  for (const auto& n : good.numbers) {
    const auto found = then.find(n.name);
    if (found == then.end() || is_integer(n.name) || is_count(n.value, found->second)) continue;
    const auto room = room_of(n, found->second - n.value);
    if (!room) continue;
    const double outside = probe * std::pow(room->outside, 1.0 / power);
    const double inside = probe * std::pow(room->inside, 1.0 / power);
    if (!sizes) sizes = FaultSizes{outside, inside, n.name};
    if (outside < sizes->outside) {
      sizes->outside = outside;
      sizes->judged_by = n.name;
    }
    sizes->inside = std::min(sizes->inside, inside);
  }
  return sizes;
}

}  // namespace blondel
