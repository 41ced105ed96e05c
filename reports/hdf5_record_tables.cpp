#include <fmt/format.h>

#include "reports/flat_values.hpp"
#include "reports/hdf5_tables.hpp"

namespace blondel {
namespace {

/// The values in the records of one kind, a row each.
struct ValueTable {
  std::vector<std::int64_t> record, step, position, index;
  std::vector<double> bench_time_s, value;
  std::vector<std::string> word, quantity, text;

  /// @param word_key    what else the record says of itself; null for nothing
  /// @param object_key  where the values stand
  void take(const Record& from, const RecordFields& f, const char* word_key, const char* object_key) {
    const auto values = from.fields.find(object_key);
    if (values == from.fields.end()) return;
    if (!values->is_object())
      throw Failure{Fault::malformed, f.where(), fmt::format("\"{}\" should be an object", object_key)};
    for (auto& flat : flat_values(*values)) {
      record.push_back(static_cast<std::int64_t>(from.number));
      bench_time_s.push_back(static_cast<double>(from.bench_time_ns) / 1e9);
      step.push_back(f.maybe_integer("step").value_or(0));
      position.push_back(f.maybe_integer("position").value_or(0));
      if (word_key != nullptr) word.push_back(f.maybe_text(word_key).value_or(""));
      quantity.push_back(std::move(flat.quantity));
      index.push_back(flat.index);
      value.push_back(flat.value);
      text.push_back(std::move(flat.text));
    }
  }

  void write(Hdf5Group& root, const std::string& name, bool with_position, const char* word_key,
             const std::string& unit_from) const {
    auto group = root.group(name);
    group.integers("record", record);
    group.numbers("bench_time_s", bench_time_s, {{"unit", "s"}});
    group.integers("step", step);
    if (with_position) group.integers("position", position);
    if (word_key != nullptr) group.texts(word_key, word);
    group.texts("quantity", quantity);
    group.integers("index", index);
    group.numbers("value", value, {{"unit_from", unit_from}});
    group.texts("text", text);
  }
};

}  // namespace

void write_record_tables(Hdf5Group& root, const RunRecord& run) {
  ValueTable readings, applied, fingerprints;
  for (const auto& record : run.records) {
    const RecordFields f{record.fields, fmt::format("{}:{}", run.journal.string(), record.number + 1)};
    if (record.kind == "reading") readings.take(record, f, "what", "values");
    if (record.kind == "applied") applied.take(record, f, nullptr, "load");
    if (record.kind == "fingerprint") fingerprints.take(record, f, "when", "values");
  }
  const std::string by_name = "the ending of the quantity";
  readings.write(root, "readings", true, "what", by_name);
  applied.write(root, "applied", false, nullptr, by_name);
  fingerprints.write(root, "fingerprints", true, "when", "that of the point in the meter's register map");
}

}  // namespace blondel
