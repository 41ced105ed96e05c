#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "references/error.hpp"
#include "references/standards/limit_table.hpp"

namespace blondel {

/// One table of limits that there is, for `blondel list standards`.
struct StandardEntry {
  std::string name;     ///< as plans say it: "IEC 62053-22 class 0.5S"
  std::string edition;  ///< "2003"
  std::string load;     ///< "balanced" or "single-phase"
  std::filesystem::path path;
  std::size_t rows{};
  std::vector<std::string> marks;  ///< of its figures; see LimitRow::mark
  bool operator==(const StandardEntry&) const = default;
};

/// The classes there are, found by reading every table (*.csv) in a folder: a laboratory adds or corrects a file,
/// not code. In the order of name, edition, load.
class StandardList {
 public:
  /// Those of a folder. @throws Failure when the folder cannot be read, a table in it is broken, or two tables
  /// claim the same class, edition and load.
  static StandardList scan(const std::filesystem::path& folder);
  /// Those that come with Blondel: data_folder() / "standards".
  static StandardList ours();

  const std::vector<StandardEntry>& entries() const { return entries_; }

  /// The table of a class. The edition may be left out where there is only one.
  /// @throws Failure (malformed, at `where`) that lists what there is.
  LimitTable table(const std::string& name, const std::string& load, const std::optional<std::string>& edition,
                   const std::string& where) const;

 private:
  std::vector<StandardEntry> entries_;
};

}  // namespace blondel
