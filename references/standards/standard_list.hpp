#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "references/error.hpp"
#include "references/standards/limit_table.hpp"
#include "references/standards/standard.hpp"

namespace blondel {

/// One class of one edition that there is, for `blondel list standards`.
struct StandardEntry {
  std::string name;  ///< as plans say it: "IEC 62053-22 class 0.5S"
  std::string edition;
  bool is_default{};  ///< judges the plans that name no edition
  std::filesystem::path path;
  std::size_t figures{};
  std::map<std::string, int> marks;  ///< how many figures bear each; see known_marks()

  /// Of the figures, those seen in a published source.
  double verified_share() const;
  bool operator==(const StandardEntry&) const = default;
};

/// A class that was asked for, in its edition.
struct StandardClass {
  const Standard* standard{};
  std::string class_name;
};

/// The standards there are, found by reading every file (*.yaml) in a folder: a laboratory adds or corrects a file,
/// not code. In the order of name and edition.
class StandardList {
 public:
  /// Those of a folder. @throws Failure when the folder cannot be read, a file in it is broken, or two files claim the
  /// same standard and edition, or both to be the default edition of one.
  static StandardList scan(const std::filesystem::path& folder);
  /// Those that come with Blondel: data_folder() / "standards". Read once a process and folder.
  static const StandardList& ours();

  const std::vector<Standard>& standards() const { return standards_; }
  /// A line a class and edition.
  std::vector<StandardEntry> entries() const;

  /// A class by its full name. Without an edition: the only one that has the class, else the default one.
  /// @throws Failure (malformed, at `where`) that lists what there is, with the nearest name.
  StandardClass find(const std::string& full_name, const std::optional<std::string>& edition,
                     const std::string& where) const;
  /// The limits of a class. @throws Failure like find(), and where the class has no table for that load.
  LimitTable table(const std::string& full_name, const std::string& load, const std::optional<std::string>& edition,
                   const std::string& where) const;

 private:
  std::vector<Standard> standards_;
};

}  // namespace blondel
