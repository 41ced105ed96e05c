#pragma once

#include <optional>
#include <string>
#include <vector>

#include "references/error.hpp"
#include "references/quantity.hpp"
#include "references/standards/power_factor.hpp"
#include "references/standards/provenance.hpp"

namespace blondel {

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
  std::string where{};  ///< "file:line:column"

  bool with_end{};    ///< `below` is included too; where it equals `from` the row holds at one current
  bool on_request{};  ///< the standard wants it only when the user asks
  /// Every power factor from `power_factor` over unity to this one, where no row of its own stands (OIML R 46).
  std::optional<PowerFactor> through{};
  /// Of reactive energy: |sin φ|, inductive and capacitive; `power_factor` says nothing then.
  std::optional<double> sine{};
  /// Below this I / In the limit grows as this current over I (OIML R 46 below Imin).
  std::optional<double> grows_below{};

  /// Whether the figure was seen in a published source. A report that judges by another one says so.
  bool verified() const { return mark == "V" || mark == "V*"; }
  /// The same row of the same table: what limit() returns may have grown.
  bool same_row(const LimitRow& other) const;
  bool operator==(const LimitRow&) const = default;
};

/// A load point as the plan states it. The nominal one: a limit must not flicker with the noise of the source.
struct Condition {
  PowerFactor power_factor;
  double ratio_to_in{};    ///< I / In
  double imax_to_in{1.2};  ///< Imax / In of the meter; 1.2 for meters fed by current sensors with +20 % over-range
  std::optional<double> sine{};  ///< |sin φ|, for a table of reactive energy
};

/// The accuracy limits of one class under one kind of load, checked whole.
class LimitTable {
 public:
  /// @param rows  in rising order of current for each power factor
  /// @throws Failure (malformed, where the row stands): no row, limits that are not above 0, rows that end before they
  ///         begin, and rows of one power factor that overlap, leave a gap or do not rise. Rows that hold at one
  ///         current leave gaps; no limit is set between them.
  LimitTable(std::vector<LimitRow> rows, std::string load_kind, std::string file);

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
  std::string file_, load_kind_;
  std::vector<LimitRow> rows_;
};

/// "0.5 ind", "0.5 ind to 0.8 cap", "sin 0.5": what a row holds for, as tables print it.
std::string show_factor(const LimitRow& row);

}  // namespace blondel
