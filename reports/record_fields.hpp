#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "references/verdict.hpp"

namespace blondel {

/// Names and texts, in the order they were written.
using Pairs = std::vector<std::pair<std::string, std::string>>;

/// The fields of one record or of an object in it, read as what they must be.
///
/// Every reader throws Failure (Fault::malformed, "journal.jsonl:17", "…") when the field is missing or of another
/// type; those that start with `maybe` take a missing field and null for nothing.
class RecordFields {
 public:
  /// @param object  must outlive this
  RecordFields(const nlohmann::ordered_json& object, std::string where);

  std::string text(const char* key) const;
  double number(const char* key) const;
  int integer(const char* key) const;
  bool flag(const char* key) const;
  Verdict verdict(const char* key) const;
  std::optional<std::string> maybe_text(const char* key) const;
  std::optional<double> maybe_number(const char* key) const;
  std::optional<int> maybe_integer(const char* key) const;
  std::optional<bool> maybe_flag(const char* key) const;
  /// An object of anything, its values as text; empty when missing.
  Pairs pairs(const char* key) const;
  /// Any scalar as text: a text as it is, a number in its shortest form, true and false as yes and no,
  /// null as "–".
  std::string scalar(const char* key) const;
  /// An object in this one; nothing when missing.
  std::optional<RecordFields> maybe_object(const char* key) const;
  /// The objects of a list; none when missing.
  std::vector<RecordFields> objects(const char* key) const;
  /// The texts of a list; none when missing.
  std::vector<std::string> texts(const char* key) const;

  const std::string& where() const { return where_; }

 private:
  const nlohmann::ordered_json* find(const char* key) const;
  const nlohmann::ordered_json& get(const char* key) const;
  [[noreturn]] void refuse(const char* key, const char* expected) const;

  const nlohmann::ordered_json* object_;
  std::string where_;
};

/// The verdict of that name, or nothing.
std::optional<Verdict> verdict_named(std::string_view word);

}  // namespace blondel
