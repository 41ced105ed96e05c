#include "references/metering/waveform_csv.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <string_view>

#include "references/error.hpp"
#include "references/metering/service.hpp"

namespace blondel {
namespace {

constexpr std::size_t largest_file = std::size_t{2} << 30;
constexpr double latest_instant_s = 1e12;
constexpr double loosest_instant = 0.05;  // of an interval
constexpr std::size_t time_column = 6;    // in the numbering of the channels

/// Walks over the text once. Places are counted only when something is to be refused, so that the way there is fast.
class CsvReader {
 public:
  CsvReader(const std::string& text, const std::string& name)
      : name_{name}, begin_{text.data()}, at_{begin_}, end_{begin_ + text.size()} {
    if (text.starts_with("\xEF\xBB\xBF")) begin_ = at_ += 3;
  }

  /// Which channel, or the time, stands in each column.
  std::vector<std::size_t> header() {
    std::vector<std::size_t> columns;
    for (;;) {
      skip_blanks();
      const char* from = at_;
      while (at_ != end_ && *at_ != ',' && *at_ != '\n' && *at_ != '\r') ++at_;
      const auto word = trimmed({from, static_cast<std::size_t>(at_ - from)});
      const auto column = column_of(word, from);
      if (std::ranges::find(columns, column) != columns.end())
        refuse(from, fmt::format("the column '{}' stands twice", word));
      columns.push_back(column);
      if (line_break() || at_ == end_) return columns;
      if (*at_ != ',') refuse(at_, "expected a comma or the end of the line (LF or CRLF)");
      ++at_;
    }
  }

  /// Whether another row follows; empty lines at the end are none.
  bool another_row() {
    const char* next = at_;
    while (next != end_ && (*next == '\n' || *next == '\r' || *next == ' ' || *next == '\t')) ++next;
    return next != end_;
  }

  double number(double largest) {
    skip_blanks();
    const char* from = at_;
    // The library's reader knows no plus sign.
    const char* digits = from != end_ && *from == '+' && end_ - from > 1 && from[1] != '-' ? from + 1 : from;
    double value{};
    const auto [stop, problem] = std::from_chars(digits, end_, value);
    if (problem == std::errc::result_out_of_range)
      refuse(from, fmt::format("expected a number that a double can hold, found '{}'", cell(from)));
    at_ = stop;
    skip_blanks();
    if (problem != std::errc{} || !(at_ == end_ || *at_ == ',' || *at_ == '\n' || *at_ == '\r'))
      refuse(from, fmt::format("expected a number, found {}", found(from)));
    if (!std::isfinite(value)) refuse(from, fmt::format("expected a finite number, found '{}'", cell(from)));
    if (std::abs(value) > largest) refuse(from, fmt::format("expected at most {}, found '{}'", largest, cell(from)));
    return value;
  }

  /// Goes over the comma behind a cell that is not the last.
  void next_cell(std::size_t done, std::size_t columns) {
    if (at_ != end_ && *at_ == ',') {
      ++at_;
      return;
    }
    refuse(at_, fmt::format("this row has {} {}, the header has {}", done, done == 1 ? "cell" : "cells", columns));
  }

  void end_row(std::size_t columns) {
    if (line_break() || at_ == end_) return;
    refuse(at_, *at_ == ',' ? fmt::format("this row has more cells than the header's {}", columns)
                            : std::string{"expected the end of the line"});
  }

  const char* place() const { return at_; }

  [[noreturn]] void refuse(const char* place, const std::string& what) const {
    int line = 1, column = 1;
    for (const char* p = begin_; p != place; ++p) {
      if (*p == '\n') {
        ++line;
        column = 1;
      } else if ((static_cast<unsigned char>(*p) & 0xC0u) != 0x80u) {  // a continuation byte of UTF-8 is no new column
        ++column;
      }
    }
    throw Failure{Fault::malformed, fmt::format("{}:{}:{}", name_, line, column), what};
  }

  /// Where the cell of a row (from 0, the first under the header) begins.
  const char* cell_of(std::size_t row, std::size_t column) const {
    const char* p = begin_;
    for (std::size_t line = 0; line <= row; ++line) p = std::find(p, end_, '\n') + 1;
    for (std::size_t k = 0; k < column; ++k) p = std::find(p, end_, ',') + 1;
    while (p != end_ && (*p == ' ' || *p == '\t')) ++p;
    return p;
  }

  [[noreturn]] void refuse_file(const std::string& what) const { throw Failure{Fault::malformed, name_, what}; }

 private:
  static std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
  }

  void skip_blanks() {
    while (at_ != end_ && (*at_ == ' ' || *at_ == '\t')) ++at_;
  }

  bool line_break() {
    if (at_ == end_) return false;
    if (*at_ == '\r' && end_ - at_ > 1 && at_[1] == '\n') ++at_;
    if (*at_ != '\n') return false;
    ++at_;
    return true;
  }

  std::size_t column_of(std::string_view word, const char* place) const {
    if (word == "t") return time_column;
    const auto known = std::ranges::find(channel_names, word);
    if (known == channel_names.end())
      refuse(place,
             fmt::format("expected a column named t, {}; found {}", fmt::join(channel_names, ", "), found(place)));
    return static_cast<std::size_t>(known - channel_names.begin());
  }

  /// The cell's text for a message, short and free of control characters.
  std::string cell(const char* from) const {
    std::string text;
    for (const char* p = from; p != end_ && *p != ',' && *p != '\n' && *p != '\r'; ++p) {
      if (text.size() >= 24) return text + "...";
      const auto c = static_cast<unsigned char>(*p);
      text += c < 0x20 || c > 0x7E ? fmt::format("\\x{:02X}", c) : std::string{*p};
    }
    return std::string{trimmed(text)};
  }

  std::string found(const char* from) const {
    const auto text = cell(from);
    if (!text.empty()) return "'" + text + "'";
    return from == end_ || *from != ',' ? "the end of the line" : "an empty cell";
  }

  const std::string& name_;
  const char* begin_;
  const char* at_;
  const char* end_;
};

/// The rate of equidistant instants: the slope of the straight line through them, by least squares.
double rate_of(const std::vector<double>& instants, const std::optional<double>& told, const CsvReader& reader,
               std::size_t column) {
  const auto n = static_cast<double>(instants.size());
  const double middle = (n - 1) / 2;
  double moment = 0, sum = 0;
  for (std::size_t k = 0; k < instants.size(); ++k) {
    const double t = instants[k] - instants[0];
    moment += (static_cast<double>(k) - middle) * t;
    sum += t;
  }
  const double interval = moment / (n * (n * n - 1) / 12);
  if (!(interval > 0)) reader.refuse(reader.cell_of(1, column), "expected instants that grow from row to row");
  const double first = sum / n - middle * interval;
  double worst = 0;
  std::size_t at = 0;
  // A lost sample bends the line through all of them, so the step from row to row is looked at first.
  for (std::size_t k = 1; k < instants.size(); ++k) {
    const double step = std::abs(instants[k] - instants[k - 1] - interval);
    if (step > worst) worst = step, at = k;
  }
  if (worst > 2 * loosest_instant * interval)
    reader.refuse(reader.cell_of(at, column),
                  fmt::format("expected equidistant instants, about {:.6g} s apart; found {:.6g} s from the row before",
                              interval, instants[at] - instants[at - 1]));
  for (std::size_t k = 0; k < instants.size(); ++k) {
    const double off = std::abs(instants[k] - instants[0] - first - static_cast<double>(k) * interval);
    if (off > loosest_instant * interval)
      reader.refuse(reader.cell_of(k, column),
                    fmt::format("expected equidistant instants; this one stands {:.3g} s from its place", off));
  }
  if (!told) return 1 / interval;
  // Over the whole recording the two may part by what rounding may have done to its ends.
  if (std::abs(1 / *told - interval) * (n - 1) > 2 * loosest_instant * interval)
    reader.refuse(reader.cell_of(0, column),
                  fmt::format("the instants are those of {:.9g} samples a second, the rate given is {:.9g}",
                              1 / interval, *told));
  return *told;
}

}  // namespace

Recording parse_waveform_csv(const std::string& text, const std::string& name, const RecordingRequest& request) {
  CsvReader reader{text, name};
  if (!reader.another_row()) reader.refuse_file("there is nothing in it");
  const auto columns = reader.header();
  Recording recording;
  recording.name = name;
  for (std::size_t k = 0; k < 6; ++k) {
    recording.has[k] = request.needed[k];
    if (request.needed[k] && std::ranges::find(columns, k) == columns.end())
      reader.refuse_file(fmt::format("the column '{}' is missing; the connection needs it", channel_names[k]));
  }
  auto& samples = recording.samples.emplace<ChannelSamples<double>>();
  std::vector<double> instants;
  while (reader.another_row()) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (i > 0) reader.next_cell(i, columns.size());
      const double number = reader.number(columns[i] == time_column ? latest_instant_s : largest_sample);
      if (columns[i] == time_column)
        instants.push_back(number);
      else if (recording.has[columns[i]])
        samples[columns[i]].push_back(number);
    }
    reader.end_row(columns.size());
    ++recording.rows;
  }
  if (recording.rows < 2)
    reader.refuse_file(fmt::format("expected at least two rows of numbers, found {}", recording.rows));
  if (instants.empty()) {
    if (!request.rate_hz) reader.refuse_file("there is no column 't'; the sampling rate must be given (--rate)");
    recording.rate_hz = checked_rate(*request.rate_hz, name);
  } else {
    const auto column = static_cast<std::size_t>(std::ranges::find(columns, time_column) - columns.begin());
    recording.rate_hz = checked_rate(rate_of(instants, request.rate_hz, reader, column), name);
  }
  return recording;
}

Recording load_waveform_csv(const std::string& path, const RecordingRequest& request) {
  const auto refuse = [&](const std::string& what) { return Failure{Fault::malformed, path, what}; };
  std::error_code problem;
  if (!std::filesystem::exists(path, problem)) throw refuse("there is no such file");
  if (!std::filesystem::is_regular_file(path, problem)) throw refuse("is not a file");
  const auto size = std::filesystem::file_size(path, problem);
  if (problem) throw refuse("cannot be read: " + problem.message());
  if (size > largest_file) throw refuse("is larger than 2 GiB");
  std::ifstream file{path, std::ios::binary};
  if (!file) throw refuse("cannot be opened for reading");
  std::string text(size, '\0');
  file.read(text.data(), static_cast<std::streamsize>(size));
  if (file.bad() || static_cast<std::size_t>(file.gcount()) != size) throw refuse("cannot be read");
  return parse_waveform_csv(text, path, request);
}

}  // namespace blondel
