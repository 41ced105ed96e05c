#include "reports/checked_json.hpp"

#include <fmt/format.h>

#include <set>
#include <vector>

#include "reports/journal_format.hpp"

namespace blondel {
namespace {

using Json = nlohmann::ordered_json;

/// Walks over the text without keeping any of it, and stops at the first thing that is not permitted.
class Inspection final : public nlohmann::json_sax<Json> {
 public:
  std::string objection;

  bool null() override { return value(); }
  bool boolean(bool) override { return value(); }
  bool number_integer(number_integer_t) override { return value(); }
  bool number_unsigned(number_unsigned_t) override { return value(); }
  bool number_float(number_float_t, const string_t&) override { return value(); }
  bool string(string_t&) override { return value(); }
  bool binary(binary_t&) override { return value(); }
  bool start_object(std::size_t) override { return open(); }
  bool end_object() override { return close(); }
  bool start_array(std::size_t) override { return open(); }
  bool end_array() override { return close(); }
  bool key(string_t& key) override {
    if (!keys_.back().insert(key).second) return object("a key stands twice in one object");
    return true;
  }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::detail::exception&) override {
    return object(fmt::format("is not JSON at column {}", position));
  }

 private:
  bool object(std::string why) {
    objection = std::move(why);
    return false;
  }
  bool value() {
    if (++values_ > journal_format::most_values_a_line)
      return object(fmt::format("has more than {} values", journal_format::most_values_a_line));
    return true;
  }
  bool open() {
    keys_.emplace_back();
    if (static_cast<int>(keys_.size()) > journal_format::deepest_nesting)
      return object(fmt::format("is nested deeper than {}", journal_format::deepest_nesting));
    return value();
  }
  bool close() {
    keys_.pop_back();
    return true;
  }

  std::size_t values_ = 0;
  std::vector<std::set<std::string>> keys_;
};

}  // namespace

Result<Json> checked_json(std::string_view line, const std::string& where) {
  Inspection inspection;
  if (!Json::sax_parse(line, &inspection)) return fail(Fault::malformed, where, inspection.objection);
  auto json = Json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return fail(Fault::malformed, where, "is not a JSON object");
  return json;
}

}  // namespace blondel
