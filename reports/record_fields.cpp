#include "reports/record_fields.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <limits>
#include <utility>

#include "references/error.hpp"

namespace blondel {
namespace {

using Json = nlohmann::ordered_json;

std::string as_text(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_null()) return "–";
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

std::optional<Verdict> verdict_named(std::string_view word) {
  for (const auto verdict :
       {Verdict::pass, Verdict::skipped, Verdict::inconclusive, Verdict::fail, Verdict::error, Verdict::aborted})
    if (name(verdict) == word) return verdict;
  return std::nullopt;
}

RecordFields::RecordFields(const Json& object, std::string where) : object_{&object}, where_{std::move(where)} {
  if (!object.is_object()) throw Failure{Fault::malformed, where_, "an object was expected"};
}

void RecordFields::refuse(const char* key, const char* expected) const {
  throw Failure{Fault::malformed, where_, fmt::format("\"{}\" should be {}", key, expected)};
}

const Json* RecordFields::find(const char* key) const {
  const auto found = object_->find(key);
  return found == object_->end() || found->is_null() ? nullptr : &*found;
}

const Json& RecordFields::get(const char* key) const {
  const auto* found = find(key);
  if (!found) throw Failure{Fault::malformed, where_, fmt::format("\"{}\" is missing", key)};
  return *found;
}

std::string RecordFields::text(const char* key) const {
  const auto& value = get(key);
  if (!value.is_string()) refuse(key, "a text");
  return value.get<std::string>();
}

double RecordFields::number(const char* key) const {
  const auto& value = get(key);
  if (!value.is_number()) refuse(key, "a number");
  return value.get<double>();
}

int RecordFields::integer(const char* key) const {
  const auto& value = get(key);
  if (!value.is_number_integer()) refuse(key, "a whole number");
  // A JSON number above the largest signed one is kept unsigned, and would wrap around if it were read as signed.
  const bool fits = value.is_number_unsigned()
                        ? value.get<std::uint64_t>() <= std::uint64_t{std::numeric_limits<int>::max()}
                        : std::in_range<int>(value.get<std::int64_t>());
  if (!fits) refuse(key, "a whole number of this size");
  return value.get<int>();
}

bool RecordFields::flag(const char* key) const {
  const auto& value = get(key);
  if (!value.is_boolean()) refuse(key, "true or false");
  return value.get<bool>();
}

Verdict RecordFields::verdict(const char* key) const {
  const auto verdict = verdict_named(text(key));
  if (!verdict) refuse(key, "a verdict");
  return *verdict;
}

std::optional<std::string> RecordFields::maybe_text(const char* key) const {
  return find(key) ? std::optional{text(key)} : std::nullopt;
}
std::optional<double> RecordFields::maybe_number(const char* key) const {
  return find(key) ? std::optional{number(key)} : std::nullopt;
}
std::optional<int> RecordFields::maybe_integer(const char* key) const {
  return find(key) ? std::optional{integer(key)} : std::nullopt;
}
std::optional<bool> RecordFields::maybe_flag(const char* key) const {
  return find(key) ? std::optional{flag(key)} : std::nullopt;
}

Pairs RecordFields::pairs(const char* key) const {
  Pairs all;
  const auto* found = find(key);
  if (!found) return all;
  if (!found->is_object()) refuse(key, "an object");
  for (const auto& [word, value] : found->items()) all.emplace_back(word, as_text(value));
  return all;
}

std::string RecordFields::scalar(const char* key) const {
  const auto* found = find(key);
  if (!found) return as_text(nullptr);
  if (found->is_structured()) refuse(key, "a single value");
  return as_text(*found);
}

std::optional<RecordFields> RecordFields::maybe_object(const char* key) const {
  const auto* found = find(key);
  if (!found) return std::nullopt;
  if (!found->is_object()) refuse(key, "an object");
  return RecordFields{*found, where_};
}

std::vector<RecordFields> RecordFields::objects(const char* key) const {
  std::vector<RecordFields> all;
  const auto* found = find(key);
  if (!found) return all;
  if (!found->is_array()) refuse(key, "a list of objects");
  for (const auto& item : *found) all.emplace_back(item, where_);
  return all;
}

std::vector<std::string> RecordFields::texts(const char* key) const {
  std::vector<std::string> all;
  const auto* found = find(key);
  if (!found) return all;
  if (!found->is_array()) refuse(key, "a list of texts");
  for (const auto& item : *found) {
    if (!item.is_string()) refuse(key, "a list of texts");
    all.push_back(item.get<std::string>());
  }
  return all;
}

}  // namespace blondel
