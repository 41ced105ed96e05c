#include "drivers/sim/instruments/program_message.hpp"

#include <cctype>
#include <cstdlib>
#include <locale>
#include <sstream>
#include <utility>

namespace blondel::sim {

namespace {

bool blank(char c) {
  return c == ' ' || c == '\t' || c == '\r';
}
bool letter(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}
bool figure(char c) {
  return c >= '0' && c <= '9';
}

/// Reads through a message from left to right.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_{text} {}
  bool at_end() const { return at_ == text_.size(); }
  char peek() const { return at_end() ? '\0' : text_[at_]; }
  char take() { return text_[at_++]; }
  bool take_if(char c) {
    if (at_end() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  /// The next bytes, whatever they are; nothing when there are not so many.
  std::optional<std::string> take_bytes(std::size_t count) {
    if (count > text_.size() - at_) return std::nullopt;
    at_ += count;
    return std::string{text_.substr(at_ - count, count)};
  }
  std::string take_rest() { return std::string{text_.substr(std::exchange(at_, text_.size()))}; }
  bool skip_blanks() {
    const auto from = at_;
    while (!at_end() && blank(text_[at_])) ++at_;
    return at_ != from;
  }
  template <class Accept>
  std::string take_while(Accept accept) {
    std::string taken;
    while (!at_end() && accept(text_[at_])) taken += text_[at_++];
    return taken;
  }
  /// To behind the next semicolon that stands outside quotes.
  void skip_unit() {
    for (char quote = 0; !at_end();) {
      const char c = take();
      if (quote) {
        if (c == quote) quote = 0;
      } else if (c == '"' || c == '\'') {
        quote = c;
      } else if (c == ';') {
        return;
      }
    }
  }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

/// @returns 0 or an error number.
int read_header(Reader& in, const std::vector<std::string>& level, MessageUnit& unit) {
  if (in.take_if('*')) {
    const auto word = in.take_while(letter);
    if (word.empty()) return -102;
    unit.nodes = {"*" + word};
  } else {
    if (!in.take_if(':')) unit.nodes = level;
    do {
      const auto node = in.take_while([](char c) { return letter(c) || figure(c) || c == '_'; });
      if (node.empty()) return in.at_end() || in.peek() == ';' || blank(in.peek()) || in.peek() == ':' ? -102 : -101;
      unit.nodes.push_back(node);
    } while (in.take_if(':'));
  }
  unit.query = in.take_if('?');
  if (in.at_end() || in.peek() == ';' || blank(in.peek())) return 0;
  // What stands directly at a header should have been a blank.
  return static_cast<unsigned char>(in.peek()) < 0x80 && std::isprint(static_cast<unsigned char>(in.peek())) ? -103
                                                                                                             : -101;
}

int read_quoted(Reader& in, Parameter& parameter) {
  const char quote = in.take();
  parameter.kind = Parameter::Kind::text;
  while (!in.at_end()) {
    const char c = in.take();
    if (c != quote)
      parameter.text += c;
    else if (!in.take_if(quote))
      return 0;
    else
      parameter.text += quote;
  }
  return -151;
}

/// "#15" and five bytes, or "#0" and all that follows.
int read_block(Reader& in, Parameter& parameter) {
  in.take();
  parameter.kind = Parameter::Kind::block;
  if (in.take_if('0')) {
    parameter.text = in.take_rest();
    return 0;
  }
  if (!figure(in.peek())) return -101;
  const auto digits = in.take_bytes(static_cast<std::size_t>(in.take() - '0'));
  if (!digits) return -161;
  std::size_t length = 0;
  for (const char c : *digits) {
    if (!figure(c)) return -161;
    length = length * 10 + static_cast<std::size_t>(c - '0');
  }
  auto bytes = in.take_bytes(length);
  if (!bytes) return -161;
  parameter.text = std::move(*bytes);
  return 0;
}

int read_parameter(Reader& in, Parameter& parameter) {
  const char c = in.peek();
  if (c == '"' || c == '\'') return read_quoted(in, parameter);
  if (c == '#') return read_block(in, parameter);
  if (c == '(') {
    in.take();
    parameter.kind = Parameter::Kind::expression;
    parameter.text = in.take_while([](char x) { return x != ')' && x != ';' && x != '('; });
    return in.take_if(')') ? 0 : -170;
  }
  parameter.text = in.take_while([](char x) { return x != ',' && x != ';' && !blank(x); });
  if (parameter.text.empty()) return -102;
  for (const char x : parameter.text)
    if (static_cast<unsigned char>(x) < 0x21 || static_cast<unsigned char>(x) > 0x7E) return -101;
  if (letter(c)) {
    parameter.kind = Parameter::Kind::word;
    // A unit such as I/kWh is a word too.
    for (const char x : parameter.text)
      if (!letter(x) && !figure(x) && x != '_' && x != '/') return -102;
    return 0;
  }
  parameter.kind = Parameter::Kind::number;
  if (const auto number = read_number(parameter.text)) {
    parameter.number = *number;
    return 0;
  }
  // Ranges such as 250V, which some instruments are told: a figure first, then letters.
  if (figure(c)) {
    parameter.kind = Parameter::Kind::word;
    for (const char x : parameter.text)
      if (!letter(x) && !figure(x) && x != '.') return -120;
    return 0;
  }
  return figure(c) || c == '+' || c == '-' || c == '.' ? -120 : -101;
}

int read_parameters(Reader& in, MessageUnit& unit) {
  if (!in.skip_blanks() || in.at_end() || in.peek() == ';') return 0;
  for (;;) {
    Parameter parameter;
    in.skip_blanks();
    if (const int error = read_parameter(in, parameter)) return error;
    unit.parameters.push_back(std::move(parameter));
    in.skip_blanks();
    if (in.at_end() || in.peek() == ';') return 0;
    if (!in.take_if(',')) return -103;
  }
}

}  // namespace

std::optional<double> read_number(std::string_view text) {
  // Grammar by hand, value by a stream in the classic locale.
  Reader in{text};
  if (in.peek() == '+' || in.peek() == '-') in.take();
  auto mantissa = in.take_while(figure);
  if (in.take_if('.')) mantissa += in.take_while(figure);
  if (mantissa.empty()) return std::nullopt;
  if (in.peek() == 'e' || in.peek() == 'E') {
    in.take();
    if (in.peek() == '+' || in.peek() == '-') in.take();
    const auto exponent = in.take_while(figure);
    if (exponent.empty() || exponent.size() > 3) return std::nullopt;
  }
  if (!in.at_end()) return std::nullopt;
  std::istringstream stream{std::string{text}};
  stream.imbue(std::locale::classic());
  double value{};
  if (!(stream >> value)) return std::nullopt;
  return value;
}

std::vector<MessageUnit> parse_message(std::string_view message) {
  std::vector<MessageUnit> units;
  std::vector<std::string> level;
  Reader in{message};
  while (!in.at_end()) {
    in.skip_blanks();
    if (in.at_end()) break;
    if (in.take_if(';')) continue;
    MessageUnit unit;
    unit.error = read_header(in, level, unit);
    if (unit.error == 0) unit.error = read_parameters(in, unit);
    if (unit.error == 0 && !unit.nodes.front().starts_with('*')) level.assign(unit.nodes.begin(), unit.nodes.end() - 1);
    // A broken unit may stop anywhere in itself; a good one stands at its end.
    in.skip_unit();
    units.push_back(std::move(unit));
  }
  return units;
}

}  // namespace blondel::sim
