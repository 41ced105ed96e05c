#pragma once

#include <cstdint>
#include <string>

#include "reports/run_view.hpp"

namespace blondel {

/// A number with so many decimals and its sign ("+0.031", "-0.200"); zero has none.
std::string signed_text(double value, int decimals);

/// The same with a real minus sign (U+2212) for a page.
std::string typeset(std::string number);

/// In its shortest form, at most six significant digits.
std::string short_text(double value);

/// How many decimals the value of a measurement is shown with: two significant digits of its uncertainty (JCGM 100,
/// 7.2.6), and as many more as it takes that a value outside its limit does not read as one that lies on it.
int decimals_for(const MeasurementView& measurement);

/// The value without its unit, or "not a number".
std::string value_text(const MeasurementView& measurement);

/// The value with its unit, or "not a number".
std::string value_unit_text(const MeasurementView& measurement);

/// Both limits without their unit: "±0.2", "−0.4 … +0.2", "at most 3", or "none".
std::string limits_text(const MeasurementView& measurement);

/// What is measured, for a person: "percentage_error" is "percentage error".
std::string words_of(const std::string& name);

/// Bench time as h:mm:ss.mmm.
std::string clock_text(std::int64_t bench_time_ns);

/// A span of bench time as "3.2 s", "12 min 40 s", "2 h 05 min".
std::string duration_text(double seconds);

/// A verdict for an eye in a hurry: "PASS", "FAIL".
std::string verdict_word(Verdict verdict);

}  // namespace blondel
