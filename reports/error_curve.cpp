#include "reports/error_curve.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>

#include "reports/error_panels.hpp"
#include "reports/html_escape.hpp"
#include "reports/number_text.hpp"

namespace blondel {
namespace {

// The drawing's own units; it is scaled to the width of its panel.
constexpr double width = 500, height = 350, left = 46, right = 26, top = 12, bottom = 46;
constexpr int colours = 8;

/// The colour of each meter, by position. Beyond eight meters only the eight nearest to their limits have one.
std::map<int, int> colours_of(const RunView& run) {
  std::vector<const PositionView*> judged;
  for (const auto& position : run.positions)
    if (position.judged) judged.push_back(&position);
  if (judged.size() > colours) {
    std::ranges::stable_sort(judged, [](const PositionView* a, const PositionView* b) {
      const auto key = [](const PositionView* p) {
        const auto* worst = p->worst();
        return std::pair{p->verdict, worst ? worst->share_of_limit().value_or(0) : 0.0};
      };
      return key(a) > key(b);
    });
    judged.resize(colours);
  }
  std::map<int, int> slots;
  for (std::size_t i = 0; i < judged.size(); ++i) slots[judged[i]->position] = static_cast<int>(i);
  return slots;
}

std::string colour_class(const std::map<int, int>& slots, int position) {
  const auto found = slots.find(position);
  return found == slots.end() ? "cx" : fmt::format("c{}", found->second);
}

std::string filling_class(const std::map<int, int>& slots, int position) {
  const auto found = slots.find(position);
  return found == slots.end() ? "f1" : fmt::format("f{}", found->second % 3);
}

/// Circle for unity, triangles pointing up for lagging and down for leading currents, a diamond for anything else.
std::string marker(const std::string& power_factor, double x, double y, const std::string& classes) {
  if (power_factor == "1") return fmt::format(R"(<circle class="{}" cx="{:.1f}" cy="{:.1f}" r="4"/>)", classes, x, y);
  const double turn = power_factor.find("cap") != std::string::npos ? -1 : 1;
  if (turn < 0 || power_factor.find("ind") != std::string::npos)
    return fmt::format(R"(<path class="{}" d="M{:.1f} {:.1f}l4.6 {:.1f}h-9.2z"/>)", classes, x, y - turn * 5,
                       turn * 8.4);
  return fmt::format(R"(<path class="{}" d="M{:.1f} {:.1f}l5 5l-5 5l-5 -5z"/>)", classes, x, y - 5);
}

struct Scale {
  double x_low = 0.01, x_high = 1.2, y_low = -1, y_high = 1, y_step = 0.5;

  double x(double ratio) const {
    // A little air on either side, for the points of meters that stand beside each other.
    return left + 16 + std::log(ratio / x_low) / std::log(x_high / x_low) * (width - left - right - 32);
  }
  double y(double error) const { return top + (y_high - error) / (y_high - y_low) * (height - top - bottom); }
  bool holds(double error) const { return error >= y_low && error <= y_high; }
};

/// The limits and the points fill the panel; a meter that is far off does not squeeze the others flat, it is shown
/// at the border with its value.
Scale scale_of(const ErrorPanel& panel) {
  Scale scale;
  double limit = 0, most = 0;
  for (const auto& one : panel.limits) {
    for (const auto& [ratio, pair] : one.steps) {
      scale.x_low = std::min(scale.x_low, ratio);
      scale.x_high = std::max(scale.x_high, ratio);
      const double here = std::max(std::abs(pair.first.value_or(0)), std::abs(pair.second.value_or(0)));
      limit = std::max(limit, here);
      // A guard band outside the limit is to be seen as well.
      if (const auto guard = one.guards.find(ratio); guard != one.guards.end())
        most = std::max(most, here + guard->second.second);
    }
  }
  for (const auto& series : panel.series)
    for (const auto& [m, judged] : series.points)
      most = std::max(most, std::abs(*m->value) + m->expanded_uncertainty.value_or(0));
  const double reach = limit > 0 ? std::clamp(most, limit, 3 * limit) : most > 0 ? most : 1;
  const double rough = 1.08 * reach / 4;
  const double power = std::pow(10, std::floor(std::log10(rough)));
  scale.y_step = rough / power <= 1   ? power
                 : rough / power <= 2 ? 2 * power
                 : rough / power <= 5 ? 5 * power
                                      : 10 * power;
  scale.y_high = 1.08 * reach;
  scale.y_low = -scale.y_high;
  return scale;
}

void draw_grid(std::string& svg, const Scale& scale) {
  auto out = std::back_inserter(svg);
  const int decimals = static_cast<int>(std::clamp(-std::floor(std::log10(scale.y_step) + 1e-9), 0.0, 9.0));
  const int steps = static_cast<int>(std::floor(scale.y_high / scale.y_step + 1e-9));
  for (int i = -steps; i <= steps; ++i) {
    const double y = scale.y(i * scale.y_step);
    fmt::format_to(out, R"(<line class="{}" x1="{:.1f}" x2="{:.1f}" y1="{:.1f}" y2="{:.1f}"/>)",
                   i == 0 ? "zero" : "grid", left, width - right, y, y);
    fmt::format_to(out, R"(<text x="{:.1f}" y="{:.1f}" text-anchor="end">{}</text>)", left - 7, y + 4,
                   i == 0 ? "0" : typeset(signed_text(i * scale.y_step, decimals)));
  }
  const double decades[] = {1e-4, 1e-3, 0.01, 0.1, 1, 10};
  for (const double decade : decades)
    for (const double digit : {1.0, 2.0, 5.0}) {
      const double ratio = decade * digit;
      if (ratio < scale.x_low * 0.999 || ratio > scale.x_high * 1.001) continue;
      fmt::format_to(out, R"(<line class="grid" x1="{0:.1f}" x2="{0:.1f}" y1="{1:.1f}" y2="{2:.1f}"/>)", scale.x(ratio),
                     top, height - bottom);
      fmt::format_to(out, R"(<text x="{:.1f}" y="{:.1f}" text-anchor="middle">{}</text>)", scale.x(ratio),
                     height - bottom + 17, short_text(ratio));
    }
  fmt::format_to(out, R"(<text class="axis" x="{:.1f}" y="{:.1f}" text-anchor="middle">I / I&#8345; (log)</text>)",
                 (left + width - right) / 2, height - 8);
  fmt::format_to(
      out,
      R"svg(<text class="axis" x="13" y="{:.1f}" text-anchor="middle" transform="rotate(-90 13 {:.1f})">error in %</text>)svg",
      (top + height - bottom) / 2, (top + height - bottom) / 2);
}

/// Where a value is neither passed nor failed: from the acceptance limit to the rejection limit, from each current up
/// to the next one measured.
void draw_guards(std::string& svg, const Scale& scale, const PanelLimits& of) {
  constexpr double stub = 7;  // so that the last current shows its band, too
  for (auto at = of.guards.begin(); at != of.guards.end(); ++at) {
    const auto limits = of.steps.find(at->first);
    const auto [accept, reject] = at->second;
    if (limits == of.steps.end() || !(accept + reject > 0)) continue;
    const auto next = std::next(at);
    const double from = scale.x(at->first), to = next == of.guards.end() ? from + stub : scale.x(next->first);
    const auto band = [&](double one_end, double other_end) {
      const double up = scale.y(std::clamp(std::max(one_end, other_end), scale.y_low, scale.y_high));
      const double down = scale.y(std::clamp(std::min(one_end, other_end), scale.y_low, scale.y_high));
      fmt::format_to(std::back_inserter(svg),
                     R"(<rect class="guard" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}"/>)", from, up,
                     to - from, down - up);
    };
    if (const auto upper = limits->second.second) band(*upper - accept, *upper + reject);
    if (const auto lower = limits->second.first) band(*lower + accept, *lower - reject);
  }
}

/// "limit", or with the dashes of its standard's place in the figure.
std::string limit_class(const ErrorFigure& figure, const std::string& standard) {
  const auto found = std::ranges::find(figure.standards, standard);
  const auto place = found == figure.standards.end() ? 0 : found - figure.standards.begin();
  return place == 0 ? "limit" : fmt::format("limit l{}", (place - 1) % 3 + 1);
}

/// The limits as steps: each holds from its current up to the next one measured. An unlimited side has no line.
void draw_limits(std::string& svg, const Scale& scale, const LimitSteps& limits, const std::string& classes,
                 bool with_band) {
  const double last = limits.empty() ? 0 : limits.rbegin()->first;
  const auto side = [&](auto pick, double none) {
    std::string line, band;
    std::optional<double> level;
    double from = 0;
    const auto run_to = [&](double to) {
      const double y = scale.y(level ? std::clamp(*level, scale.y_low, scale.y_high) : none);
      band += fmt::format("{} {:.1f},{:.1f} {:.1f},{:.1f}", "", scale.x(from), y, scale.x(to), y);
      if (level && scale.holds(*level))
        line += fmt::format("{}{:.1f} {:.1f}H{:.1f}", line.empty() ? "M" : "L", scale.x(from), y, scale.x(to));
    };
    bool begun = false;
    for (const auto& [ratio, pair] : limits) {
      if (begun && pick(pair) == level) continue;
      if (begun) run_to(ratio);
      level = pick(pair);
      from = ratio;
      begun = true;
    }
    if (begun) run_to(last);
    return std::pair{line, band};
  };
  const auto upper = side([](const auto& pair) { return pair.second; }, scale.y_high);
  const auto lower = side([](const auto& pair) { return pair.first; }, scale.y_low);
  if (with_band && limits.size() > 1) {
    // Round the band: along the upper limit and back along the lower one.
    std::vector<std::string> back;
    std::string word;
    for (const char c : lower.second + ' ') {
      if (c != ' ') {
        word += c;
      } else if (!word.empty()) {
        back.push_back(std::exchange(word, {}));
      }
    }
    svg += R"(<polygon class="band" points=")" + upper.second;
    for (auto point = back.rbegin(); point != back.rend(); ++point) svg += ' ' + *point;
    svg += R"("/>)";
  }
  for (const auto& line : {upper.first, lower.first})
    if (!line.empty()) svg += fmt::format(R"(<path class="{}" d="{}"/>)", classes, line);
}

std::string tip(const ErrorSeries& series, const ErrorPoint& point) {
  const auto& m = *point.shown;
  auto text = fmt::format("position {}: {}, {}", series.position, m.point, value_unit_text(m));
  if (m.expanded_uncertainty) text += fmt::format(" ± {}", short_text(*m.expanded_uncertainty));
  if (point.judged.size() == 1)
    return html_escape(text + fmt::format(" (limits {}): {}", limits_text(m), name(m.verdict)));
  for (std::size_t i = 0; i < point.judged.size(); ++i)
    text += fmt::format("{} {}, limits {}: {}", i == 0 ? ":" : ";", point.judged[i]->standard,
                        limits_text(*point.judged[i]), name(point.judged[i]->verdict));
  return html_escape(text);
}

/// One meter at one power factor, moved sideways so that meters measured at the same current stand side by side.
void draw_series(std::string& svg, const Scale& scale, const ErrorSeries& series, const std::map<int, int>& slots,
                 double aside) {
  auto out = std::back_inserter(svg);
  fmt::format_to(out, R"(<g class="{}">)", colour_class(slots, series.position));
  std::string join;
  for (const auto& [m, judged] : series.points)
    fmt::format_to(std::back_inserter(join), "{}{:.1f} {:.1f}", join.empty() ? "M" : "L",
                   scale.x(*m->current_ratio) + aside, scale.y(std::clamp(*m->value, scale.y_low, scale.y_high)));
  fmt::format_to(out, R"(<path class="join" d="{}"/>)", join);
  for (const auto& point : series.points) {
    const auto* m = point.shown;
    const double x = scale.x(*m->current_ratio) + aside;
    const double y = scale.y(std::clamp(*m->value, scale.y_low, scale.y_high));
    fmt::format_to(out, "<g><title>{}</title>", tip(series, point));
    if (m->expanded_uncertainty && scale.holds(*m->value)) {
      const double up = scale.y(std::min(*m->value + *m->expanded_uncertainty, scale.y_high));
      const double down = scale.y(std::max(*m->value - *m->expanded_uncertainty, scale.y_low));
      fmt::format_to(out, R"(<path class="bar" fill="none" d="M{0:.1f} {1:.1f}h4m-2 0V{2:.1f}m-2 0h4"/>)", x - 2, up,
                     down);
    }
    svg += marker(series.power_factor, x, y, "dot " + filling_class(slots, series.position));
    if (m->verdict >= Verdict::fail)
      fmt::format_to(out, R"(<circle class="ring" cx="{:.1f}" cy="{:.1f}" r="8.5"/>)", x, y);
    if (!scale.holds(*m->value))
      fmt::format_to(out, R"(<text class="out" x="{:.1f}" y="{:.1f}" text-anchor="middle">{} %</text>)", x,
                     *m->value > 0 ? y + 22 : y - 14, typeset(signed_text(*m->value, 1)));
    svg += "</g>";
  }
  svg += "</g>";
}

/// The number of each coloured meter beside the end of its line, moved apart where they would overlap.
void draw_numbers(std::string& svg, const Scale& scale, const ErrorPanel& panel, const std::map<int, int>& slots) {
  std::map<int, double> ends;
  for (const auto& series : panel.series)
    if (slots.contains(series.position) && !series.points.empty())
      ends.try_emplace(series.position,
                       scale.y(std::clamp(*series.points.back().shown->value, scale.y_low, scale.y_high)));
  std::vector<std::pair<double, int>> by_height;
  for (const auto& [position, y] : ends) by_height.emplace_back(y, position);
  std::ranges::sort(by_height);
  double free_from = top + 6;
  for (const auto& [y, position] : by_height) {
    const double at = std::max(y, free_from);
    free_from = at + 13;
    fmt::format_to(std::back_inserter(svg), R"(<text class="who {}" x="{:.1f}" y="{:.1f}">{}</text>)",
                   colour_class(slots, position), width - right + 10, at + 4, position);
  }
}

/// A sine without the word that a record may put before it: the caption says it.
std::string bare_factor(const std::string& factor) {
  return factor.starts_with("sin ") ? factor.substr(4) : factor;
}

std::string power_factor_words(const ErrorPanel& panel) {
  std::string words;
  for (const auto& one : panel.power_factors) words += (words.empty() ? "" : " and ") + bare_factor(one);
  return words.empty() ? words : (panel.reactive() ? "sin φ " : "power factor ") + words;
}

std::string panel_html(const ErrorFigure& figure, const ErrorPanel& panel, const std::map<int, int>& slots) {
  const auto scale = scale_of(panel);
  auto words = power_factor_words(panel);
  const auto html = fmt::format(R"(<figure class="panel"><figcaption>{} <span>{}</span></figcaption>)",
                                html_escape(words.empty() ? "all points" : words),
                                html_escape(panel.reactive() ? panel.energy + ", " + panel.load : panel.load));
  std::string svg = fmt::format(R"(<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">)", width, height,
                                html_escape("percentage error against current, " + words));
  draw_grid(svg, scale);
  for (const auto& one : panel.limits) draw_guards(svg, scale, one);
  // Several bands over each other would hide one another: lines alone tell them apart.
  for (const auto& one : panel.limits)
    draw_limits(svg, scale, one.steps, limit_class(figure, one.standard), panel.limits.size() == 1);
  // Meters without a colour lie under the others.
  std::vector<const ErrorSeries*> order;
  for (const auto& series : panel.series) order.push_back(&series);
  std::ranges::stable_partition(order, [&](const ErrorSeries* one) { return !slots.contains(one->position); });
  const double gap = std::min(5.0, 26.0 / static_cast<double>(std::max<std::size_t>(1, order.size())));
  for (std::size_t i = 0; i < order.size(); ++i)
    draw_series(svg, scale, *order[i], slots,
                (static_cast<double>(i) - 0.5 * static_cast<double>(order.size() - 1)) * gap);
  draw_numbers(svg, scale, panel, slots);
  return html + svg + "</svg></figure>\n";
}

bool has_guards(const ErrorFigure& figure) {
  return std::ranges::any_of(figure.panels, [](const ErrorPanel& panel) {
    return std::ranges::any_of(panel.limits, [](const PanelLimits& one) {
      return std::ranges::any_of(one.guards,
                                 [](const auto& at) { return at.second.first > 0 || at.second.second > 0; });
    });
  });
}

std::string legend_html(const RunView& run, const ErrorFigure& figure, const std::map<int, int>& slots) {
  std::string html = R"(<div class="legend">)";
  for (const auto& position : run.positions)
    if (slots.contains(position.position))
      html += fmt::format(
          R"(<span class="{}"><svg viewBox="-9 -8 18 16" aria-hidden="true">{}</svg><b>{}</b> {}</span>)",
          colour_class(slots, position.position), marker("1", 0, 0, "dot " + filling_class(slots, position.position)),
          position.position, html_escape(position.serial));
  if (std::ranges::count(run.positions, true, &PositionView::judged) > colours)
    html +=
        R"(<span class="cx"><svg viewBox="-9 -8 18 16" aria-hidden="true"><circle class="dot f1" r="4"/></svg>all other meters</span>)";
  std::vector<std::pair<bool, std::string>> shapes;
  for (const auto& panel : figure.panels)
    for (const auto& one : panel.power_factors)
      if (const std::pair shape{panel.reactive(), one}; std::ranges::find(shapes, shape) == shapes.end())
        shapes.push_back(shape);
  for (const auto& [reactive, one] : shapes)
    if (!one.empty())
      html += fmt::format(R"(<span class="cx"><svg viewBox="-9 -8 18 16" aria-hidden="true">{}</svg>{} {}</span>)",
                          marker(one, 0, 0, "dot"), reactive ? "sin φ" : "PF", html_escape(bare_factor(one)));
  const auto limit = [&](const std::string& classes, const std::string& of) {
    html += fmt::format(
        R"(<span><svg viewBox="0 0 20 16" aria-hidden="true"><path class="{}" d="M1 11H10V5H19"/></svg>limit{}</span>)",
        classes, of.empty() ? of : " of " + html_escape(of));
  };
  if (figure.standards.empty()) limit("limit", "");
  for (const auto& one : figure.standards) limit(limit_class(figure, one), one);
  if (has_guards(figure))
    html +=
        R"(<span><svg viewBox="0 0 20 16" aria-hidden="true"><rect class="guard" x="1" y="4" width="18" height="8"/></svg>neither pass nor fail</span>)";
  return html + "</div>\n";
}

}  // namespace

std::string error_curves_html(const RunView& run) {
  const auto figures = error_figures(run);
  if (figures.empty()) return {};
  const auto slots = colours_of(run);
  std::string html =
      "<h2 id=\"curves\">Error against current</h2>\n<p class=\"lead\">Each point is one measurement with its expanded "
      "uncertainty. A limit is drawn from the current it was applied at to the next current measured. Meters measured "
      "at "
      "the same current stand side by side.</p>\n";
  for (const auto& figure : figures) {
    if (!figure.method.empty()) html += fmt::format("<h3>Method: {}</h3>\n", html_escape(figure.method));
    html += legend_html(run, figure, slots) + "<div class=\"panels\">\n";
    for (const auto& panel : figure.panels) html += panel_html(figure, panel, slots);
    html += "</div>\n";
  }
  return html;
}

}  // namespace blondel
