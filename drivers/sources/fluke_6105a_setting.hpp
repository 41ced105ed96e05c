#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "references/load_point.hpp"

namespace blondel {

/// What a Fluke 6105A can give on one channel without changing anything mechanical, rms.
struct FlukeSpan {
  double lowest{}, full_scale{};
  bool operator==(const FlukeSpan&) const = default;
};

/// What a 6105A is set to: the driver's own memory of it, and all that its next steps depend on.
struct FlukeSetting {
  struct Channel {
    std::optional<FlukeSpan> range;  ///< nothing: not yet chosen
    bool armed = false;
    double amplitude = 0, degrees = 0;                   ///< of the fundamental, V or A rms
    std::map<int, std::pair<double, double>> harmonics;  ///< order to amplitude and angle in degrees
    bool operator==(const Channel&) const = default;
  };
  bool on = false;
  double frequency_hz = 0;
  std::array<Channel, 3> voltage, current;
  bool operator==(const FlukeSetting&) const = default;
};

/// The way from one setting to another.
struct FlukeChange {
  FlukeSetting after;
  bool switches_off = false;          ///< the output has to go off in between
  std::vector<std::string> commands;  ///< in order, between "off" and "on"; none of them has an answer
};

/// Why a 6105A cannot give a point, or nothing.
///
/// Limits: 16 to 850 Hz; no component above 6 kHz; harmonics 2 to 50, each order once; fundamental and harmonics of a
/// channel together no more than 1008 V and 21 A, added as if all of them peaked at the same instant, so that a point
/// never depends on the angles of its harmonics; currents of 50 mA and more, or none at all.
/// Source: 6100B/6105A users manual, pages 26, 29, 140 and 147; voltage full scales from drivers of real units.
std::optional<std::string> fluke_cannot(const LoadPoint& point);

/// How to get from what is set to a point that fluke_cannot() has nothing against.
///
/// A range is kept while the new point fits into it and fills at least 10 % of it; otherwise the smallest that holds
/// the point is taken. Changing a range and switching a channel are done with the output off, because the manual does
/// not say what the output does meanwhile (unverified, and the careful choice).
/// Angles: voltages absolute, currents behind or before the voltage of their own phase, harmonics from the
/// fundamental of their own channel (the last two unverified; both are proved on a bench by its wiring check).
FlukeChange fluke_change(const FlukeSetting& before, const LoadPoint& point);

/// What that way costs, without its words: forecasts of many orders of points ask for nothing else.
struct FlukeEffort {
  FlukeSetting after;
  bool switches_off = false;
  int commands = 0;
};
FlukeEffort fluke_effort(const FlukeSetting& before, const LoadPoint& point);

}  // namespace blondel
