#include "references/csv_file.hpp"

#include <filesystem>
#include <fstream>
#include <utility>

namespace blondel {
namespace {

constexpr std::size_t largest_file = 4u << 20;

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Walks through the text, one character at a time, and knows the place.
class Reader {
 public:
  Reader(const std::string& text, const std::string& name, CsvFile::Comments comments)
      : text_{text}, name_{name}, comments_{comments == CsvFile::Comments::hash} {}

  bool at_end() const { return at_ == text_.size(); }

  /// The next row; empty for a comment or, where comments are allowed, an empty line.
  std::vector<CsvCell> row() {
    if (comments_ && (peek() == '#' || line_is_blank())) {
      while (!at_end() && !line_break()) take();
      return {};
    }
    std::vector<CsvCell> cells;
    for (;;) {
      cells.push_back(cell());
      if (at_end() || line_break()) return cells;
      take();  // the comma
    }
  }

 private:
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

  bool line_is_blank() const {
    const auto next = text_.find_first_not_of(" \t\r", at_);
    return next == std::string::npos || text_[next] == '\n';
  }

  char take() {
    const char c = text_[at_++];
    if (c == '\n') {
      ++line_;
      column_ = 1;
    } else if ((static_cast<unsigned char>(c) & 0xC0u) != 0x80u) {  // a continuation byte of UTF-8 is no new column
      ++column_;
    }
    return c;
  }

  /// Takes LF or CRLF if it stands here.
  bool line_break() {
    if (peek() == '\r' && peek(1) == '\n') take();
    if (peek() != '\n') return false;
    take();
    return true;
  }

  [[noreturn]] void refuse(int line, int column, const std::string& what) const {
    throw Failure{Fault::malformed, fmt::format("{}:{}:{}", name_, line, column), what};
  }

  bool ends_cell() const { return at_end() || peek() == ',' || peek() == '\n' || (peek() == '\r' && peek(1) == '\n'); }

  CsvCell cell() {
    if (comments_)
      while (peek() == ' ' || peek() == '\t') take();
    CsvCell cell{{}, line_, column_};
    if (peek() == '"') {
      take();
      for (;;) {
        if (at_end()) refuse(cell.line, cell.column, "this quote is never closed");
        const char c = take();
        if (c != '"') {
          cell.text += c;
        } else if (peek() == '"') {
          cell.text += take();
        } else {
          break;
        }
      }
      if (comments_)
        while (peek() == ' ' || peek() == '\t') take();
      if (!ends_cell()) refuse(line_, column_, "expected a comma or the end of the line behind the closing quote");
      return cell;
    }
    while (!ends_cell()) {
      const auto c = static_cast<unsigned char>(peek());
      if (c == '"') refuse(line_, column_, "a quote inside a cell; quote the whole cell and double it");
      if ((c < 0x20 && c != '\t') || c == 0x7F) refuse(line_, column_, fmt::format("control character {:#04x}", c));
      cell.text += take();
    }
    if (comments_) cell.text = trimmed(cell.text);
    return cell;
  }

  const std::string& text_;
  const std::string& name_;
  bool comments_;
  std::size_t at_{};
  int line_{1}, column_{1};
};

}  // namespace

CsvFile CsvFile::load(const std::string& path, Comments comments) {
  std::error_code problem;
  if (!std::filesystem::is_regular_file(path, problem))
    throw Failure{Fault::malformed, path,
                  std::filesystem::exists(path, problem) ? "is not a file" : "there is no such file"};
  std::ifstream file{path, std::ios::binary};
  if (!file) throw Failure{Fault::malformed, path, "cannot be opened for reading"};
  std::string text(largest_file + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad()) throw Failure{Fault::malformed, path, "cannot be read"};
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > largest_file) throw Failure{Fault::malformed, path, "is larger than 4 MiB"};
  return parse(text, path, comments);
}

CsvFile CsvFile::parse(const std::string& text, const std::string& name, Comments comments) {
  CsvFile file;
  file.name_ = name;
  Reader reader{text, name, comments};
  while (!reader.at_end()) {
    auto cells = reader.row();
    if (cells.empty()) continue;
    if (file.header_.empty()) {
      file.header_ = std::move(cells);
      continue;
    }
    if (cells.size() != file.header_.size())
      throw file.failure(cells.back(),
                         fmt::format("this row has {} cells, the header has {}", cells.size(), file.header_.size()));
    file.rows_.push_back(std::move(cells));
  }
  if (file.header_.empty()) throw Failure{Fault::malformed, name, "there is nothing in it"};
  return file;
}

void CsvFile::expect_header(const std::vector<std::string>& words) const {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i == header_.size())
      throw failure(header_.back(), "the header ends here; the next column should be '" + words[i] + "'");
    if (header_[i].text != words[i])
      throw failure(header_[i], "expected the column '" + words[i] + "', found '" + header_[i].text + "'");
  }
  if (header_.size() > words.size())
    throw failure(header_[words.size()], "unknown column '" + header_[words.size()].text + "'");
}

std::string CsvFile::where(const CsvCell& cell) const {
  return fmt::format("{}:{}:{}", name_, cell.line, cell.column);
}

Failure CsvFile::failure(const CsvCell& cell, std::string what) const {
  return Failure{Fault::malformed, where(cell), std::move(what)};
}

}  // namespace blondel
