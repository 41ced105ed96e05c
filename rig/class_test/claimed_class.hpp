#pragma once

#include <optional>
#include <string>
#include <vector>

#include "references/settings.hpp"
#include "references/standards/standard.hpp"
#include "rig/class_test/class_point.hpp"

namespace blondel {

/// A class that a plan has errors compared with.
struct ClaimedClass {
  const Standard* standard{};
  std::string class_name;
  std::string connection;   ///< empty: the first that has the class
  double imax_to_in = 1.2;  ///< of the meter; where the connection fixes it, that one
  /// Why its limits decide nothing for the meter, e.g. that it does not claim the class; empty: they decide.
  std::string informative;
  bool recollection_decides = false;  ///< whether limits that are known from recollection only decide, too
  bool recollection_told = false;     ///< whether the plan says so, one way or the other
  std::string where;                  ///< its place in the plan

  std::string name() const { return standard->full_name(class_name); }
  bool same_as(const ClaimedClass& other) const {
    return standard == other.standard && class_name == other.class_name && connection == other.connection;
  }
};

/// A limit that a point is judged by.
struct PointClaim {
  const ClaimedClass* of{};
  LimitRow limit;
  std::string informative;  ///< why it decides nothing; empty: it decides
};

/// The limit of a class at a point; nothing where it sets none.
std::optional<PointClaim> claim_at(const ClaimedClass& claimed, const ClassPoint& point);
/// Why a figure of that mark decides nothing for this class; empty: it decides.
std::string why_informative(const ClaimedClass& claimed, const std::string& mark);

/// A class that the meter claims and that nothing would decide must be told so by the plan: else any meter passed it.
/// @param why  why not, of one of its figures
/// @returns what is wrong; nothing where something decides, or the plan says that nothing shall.
std::optional<std::string> undecided(const ClaimedClass& claimed, bool something_decides, const std::string& why);

/// The points of a full verification of a class, those it wants on request only where wanted.
std::vector<ClassPoint> points_of(const ClaimedClass& claimed, int elements, bool on_request);

/// Reads a step's `standard` (with `edition`, `connection`, `imax`) or its list `standards` of maps with these keys and
/// `claimed`, besides `recollected_limits`, which each of them may have, too. @throws Failure(malformed) where it
/// stands: a class there is not, classes of different kinds of energy, the same class twice.
std::vector<ClaimedClass> read_claimed_classes(const Settings& step);

}  // namespace blondel
