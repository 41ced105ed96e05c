#pragma once

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace blondel {

/// The lines of a file one after the other, with a bound on their length, so that a file of any size and content can
/// be looked at.
class LineReader {
 public:
  LineReader(const std::filesystem::path& path, std::size_t longest) : in_{path, std::ios::binary}, longest_{longest} {}

  bool opened() const { return in_.is_open(); }

  enum class Got { line, tail, end, too_long };
  /// The next line without its line feed. `tail` is a last line that has none; `end` is the end of the file.
  Got next(std::string& line);

 private:
  std::ifstream in_;
  std::size_t longest_;
  std::vector<char> piece_ = std::vector<char>(65536);
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace blondel
