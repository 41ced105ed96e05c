#pragma once

#include <optional>
#include <string>
#include <vector>

#include "references/quantity.hpp"
#include "references/standards/provenance.hpp"

namespace blondel {

/// What a meter's own data sheet promises, read from a file and checked whole. docs/standards.md has the format.
class DataSheet {
 public:
  /// "The active power and energy are those of this class."
  struct ClassClaim {
    std::string quantity, standard;  ///< standard with its class, as plans say it
    Provenance from;
  };
  /// A percentage that holds in a range; it grows with every kelvin away from the reference temperature.
  struct Statement {
    std::string quantity;        ///< "voltage" or "current"
    double lowest{}, highest{};  ///< both included: V line to neutral, or current over its range
    std::string range;           ///< as printed
    Ratio limit;
    Ratio per_kelvin;
    Temperature reference;
    Temperature coldest, warmest;  ///< ambient; outside nothing is promised
    Provenance from;
  };
  struct Absent {
    std::string what, why;
  };

  /// @throws Failure (malformed, file:line:column): unknown words, a limit that is not above 0, ranges of one quantity
  ///         that overlap or leave a gap.
  static DataSheet load(const std::string& path);
  /// Those that come with Blondel, data_folder() / "standards/data_sheets", in the order of their files.
  static std::vector<DataSheet> ours();
  /// Of the Series 4000-K, read once a process.
  static const DataSheet& series_4000_k();

  const std::string& meter() const { return meter_; }
  const std::string& edition() const { return edition_; }
  const std::string& file() const { return file_; }
  const std::vector<ClassClaim>& classes() const { return classes_; }
  const std::vector<Statement>& statements() const { return statements_; }
  const std::vector<Absent>& not_covered() const { return not_covered_; }

  /// What is promised of a reading, or nothing. Where two ranges meet, the upper one holds.
  /// @param value  V line to neutral, or current over its range
  std::optional<Ratio> tolerance(const std::string& quantity, double value, Temperature ambient) const;

 private:
  std::string meter_, edition_, file_;
  std::vector<ClassClaim> classes_;
  std::vector<Statement> statements_;
  std::vector<Absent> not_covered_;
};

}  // namespace blondel
