#include "reports/journal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "reports/journal_format.hpp"
#include "reports/sha256.hpp"

namespace blondel {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::string_view, 6> reserved = {"n", "t", "kind", "prev", "hash", "not_finite"};

std::string as_line(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);  // no spaces, UTF-8 as it is
}

bool is_finite(const Json& json) {
  if (json.is_structured()) return std::ranges::all_of(json, is_finite);
  return !json.is_number_float() || std::isfinite(json.get<double>());
}

/// JSON has no word for NaN and infinity: they become null, and their places are remembered.
void find_not_finite(const Json& json, const nlohmann::json_pointer<std::string>& place, Json& found) {
  if (json.is_number_float() && !std::isfinite(json.get<double>())) found.push_back(place.to_string());
  if (json.is_object())
    for (const auto& [key, child] : json.items()) find_not_finite(child, place / key, found);
  if (json.is_array())
    for (std::size_t i = 0; i < json.size(); ++i) find_not_finite(json[i], place / i, found);
}

}  // namespace

Journal::Journal(std::unique_ptr<RecordSink> journal, std::unique_ptr<RecordSink> meta,
                 std::function<std::string()> wall_stamp, Commits commits)
    : journal_{std::move(journal)},
      meta_{std::move(meta)},
      wall_stamp_{std::move(wall_stamp)},
      commits_{commits},
      last_hash_{journal_format::first_prev()} {
  if (!journal_) throw std::logic_error{"a journal without a sink"};
}

void Journal::refuse_after_failure() const {
  if (failed_) throw Failure{*failed_};
}

template <class Action>
void Journal::guarded(Action action) {
  try {
    action();
  } catch (const Failure& failure) {
    failed_ = failure.error;
    throw;
  }
}

void Journal::add(std::string_view kind, std::int64_t bench_time_ns, Json fields) {
  refuse_after_failure();
  if (closed_) throw std::logic_error{fmt::format("record '{}' after the journal was closed", kind)};
  if (kind == "closed") throw std::logic_error{"only close() writes the record 'closed'"};
  if (!fields.is_object() && !fields.is_null()) throw std::logic_error{"the fields of a record are an object"};
  for (const auto word : reserved)
    if (fields.contains(word))
      throw std::logic_error{fmt::format("record '{}' uses the reserved name '{}'", kind, word)};
  write(kind, bench_time_ns, std::move(fields));
}

void Journal::write(std::string_view kind, std::int64_t bench_time_ns, Json fields) {
  Json lost = Json::array();
  if (!is_finite(fields)) find_not_finite(fields, nlohmann::json_pointer<std::string>{}, lost);
  Json record = {{"n", count_}, {"t", bench_time_ns}, {"kind", kind}};
  for (auto& field : fields.items()) record[field.key()] = std::move(field.value());
  if (!lost.empty()) record["not_finite"] = std::move(lost);
  record["prev"] = last_hash_;

  std::string line = as_line(record);
  std::string hash = sha256_hex(line);
  line.pop_back();  // the closing brace comes after the hash
  line.append(journal_format::hash_opening).append(hash).append(journal_format::hash_closing);
  if (line.size() > journal_format::largest_line)
    throw std::logic_error{fmt::format("record '{}' is longer than {} bytes", kind, journal_format::largest_line)};
  line += '\n';

  guarded([&] { journal_->append(line); });
  const auto number = count_++;
  last_hash_ = std::move(hash);
  last_time_ns_ = bench_time_ns;
  if (meta_) guarded([&] { meta_->append(as_line(Json{{"n", number}, {"wall", wall_stamp_()}}) + '\n'); });
}

void Journal::add_host_facts(Json facts) {
  refuse_after_failure();
  if (closed_) throw std::logic_error{"host facts after the journal was closed"};
  if (!meta_) return;
  guarded([&] {
    meta_->append(as_line(Json{{"n", count_}, {"wall", wall_stamp_()}, {"host", std::move(facts)}}) + '\n');
  });
}

void Journal::commit() {
  refuse_after_failure();
  if (commits_ == Commits::at_close && !closed_) return;
  guarded([&] {
    journal_->sync();
    if (meta_) meta_->sync();
  });
}

void Journal::close() {
  refuse_after_failure();
  if (closed_) return;
  write("closed", last_time_ns_, Json{{"count", count_}, {"last_hash", last_hash_}});
  closed_ = true;
  commit();
}

}  // namespace blondel
