#include "rig/standard_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "references/nearest_name.hpp"
#include "references/quantity_text.hpp"
#include "references/standards/standard_list.hpp"

namespace blondel {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t width = 120, value_width = 10;

const std::vector<std::pair<std::string, std::string>> headings{
    {"balanced", "Limits of error, balanced load"},
    {"single_phase", "Limits of error, each phase alone"},
    {"difference", "Single-phase less balanced error"},
    {"current_ratios", "Least ratios of declared currents"},
    {"starting_current", "Starting current"},
    {"start_verdict", "A meter has started when it"},
    {"no_load", "No-load test"},
    {"meter_constant", "Meter constant"},
    {"repeatability", "Repeatability"},
    {"uncertainty", "Uncertainty wanted"},
    {"interpretation_allowance", "All errors may be shifted together by"},
    {"influences", "Limits of variation by influences"},
    {"reference_conditions", "Reference conditions"},
    {"other", "Other requirements"}};

/// What is left of a line before the values of so many classes, their marks and the longest clause.
std::size_t left_width(std::size_t classes) {
  return std::min<std::size_t>(58, 79 - classes * value_width);
}

/// Columns on a terminal: what begins a character of UTF-8.
std::size_t columns(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string padded(const std::string& text, std::size_t to) {
  const auto has = columns(text);
  return has < to ? text + std::string(to - has, ' ') : text;
}

std::vector<std::string> wrapped(const std::string& text, std::size_t to) {
  std::vector<std::string> lines{""};
  std::size_t at = 0;
  while (at < text.size()) {
    const auto end = std::min(text.find(' ', at), text.size());
    const auto word = text.substr(at, end - at);
    if (!lines.back().empty() && columns(lines.back()) + 1 + columns(word) > to) lines.emplace_back();
    lines.back() += (lines.back().empty() ? "" : " ") + word;
    at = end + 1;
  }
  return lines;
}

void append_wrapped(std::string& out, const std::string& first, const std::string& text) {
  const std::string next(columns(first), ' ');
  bool begun = false;
  for (const auto& line : wrapped(text, width - columns(first))) {
    out += (begun ? next : first) + line + "\n";
    begun = true;
  }
}

using Figures = std::vector<StandardRow::Figure>;

/// Those of the class asked for, or all.
Figures figures_of(const StandardRow& row, const ShowRequest& request) {
  Figures some;
  for (const auto& figure : row.figures)
    if (!request.class_name || figure.class_name == *request.class_name) some.push_back(figure);
  return some;
}

std::vector<std::string> classes_of(const Standard& standard, const ShowRequest& request) {
  if (request.class_name) return {*request.class_name};
  return standard.classes();
}

std::string marks_of(const Figures& figures) {
  std::vector<std::string> marks;
  for (const auto& figure : figures) marks.push_back(figure.mark);
  const bool same = std::ranges::count(marks, marks.front()) == static_cast<std::ptrdiff_t>(marks.size());
  return same ? marks.front() : fmt::format("{}", fmt::join(marks, "/"));
}

std::string subject(const StandardRow& row) {
  // Of the others the heading says it.
  static const std::vector<std::string> named{"current_ratios", "meter_constant", "influences", "reference_conditions",
                                              "other"};
  std::string text = std::ranges::count(named, row.section) > 0 ? row.item : "";
  const auto add = [&](const std::string& part) {
    if (!part.empty()) text += (text.empty() ? "" : ", ") + part;
  };
  if (!row.factor.empty()) add((row.factor.starts_with("sin") ? "" : "PF ") + row.factor);
  std::string currents;
  for (const auto& [connection, span] : row.currents)
    currents += (currents.empty() ? "" : "; ") + connection + (connection.empty() || span.empty() ? "" : ": ") + span;
  add(currents);
  if (row.on_request) add("when the user asks");
  if (!row.note.empty()) add(row.note);
  return text;
}

/// Values in columns, a class each.
void append_table_row(std::string& out, const StandardRow& row, const Figures& figures,
                      const std::vector<std::string>& classes) {
  const auto wide = left_width(classes.size());
  const auto left = wrapped(subject(row), wide);
  std::string line = "  " + padded(left.front(), wide);
  for (const auto& class_name : classes) {
    const auto found = std::ranges::find(figures, class_name, &StandardRow::Figure::class_name);
    line += " " + padded(found == figures.end() ? "-" : found->value, value_width - 1);
  }
  out += line + " " + padded(marks_of(figures), 5) + " " + row.clause + "\n";
  for (std::size_t k = 1; k < left.size(); ++k) out += "    " + left[k] + "\n";
}

/// Values too long for columns, a line each; one line where all classes agree.
void append_listed_row(std::string& out, const StandardRow& row, const Figures& figures) {
  const auto about = subject(row);
  const auto from = fmt::format("({}, mark {})", row.clause, marks_of(figures));
  const bool same = std::ranges::all_of(figures, [&](const auto& f) { return f.value == figures.front().value; });
  if (same) {
    append_wrapped(out, "  ", fmt::format("{}{}{} {}", about, about.empty() ? "" : ": ", figures.front().value, from));
    return;
  }
  append_wrapped(out, "  ", about + (about.empty() ? "" : " ") + from);
  for (const auto& figure : figures) append_wrapped(out, "      " + padded(figure.class_name, 6), figure.value);
}

void append_section(std::string& out, const Standard& standard, const std::string& section, const std::string& heading,
                    const ShowRequest& request) {
  const auto classes = classes_of(standard, request);
  const auto narrow = [&](const Figures& figures) {
    return classes.size() <= 4 &&
           std::ranges::all_of(figures, [](const auto& figure) { return columns(figure.value) < value_width; });
  };
  std::string rows;
  bool any_narrow = false;
  for (const auto& row : standard.rows()) {
    const auto figures = row.section == section ? figures_of(row, request) : Figures{};
    if (figures.empty()) continue;
    any_narrow = any_narrow || narrow(figures);
    if (narrow(figures))
      append_table_row(rows, row, figures, classes);
    else
      append_listed_row(rows, row, figures);
  }
  if (rows.empty()) return;
  out += "\n" + (any_narrow ? padded(heading, left_width(classes.size()) + 2) : heading);
  for (const auto& class_name : classes)
    if (any_narrow) out += " " + padded(class_name, value_width - 1);
  out += (any_narrow ? " mark  clause\n" : "\n") + rows;
}

bool concerns(const Absent& absent, const ShowRequest& request) {
  return !request.class_name || std::ranges::count(absent.classes, *request.class_name) > 0;
}

void append_absent(std::string& out, const char* heading, const std::vector<Absent>& list, const Standard& standard,
                   const ShowRequest& request) {
  std::string lines;
  for (const auto& absent : list) {
    if (!concerns(absent, request)) continue;
    const bool all = absent.classes == standard.classes() || request.class_name;
    append_wrapped(lines, "  - ",
                   fmt::format("{}{}: {}", absent.what,
                               all ? "" : fmt::format(" (class {})", fmt::join(absent.classes, ", ")), absent.why));
  }
  if (!lines.empty()) out += fmt::format("\n{}\n{}", heading, lines);
}

std::string standard_text(const Standard& standard, const ShowRequest& request) {
  auto out = fmt::format("{}, edition {}{}\n{}\n{}\n", standard.name(), standard.edition(),
                         standard.is_default_edition() ? ", by which plans that name no edition are judged" : "",
                         standard.title(), standard.file());
  for (const auto& [section, heading] : headings) append_section(out, standard, section, heading, request);
  append_absent(out, "Not covered: figures we do not know", standard.not_covered(), standard, request);
  append_absent(out, "Left open by the standard", standard.left_open(), standard, request);
  if (!standard.scope().empty()) out += "\nScope\n";
  for (const auto& note : standard.scope()) append_wrapped(out, "  - ", note.text + " (mark " + note.from.mark + ")");
  int all = 0, seen = 0;
  for (const auto& class_name : classes_of(standard, request))
    for (const auto& [mark, count] : standard.marks(class_name)) {
      all += count;
      if (Provenance{"", mark, "", ""}.verified()) seen += count;
    }
  out += fmt::format(
      "\nMarks: V seen in a public source, V* in a secondary one, M from memory, m from memory with little "
      "confidence.\n"
      "{} of {} figures are not compared with the published standard.\n",
      all - seen, all);
  return out;
}

Json json_of(const std::vector<Absent>& list, const ShowRequest& request) {
  Json out = Json::array();
  for (const auto& a : list)
    if (concerns(a, request))
      out.push_back({{"section", a.section}, {"classes", a.classes}, {"what", a.what}, {"why", a.why}});
  return out;
}

Json standard_json(const Standard& standard, const ShowRequest& request) {
  Json out = {{"standard", standard.name()},
              {"edition", standard.edition()},
              {"default_edition", standard.is_default_edition()},
              {"title", standard.title()},
              {"energy", standard.energy() == MeteredEnergy::active ? "active" : "reactive"},
              {"file", standard.file()},
              {"classes", classes_of(standard, request)},
              {"rows", Json::array()}};
  for (const auto& row : standard.rows()) {
    const auto figures = figures_of(row, request);
    if (figures.empty()) continue;
    Json one = {{"section", row.section}, {"item", row.item}};
    if (!row.factor.empty()) one["factor"] = row.factor;
    for (const auto& [connection, span] : row.currents) one["currents"][connection.empty() ? "all" : connection] = span;
    one["on_request"] = row.on_request;
    one["clause"] = row.clause;
    if (!row.note.empty()) one["note"] = row.note;
    one["where"] = row.where;
    for (const auto& f : figures)
      one["figures"].push_back({{"class", f.class_name}, {"value", f.value}, {"mark", f.mark}, {"source", f.source}});
    out["rows"].push_back(std::move(one));
  }
  out["not_covered"] = json_of(standard.not_covered(), request);
  out["left_open"] = json_of(standard.left_open(), request);
  out["scope"] = Json::array();
  for (const auto& note : standard.scope())
    out["scope"].push_back({{"text", note.text}, {"mark", note.from.mark}, {"source", note.from.source}});
  return out;
}

std::string sheet_text(const DataSheet& sheet) {
  auto out = fmt::format("{}, data sheet {}\n{}\n\nClasses\n", sheet.meter(), sheet.edition(), sheet.file());
  for (const auto& one : sheet.classes())
    out += fmt::format("  {:<32} {:<28} {:<4} {}\n", one.quantity, one.standard, one.from.mark, one.from.clause);
  out += "\nAccuracy of readings\n";
  for (const auto& s : sheet.statements())
    out += fmt::format("  {:<10} {:<24} {} + {} a degree from {} ({} to {})  {:<3} {}\n", s.quantity, s.range,
                       show(s.limit), show(s.per_kelvin), show(s.reference), show(s.coldest), show(s.warmest),
                       s.from.mark, s.from.clause);
  out += "\nNot covered\n";
  for (const auto& one : sheet.not_covered()) append_wrapped(out, "  - ", one.what + ": " + one.why);
  return out;
}

Json sheet_json(const DataSheet& sheet) {
  Json out = {{"data_sheet", sheet.meter()}, {"edition", sheet.edition()}, {"file", sheet.file()}};
  for (const auto& one : sheet.classes())
    out["classes"].push_back(
        {{"quantity", one.quantity}, {"standard", one.standard}, {"mark", one.from.mark}, {"source", one.from.source}});
  for (const auto& s : sheet.statements())
    out["statements"].push_back({{"quantity", s.quantity},
                                 {"range", s.range},
                                 {"limit", show(s.limit)},
                                 {"per_kelvin", show(s.per_kelvin)},
                                 {"reference", show(s.reference)},
                                 {"coldest", show(s.coldest)},
                                 {"warmest", show(s.warmest)},
                                 {"mark", s.from.mark},
                                 {"source", s.from.source}});
  for (const auto& one : sheet.not_covered()) out["not_covered"].push_back({{"what", one.what}, {"why", one.why}});
  return out;
}

[[noreturn]] void refuse(const std::string& what) {
  throw Failure{Fault::usage, "show", what};
}

/// Of the editions that have the class (or of all), the one asked for: by name, the only one, or the default.
const Standard& chosen(const std::vector<const Standard*>& editions, const ShowRequest& request) {
  std::vector<const Standard*> found;
  std::vector<std::string> years, classes;
  for (const auto* one : editions) {
    years.push_back(one->edition());
    if (request.edition && one->edition() != *request.edition) continue;
    for (const auto& class_name : one->classes())
      if (std::ranges::count(classes, class_name) == 0) classes.push_back(class_name);
    if (!request.class_name || one->has_class(*request.class_name)) found.push_back(one);
  }
  const auto& name = editions.front()->name();
  if (request.edition && std::ranges::count(years, *request.edition) == 0)
    refuse(fmt::format("{} has no edition '{}'; there are: {}", name, *request.edition, fmt::join(years, ", ")));
  if (found.empty())
    refuse(fmt::format("{} has no class '{}'{}; there are: {}", name, *request.class_name,
                       hint(*request.class_name, classes), fmt::join(classes, ", ")));
  if (found.size() == 1) return *found.front();
  const auto by_default = std::ranges::find_if(found, [](const auto* one) { return one->is_default_edition(); });
  if (by_default == found.end())
    refuse(
        fmt::format("{} exists in more than one edition, name one with --edition: {}", name, fmt::join(years, ", ")));
  return **by_default;
}

}  // namespace

std::string show_text(const ShowRequest& request) {
  std::vector<std::string> names;
  for (const auto& sheet : DataSheet::ours()) {
    names.push_back(sheet.meter());
    if (sheet.meter() != request.name) continue;
    if (request.edition && *request.edition != sheet.edition())
      refuse(fmt::format("the data sheet of {} is edition {}", sheet.meter(), sheet.edition()));
    if (request.class_name) refuse("a data sheet has no --class; its classes are standards of their own");
    return request.json ? sheet_json(sheet).dump(2) + "\n" : sheet_text(sheet);
  }
  auto asked = request;
  if (const auto at = asked.name.find(" class "); at != std::string::npos && !asked.class_name) {
    asked.class_name = asked.name.substr(at + 7);
    asked.name.resize(at);
  }
  std::vector<const Standard*> editions;
  for (const auto& standard : StandardList::ours().standards()) {
    if (std::ranges::count(names, standard.name()) == 0) names.push_back(standard.name());
    if (standard.name() == asked.name) editions.push_back(&standard);
  }
  if (editions.empty())
    refuse(fmt::format("there is no standard '{}'{}; there are: {}", request.name, hint(asked.name, names),
                       fmt::join(names, ", ")));
  const auto& standard = chosen(editions, asked);
  return asked.json ? standard_json(standard, asked).dump(2) + "\n" : standard_text(standard, asked);
}

}  // namespace blondel
