#pragma once

#include <map>
#include <string>

#include "references/metering/connection.hpp"
#include "references/metering/phasor_metering.hpp"

namespace blondel::series_4000_k {

/// What the Series 4000-K must show of the truth at its inputs, by the names of its register map and in the units
/// of it (kW, kvar, kVA, V, A, Hz): every float point of instantaneous values. NaN where the system type has no
/// such value.
///
/// Where the manual is silent, this is the reading we take: the meter is unidirectional and indifferent to a turned
/// current sensor, so a phase's powers are magnitudes, and totals are sums of magnitudes; kVA total is the
/// arithmetic sum; reactive power is that of the fundamental; a power factor is kW / kVA. In a delta the values of a
/// phase are taken against a virtual neutral, and the meter may as well tell none (see bookkeeping()).
/// Source: installation guide ZL0138-0A, point map and wiring table.
std::map<std::string, double> readings(const Quantities& truth, SystemType type);

/// Points that a meter of this system type may leave without value, or split between the phases as it likes, since
/// only their sum has a meaning: power, reactive and apparent power and power factor of a phase in a delta.
bool bookkeeping(const std::string& point, SystemType type);

}  // namespace blondel::series_4000_k
