#pragma once

#include <optional>
#include <string>
#include <vector>

#include "references/error.hpp"
#include "references/quantity.hpp"
#include "references/standards/power_factor.hpp"

namespace blondel {

class CsvFile;

/// One limit of a standard: the largest permitted |percentage error| in a range of current.
struct LimitRow {
  PowerFactor power_factor;
  double from{};                ///< I / In, this current included
  std::optional<double> below;  ///< I / In, this current excluded; nothing = up to Imax, included
  Ratio limit;
  std::string standard;  ///< with the class: "IEC 62053-22 class 0.5S"
  std::string edition, clause;
  std::string mark;  ///< how well the figure is known: V seen, V* seen in a secondary source, M and m from memory
  std::string source;
  int line{};

  /// Whether the figure was seen in a published source. A report that judges by another one says so.
  bool verified() const { return mark == "V" || mark == "V*"; }
  bool operator==(const LimitRow&) const = default;
};

/// A load point as the plan states it. The nominal one: a limit must not flicker with the noise of the source.
struct Condition {
  PowerFactor power_factor;
  double ratio_to_in{};    ///< I / In
  double imax_to_in{1.2};  ///< Imax / In of the meter; 1.2 for meters fed by current sensors with +20 % over-range
};

/// The accuracy limits of one class under one kind of load, read from a table file and checked whole.
class LimitTable {
 public:
  /// @throws Failure (malformed) with file, line and column: broken syntax, unknown words, limits that are not above
  ///         0, rows of one power factor that overlap, leave a gap or do not rise, and rows that name different
  ///         standards, editions or loads.
  static LimitTable load(const std::string& path);
  /// The same for a text; `name` stands where the file name would.
  static LimitTable parse(const std::string& text, const std::string& name);

  /// The limit at a nominal condition, or nothing where the standard sets none: a power factor between the listed
  /// ones, a current below the first row or above Imax. No limit is never a pass. At a breakpoint the row of the
  /// higher current applies; a ratio that differs from a breakpoint in its last bits only stands at it.
  std::optional<LimitRow> limit(const Condition& at) const;

  const std::string& standard() const { return rows_.front().standard; }
  const std::string& edition() const { return rows_.front().edition; }
  const std::string& load_kind() const { return load_kind_; }  ///< "balanced" or "single-phase"
  const std::vector<LimitRow>& rows() const { return rows_; }
  const std::string& file() const { return file_; }
  /// Every mark that stands in the table, each once, in the order V, V*, M, m.
  std::vector<std::string> marks() const;

 private:
  static LimitTable from(const CsvFile& file);

  std::string file_, load_kind_;
  std::vector<LimitRow> rows_;
};

}  // namespace blondel
