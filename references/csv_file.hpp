#pragma once

#include <string>
#include <vector>

#include "references/error.hpp"

namespace blondel {

/// One cell of a table file, with its place for messages.
struct CsvCell {
  std::string text;
  int line{}, column{};  ///< where it begins, in characters, from 1
  bool operator==(const CsvCell&) const = default;
};

/// A table file with a header row: register maps and limit tables.
///
/// Source of the syntax: RFC 4180 (quotes around a cell, doubled inside, line breaks allowed inside quotes), with LF
/// or CRLF. Of our own: where comments are allowed, lines that begin with '#' and empty lines are skipped, and
/// blanks around unquoted cells do not count.
class CsvFile {
 public:
  enum class Comments { none, hash };

  /// @throws Failure (malformed) with file, line and column for an unreadable file, broken quoting, and a row whose
  ///         cells are not as many as the header's.
  static CsvFile load(const std::string& path, Comments comments);
  /// The same for a text; `name` stands where the file name would.
  static CsvFile parse(const std::string& text, const std::string& name, Comments comments);

  /// Refuses a header that is not made of exactly these words in this order.
  void expect_header(const std::vector<std::string>& words) const;

  const std::vector<CsvCell>& header() const { return header_; }
  const std::vector<std::vector<CsvCell>>& rows() const { return rows_; }
  const std::string& name() const { return name_; }

  /// "limits.csv:14:7"
  std::string where(const CsvCell& cell) const;
  /// A Failure at this cell.
  [[nodiscard]] Failure failure(const CsvCell& cell, std::string what) const;

 private:
  std::string name_;
  std::vector<CsvCell> header_;
  std::vector<std::vector<CsvCell>> rows_;
};

}  // namespace blondel
