#pragma once

#include <map>
#include <string>

namespace blondel {

/// What one user of a line met on it, counted: so that a silent meter can be told from a bad line.
struct LinkRecord {
  int asked = 0;    ///< requests that waited for their answer to the end
  int silent = 0;   ///< nothing came within the limit
  int spoiled = 0;  ///< bytes came that are no answer to the request
  int late = 0;     ///< bytes came after the limit, or behind the answer
  bool gone = false;
  std::map<std::string, int> names{};  ///< of what came spoiled, and how often

  /// How many of the requests something came to that should not.
  int struck() const { return spoiled + late; }
  /// The name that came most often; the first by letters of several.
  std::string name() const {
    if (late > spoiled) return "answers come late";
    std::string most;
    int count = 0;
    for (const auto& [text, times] : names)
      if (times > count) {
        most = text;
        count = times;
      }
    return most;
  }
};

}  // namespace blondel
