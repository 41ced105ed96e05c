#include "reports/text_summary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <vector>

#include "reports/class_conclusion.hpp"
#include "reports/number_text.hpp"
#include "reports/utf8.hpp"
#include "reports/visible_text.hpp"

namespace blondel {
namespace {

constexpr std::size_t columns = 6;
using Row = std::array<std::string, columns>;

std::size_t width(std::string_view text) {
  std::size_t points = 0;
  for (; !text.empty(); ++points) take_code_point(text);
  return points;
}

/// What decided: the worst finding where there is one worse than every number, else the worst number.
Row row_of(const PositionView& position) {
  Row row{fmt::format("{}", position.position),
          position.serial.empty() ? "–" : visible_text(position.serial),
          position.judged ? verdict_word(position.verdict) : "not judged",
          "–",
          "–",
          visible_text(position.cause)};
  if (const auto* worst = position.worst()) {
    row[3] =
        visible_text(worst->point.empty() || worst->name != "percentage_error" ? words_of(worst->name) : worst->point);
    row[4] = visible_text(fmt::format("{} ({})", value_unit_text(*worst), limits_text(*worst)));
  }
  return row;
}

/// A line for every conclusion on a class, with the meters that share it.
std::string class_summary(const RunView& run, const ClassView& one) {
  std::vector<std::pair<std::string, std::string>> conclusions;  // what is said, and of which positions
  for (const auto& position : run.positions) {
    if (!position.judged) continue;
    const auto said = conclude(one, position);
    const auto& text = said.text;
    const auto number = fmt::format("{}", position.position);
    const auto known = std::ranges::find(conclusions, text, &std::pair<std::string, std::string>::first);
    if (known == conclusions.end())
      conclusions.emplace_back(text, number);
    else
      known->second += ", " + number;
  }
  std::string text;
  for (const auto& [said, positions] : conclusions)
    text += visible_text(fmt::format("  {}, position {}: {}", one.name(), positions, said)) + '\n';
  return text;
}

}  // namespace

std::string text_summary(const RunView& run) {
  std::vector<Row> rows{{"pos", "serial", "verdict", "worst point", "value (limits)", "cause"}};
  for (const auto& position : run.positions) rows.push_back(row_of(position));

  std::array<std::size_t, columns> widths{};
  for (const auto& row : rows)
    for (std::size_t i = 0; i < columns; ++i) widths[i] = std::max(widths[i], width(row[i]));

  std::string text = visible_text(fmt::format("{} on {}", run.plan.name, run.bench.name)) + '\n';
  for (const auto& row : rows) {
    std::string line = " ";
    for (std::size_t i = 0; i < columns; ++i) line += ' ' + row[i] + std::string(widths[i] - width(row[i]) + 1, ' ');
    text += line.substr(0, line.find_last_not_of(' ') + 1) + '\n';
  }
  for (const auto& one : run.classes) text += class_summary(run, one);
  for (const auto& one : run.traceability.certificates)
    if (one.overdue)
      text += "  OVERDUE CERTIFICATE: " +
              visible_text(fmt::format("{} of {} {}, due {}", one.number, one.instrument, one.serial, one.due)) + '\n';
  // The lines of the classes have counted theirs; the page lists them.
  for (const auto& point : run.not_covered)
    if (!of_a_class(run, point)) text += "  not covered: " + visible_text(point) + '\n';
  if (run.has_unverified_limits()) text += "  Some limits are not verified against the published standard.\n";
  for (const auto& note : run.notes) text += "  " + visible_text(note) + '\n';
  text += fmt::format("{}: {} (exit {})\n", verdict_word(run.verdict), visible_text(run.why), run.exit_code);
  return text;
}

}  // namespace blondel
