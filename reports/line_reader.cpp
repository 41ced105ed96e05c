#include "reports/line_reader.hpp"

#include <algorithm>

namespace blondel {

LineReader::Got LineReader::next(std::string& line) {
  line.clear();
  while (true) {
    if (begin_ == end_) {
      in_.read(piece_.data(), static_cast<std::streamsize>(piece_.size()));
      begin_ = 0;
      end_ = static_cast<std::size_t>(in_.gcount());
      if (end_ == 0) return line.empty() ? Got::end : Got::tail;
    }
    const auto from = piece_.begin() + static_cast<std::ptrdiff_t>(begin_);
    const auto to = piece_.begin() + static_cast<std::ptrdiff_t>(end_);
    const auto feed = std::find(from, to, '\n');
    line.append(from, feed);
    if (line.size() > longest_) return Got::too_long;
    begin_ += static_cast<std::size_t>(feed - from);
    if (feed == to) continue;
    ++begin_;
    return Got::line;
  }
}

}  // namespace blondel
