#pragma once

#include <optional>
#include <string>
#include <vector>

#include "references/quantity.hpp"
#include "references/standards/current_span.hpp"
#include "references/standards/power_factor.hpp"
#include "references/standards/provenance.hpp"

// What a standard requires besides its error limits. Every figure holds for one class and one connection.

namespace blondel {

/// For whom a figure holds, and where it comes from.
struct Applies {
  std::string class_name, connection;
  Provenance from;
  bool operator==(const Applies&) const = default;
};

/// Largest |error under single-phase load - error under balanced load|.
struct Difference {
  Applies to;
  double ratio_to_in{};
  std::string factor;  ///< "1" or "sin 1"
  Ratio limit;
};

/// At this current, unity and balanced load the meter starts and keeps registering.
struct StartingCurrent {
  Applies to;
  double ratio_to_in{};
};

/// How "it starts" is judged.
struct StartVerdict {
  enum class Kind {
    keeps_registering,
    pulses_in_time,  ///< the first and the second pulse each within `times` of start_pulse_time()
  };
  Applies to;
  Kind kind{};
  double times{};
};

/// The test with voltage and without current.
struct NoLoad {
  enum class Over {
    imax,     ///< numerator / (k m Un Imax)
    start,    ///< numerator / (k m U Ist), U the test voltage
    minimum,  ///< numerator / (b k m Un Imin), b the base limit at Imin in %
    nothing,  ///< the standard names the time itself
  };
  Applies to;
  Ratio voltage;  ///< over Un
  Over over{};
  double numerator{};  ///< for a time in `unit`, k in pulses per kWh, V and A
  Seconds unit;        ///< one minute or one hour; of Over::nothing the whole time
  int most_pulses{};
};

/// Register against pulses of the test output.
struct ConstantAgreement {
  Applies to;
  std::optional<double> share_of_limit;  ///< nothing: they must agree, and no number is known
  /// Test energy in Wh is at least this times the resolution of the register in Wh over the base limit in %.
  std::optional<double> energy_factor;
};

/// Runs at one point at close intervals, and how far they may spread.
struct RepeatabilityLimit {
  Applies to;
  int runs{};
  double share_of_limit{};
};

/// What the laboratory's expanded uncertainty may be.
struct UncertaintyWanted {
  Applies to;
  double share_of_limit{};
  double coverage_factor{2};
  /// With a larger U the limit is (1 + share) · limit - U (OIML R 46).
  bool may_reduce_limit{};
};

/// All errors may be shifted by so much together to bring them within the limits.
struct InterpretationAllowance {
  Applies to;
  Ratio shift;
};

/// How far an influence may move the error, at the same load.
struct InfluenceLimit {
  Applies to;
  std::string influence;  ///< one of influence_words()
  std::string change;     ///< "±10 %", as printed
  std::optional<CurrentSpan> currents;
  std::string factor;  ///< "1", "0.5 ind", "sin 1"; empty where the standard names none
  Ratio lower, upper;  ///< of the variation; for each kelvin where per_kelvin
  bool per_kelvin{};
  bool on_request{};
};

/// What holds during accuracy tests, and how nearly.
struct ReferenceCondition {
  Applies to;
  std::string quantity;   ///< "voltage"
  std::string reference;  ///< "Un"
  std::string tolerance;  ///< "1.0 %"; empty where there is none
};

/// What has no shape of its own: burden, start-up time.
struct OtherRequirement {
  Applies to;
  std::string item, value;
};

/// One row as the file and the printed standard have it, all classes side by side.
struct StandardRow {
  struct Figure {
    std::string class_name, value, mark, source;
  };
  std::string section, item, factor;
  std::vector<std::pair<std::string, std::string>> currents;  ///< by connection, or one without a name
  std::vector<Figure> figures;
  std::string clause, note, where;
  bool on_request{};
};

/// What a file knows it lacks (not covered), or the standard does not set (left open).
struct Absent {
  std::string section;
  std::vector<std::string> classes;
  std::string what, why;
};

/// A warning about what may be called a test to this standard.
struct ScopeNote {
  std::string text;
  Provenance from;
};

/// "voltage", "frequency", "phase sequence", ...: the words an influence is called by.
const std::vector<std::string>& influence_words();

}  // namespace blondel
