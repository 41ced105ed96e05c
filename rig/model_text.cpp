#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iterator>
#include <nlohmann/json.hpp>

#include "reports/visible_text.hpp"
#include "rig/model.hpp"

namespace blondel {
namespace {

using Json = nlohmann::ordered_json;

std::string digits(double value) {
  return fmt::format("{:.12g}", value);
}

/// The double that reads as these twelve digits, so that the JSON shows no more of them.
Json rounded(double value) {
  return std::isfinite(value) ? Json(std::strtod(digits(value).c_str(), nullptr)) : Json(nullptr);
}

Json json_of(const NamedQuantity& q) {
  Json out = {{"value", q.value ? rounded(*q.value) : Json(nullptr)}, {"unit", q.unit}};
  if (!q.value) out["withheld"] = q.withheld;
  return out;
}

Json json_of(const std::vector<NamedQuantity>& list) {
  Json out = Json::object();
  for (const auto& q : list) out[q.name] = json_of(q);
  return out;
}

Json json_of(const ModelResult::Second& second) {
  return {{"begin_s", rounded(second.begin_s)},
          {"steady", second.flags.empty()},
          {"flags", second.flags},
          {"dropped_orders", second.dropped},
          {"quantities", json_of(second.quantities)},
          {"harmonics", json_of(second.harmonics)}};
}

std::size_t widest_name(const ModelResult& result) {
  std::size_t width = 0;
  for (const auto& q : result.overall) width = std::max(width, q.mean.name.size());
  for (const auto& q : result.energies) width = std::max(width, q.name.size());
  for (const auto& q : result.harmonics) width = std::max(width, q.name.size());
  return width;
}

void append_line(std::string& text, const NamedQuantity& q, std::size_t width) {
  auto out = std::back_inserter(text);
  if (q.value)
    fmt::format_to(out, "  {:<{}}  {:>19}{}{}\n", q.name, width, digits(*q.value), q.unit.empty() ? "" : " ", q.unit);
  else
    fmt::format_to(out, "  {:<{}}  {:>19} ({})\n", q.name, width, "withheld", q.withheld);
}

/// Mean, lowest and highest over the seconds.
void append_line(std::string& text, const QuantityOverTime& q, std::size_t width) {
  auto out = std::back_inserter(text);
  const auto cell = [](const std::optional<double>& v) { return v ? digits(*v) : std::string{"-"}; };
  fmt::format_to(out, "  {:<{}}  {:>19} {:>19} {:>19} {:<3}", q.mean.name, width,
                 q.mean.value ? digits(*q.mean.value) : "withheld", cell(q.lowest), cell(q.highest), q.mean.unit);
  if (!q.mean.value) fmt::format_to(out, " ({})", q.mean.withheld);
  while (text.back() == ' ') text.pop_back();
  text += '\n';
}

void append_flags(std::string& text, const ModelResult& result) {
  for (const auto& second : result.seconds)
    for (const auto& flag : second.flags)
      fmt::format_to(std::back_inserter(text), "not steady in the second from {:g} s: {}\n", second.begin_s, flag);
  if (!result.seconds.empty() && !result.seconds.front().dropped.empty())
    fmt::format_to(std::back_inserter(text), "the rate cannot carry these orders: {}\n",
                   fmt::join(result.seconds.front().dropped, ", "));
}

std::string heading(const ModelResult& result) {
  const auto file = visible_text(result.file);
  if (!result.rate_hz) return fmt::format("{}: spectrum, {}\n", file, name(result.service));
  return fmt::format("{}: recording, {}, {} samples at {} S/s, {} {} from {:g} s on\n", file, name(result.service),
                     result.rows, digits(*result.rate_hz), result.seconds.size(),
                     result.seconds.size() == 1 ? "second" : "seconds", result.seconds.front().begin_s);
}

}  // namespace

std::string model_text(const ModelResult& result) {
  std::string text = heading(result);
  append_flags(text, result);
  const auto width = widest_name(result);
  if (result.seconds.size() > 1) {
    fmt::format_to(std::back_inserter(text), "  {:<{}}  {:>19} {:>19} {:>19}\n", "", width, "mean", "lowest second",
                   "highest second");
    for (const auto& q : result.overall) append_line(text, q, width);
  } else {
    for (const auto& q : result.overall) append_line(text, q.mean, width);
  }
  if (!result.energies.empty()) {
    fmt::format_to(std::back_inserter(text), "energies of {} s, reactive power: {}\n", result.seconds.size(),
                   name(result.reactive));
    for (const auto& q : result.energies) append_line(text, q, width);
  }
  if (!result.harmonics.empty()) {
    text += "lines of the spectrum\n";
    for (const auto& q : result.harmonics) append_line(text, q, width);
  }
  return text;
}

std::string model_json(const ModelResult& result) {
  Json out = {{"file", result.file},
              {"kind", result.rate_hz ? "recording" : "spectrum"},
              {"connection", name(result.service)},
              {"reactive", name(result.reactive)}};
  if (result.rate_hz) {
    out["rate_hz"] = rounded(*result.rate_hz);
    out["samples"] = result.rows;
    out["seconds"] = result.seconds.size();
  }
  Json quantities = Json::object();
  for (const auto& q : result.overall) {
    Json one = json_of(q.mean);
    if (result.seconds.size() > 1 && q.mean.unit != "deg") {
      one["lowest"] = q.lowest ? rounded(*q.lowest) : Json(nullptr);
      one["highest"] = q.highest ? rounded(*q.highest) : Json(nullptr);
    }
    quantities[q.mean.name] = one;
  }
  out["quantities"] = quantities;
  if (result.rate_hz) {
    out["energies"] = json_of(result.energies);
    out["readings"] = Json::array();
    for (const auto& second : result.seconds) out["readings"].push_back(json_of(second));
  } else {
    out["harmonics"] = json_of(result.harmonics);
  }
  // A file's name may be any bytes.
  return out.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace blondel
