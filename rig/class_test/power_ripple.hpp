#pragma once

#include "references/load_point.hpp"

namespace blondel {

/// How far the pulse edges of a meter that integrates instantaneous power stray from an even train, as a standard
/// deviation in s: power pulsates at twice the frequency, so energy is early or late by up to |Σ U·I·exp(j(2·α - φ))| /
/// (2·ω·P), α being the voltage's angle and φ the lag. Nothing under a balanced three-phase load, 0.94 ms with one
/// element alone at unity and 60 Hz.
/// @param watts  active power of the load, above 0
double power_ripple_s(const LoadPoint& load, double watts);

}  // namespace blondel
