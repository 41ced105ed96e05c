#include "reports/checked_json.hpp"

#include <fmt/format.h>

#include <vector>

#include "reports/journal_format.hpp"

namespace blondel {
namespace {

using Json = nlohmann::ordered_json;

/// Looks at everything as it is parsed, and stops at the first thing that is not permitted.
class Inspection {
 public:
  using Event = Json::parse_event_t;
  struct Objection {
    std::string what;
  };

  bool look(Event event, const Json& parsed) {
    switch (event) {
      case Event::object_start:
      case Event::array_start: open(); break;
      case Event::object_end:
        // Of a key that stands twice the object keeps one.
        if (parsed.size() != keys_.back()) throw Objection{"a key stands twice in one object"};
        keys_.pop_back();
        break;
      case Event::array_end: keys_.pop_back(); break;
      case Event::key: ++keys_.back(); break;
      case Event::value: count(); break;
    }
    return true;
  }

 private:
  void count() {
    if (++values_ > journal_format::most_values_a_line)
      throw Objection{fmt::format("has more than {} values", journal_format::most_values_a_line)};
  }
  void open() {
    keys_.push_back(0);
    if (static_cast<int>(keys_.size()) > journal_format::deepest_nesting)
      throw Objection{fmt::format("is nested deeper than {}", journal_format::deepest_nesting)};
    count();
  }

  std::size_t values_ = 0;
  std::vector<std::size_t> keys_;  // of each object around; of an array none
};

}  // namespace

Result<Json> checked_json(std::string_view line, const std::string& where) {
  Inspection inspection;
  try {
    auto json =
        Json::parse(line, [&](int, Json::parse_event_t event, Json& parsed) { return inspection.look(event, parsed); });
    if (!json.is_object()) return fail(Fault::malformed, where, "is not a JSON object");
    return json;
  } catch (const Inspection::Objection& objection) {
    return fail(Fault::malformed, where, objection.what);
  } catch (const Json::parse_error& error) {
    return fail(Fault::malformed, where, fmt::format("is not JSON at column {}", error.byte));
  } catch (const Json::out_of_range&) {
    return fail(Fault::malformed, where, "has a number that is too large");
  }
}

}  // namespace blondel
