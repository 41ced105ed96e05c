#include "reports/wave_picture.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <numbers>
#include <stdexcept>
#include <string_view>

#include "reports/number_text.hpp"
#include "reports/xml_escape.hpp"

namespace blondel {
namespace {

// The drawing's own units; it is scaled to the width it is given.
constexpr double width = 1000, height = 420;
constexpr double left = 62, right = 600, top = 58, bottom = 358;  // the frame of the waveforms
constexpr double centre_x = 820, centre_y = 208, outer = 130, inner = 86;

// Those of the report's page; a picture of its own cannot take them from there.
constexpr std::string_view style = R"css(
svg{--ground:#fffefb;--ink:#182022;--muted:#5c676a;--grid:#e6e3d8;--s0:#0068a8;--s1:#c64f00;--s2:#00805c;
background:var(--ground);font:12px ui-sans-serif,system-ui,-apple-system,"Segoe UI","Helvetica Neue",Arial,sans-serif}
@media (prefers-color-scheme:dark){svg{--ground:#1a2024;--ink:#e5e9e6;--muted:#9aa6a7;--grid:#283135;--s0:#5fb6f2;--s1:#ff9550;--s2:#44d1a4}}
.ground{fill:var(--ground)}
text{fill:var(--muted);font-variant-numeric:tabular-nums}
.title{fill:var(--ink);font-size:15px;font-weight:640}
.axis{fill:var(--ink)}
.grid{stroke:var(--grid);fill:none}
.zero{stroke:var(--muted)}
.c0{--c:var(--s0)}.c1{--c:var(--s1)}.c2{--c:var(--s2)}
.wave{fill:none;stroke:var(--c);stroke-width:1.8;stroke-linejoin:round}
.arm{stroke:var(--c);stroke-width:2}
.amperes .wave,.amperes .arm{stroke-dasharray:6 3}
.head{fill:var(--c)}
.who{fill:var(--c);font-weight:700}
)css";

void check(const WavePicture& picture) {
  if (!(picture.span_s > 0) || !std::isfinite(picture.span_s)) throw std::logic_error{"a picture without a span"};
  for (const auto& trace : picture.traces) {
    if (trace.samples.size() < 2) throw std::logic_error{"a trace of fewer than two samples"};
    if (!std::ranges::all_of(trace.samples, [](double v) { return std::isfinite(v); }) ||
        !std::isfinite(trace.phasor.real()) || !std::isfinite(trace.phasor.imag()))
      throw std::logic_error{"a trace with a value that is not finite"};
  }
}

/// 1, 2 or 5 times a power of ten, so that about so many steps make up the reach.
double step_of(double reach, double steps) {
  const double rough = reach / steps;
  const double power = std::pow(10, std::floor(std::log10(rough)));
  for (const double digit : {1.0, 2.0, 5.0})
    if (rough <= digit * power * (1 + 1e-9)) return digit * power;
  return 10 * power;
}

/// A vertical scale, zero in the middle: `lines` steps of it up and as many down.
struct Scale {
  static constexpr int lines = 4;
  double step{};

  double y(double value) const { return (top + bottom) / 2 - value / (step * lines) * (bottom - top) / 2; }
};

bool has(const WavePicture& picture, WaveTrace::Axis axis) {
  return std::ranges::any_of(picture.traces, [&](const WaveTrace& t) { return t.axis == axis; });
}

Scale scale_of(const WavePicture& picture, WaveTrace::Axis axis) {
  double most = 0;
  for (const auto& trace : picture.traces)
    if (trace.axis == axis)
      for (const double v : trace.samples) most = std::max(most, std::abs(v));
  return {step_of(most > 0 ? most : 1, Scale::lines)};
}

std::string tick_text(double value) {
  return value == 0 ? "0" : typeset(fmt::format("{:.6g}", value));
}

void draw_frame(std::string& svg, const WavePicture& picture, const Scale& volts, const Scale& amperes) {
  auto out = std::back_inserter(svg);
  const bool has_volts = has(picture, WaveTrace::Axis::volts), has_amperes = has(picture, WaveTrace::Axis::amperes);
  for (int i = -Scale::lines; i <= Scale::lines; ++i) {
    const double y = volts.y(i * volts.step);  // both scales have their lines at the same heights
    fmt::format_to(out, R"(<line class="{}" x1="{}" x2="{}" y1="{:.2f}" y2="{:.2f}"/>)", i == 0 ? "zero" : "grid", left,
                   right, y, y);
    if (has_volts)
      fmt::format_to(out, R"(<text class="tick-v" x="{}" y="{:.2f}" text-anchor="end">{}</text>)", left - 7, y + 4,
                     tick_text(i * volts.step));
    if (has_amperes)
      fmt::format_to(out, R"(<text class="tick-a" x="{}" y="{:.2f}">{}</text>)", right + 7, y + 4,
                     tick_text(i * amperes.step));
  }
  const double span_ms = picture.span_s * 1000, step = step_of(span_ms, 8);
  for (int i = 0; i * step <= span_ms * (1 + 1e-9); ++i) {
    const double x = left + i * step / span_ms * (right - left);
    fmt::format_to(out, R"(<line class="grid" x1="{0:.2f}" x2="{0:.2f}" y1="{1}" y2="{2}"/>)", x, top, bottom);
    fmt::format_to(out, R"(<text class="tick-t" x="{:.2f}" y="{}" text-anchor="middle">{}</text>)", x, bottom + 18,
                   tick_text(i * step));
  }
  fmt::format_to(out, R"(<text class="axis" x="{}" y="{}" text-anchor="middle">time in ms</text>)", (left + right) / 2,
                 bottom + 38);
  if (has_volts)
    fmt::format_to(out, R"(<text class="axis" x="{}" y="{}" text-anchor="end">V</text>)", left - 7, top - 12);
  if (has_amperes) fmt::format_to(out, R"(<text class="axis" x="{}" y="{}">A (dashed)</text>)", right + 7, top - 12);
}

std::string classes_of(const WaveTrace& trace) {
  return fmt::format("{} c{}", trace.axis == WaveTrace::Axis::volts ? "volts" : "amperes",
                     std::clamp(trace.colour, 0, 2));
}

void draw_wave(std::string& svg, const WaveTrace& trace, const Scale& scale) {
  auto out = std::back_inserter(svg);
  fmt::format_to(out, R"(<g class="{}"><title>{}</title><polyline class="wave" points=")", classes_of(trace),
                 xml_escape(trace.name));
  const double intervals = static_cast<double>(trace.samples.size() - 1);
  for (std::size_t k = 0; k < trace.samples.size(); ++k)
    fmt::format_to(out, "{}{:.2f},{:.2f}", k == 0 ? "" : " ",
                   left + static_cast<double>(k) / intervals * (right - left), scale.y(trace.samples[k]));
  svg += R"("/></g>)";
}

double longest(const WavePicture& picture, WaveTrace::Axis axis) {
  double most = 0;
  for (const auto& trace : picture.traces)
    if (trace.axis == axis) most = std::max(most, std::abs(trace.phasor));
  return most;
}

void draw_circles(std::string& svg, double volts, double amperes) {
  auto out = std::back_inserter(svg);
  for (const double radius : {outer, inner})
    fmt::format_to(out, R"(<circle class="grid" cx="{}" cy="{}" r="{}"/>)", centre_x, centre_y, radius);
  for (int degrees = 0; degrees < 360; degrees += 30) {
    const double angle = degrees * std::numbers::pi / 180;
    fmt::format_to(out, R"(<line class="grid" x1="{}" y1="{}" x2="{:.2f}" y2="{:.2f}"/>)", centre_x, centre_y,
                   centre_x + outer * std::cos(angle), centre_y - outer * std::sin(angle));
  }
  fmt::format_to(out, R"(<text x="{}" y="{}">0°</text>)", centre_x + outer + 30, centre_y + 4);
  std::string words;
  if (volts > 0) words = fmt::format("outer circle {:.6g} V", volts);
  if (amperes > 0) words += fmt::format("{}inner circle {:.6g} A", words.empty() ? "" : ", ", amperes);
  if (!words.empty())
    fmt::format_to(out, R"(<text class="axis" x="{}" y="{}" text-anchor="middle">{} (rms)</text>)", centre_x,
                   bottom + 38, words);
}

/// An arrow from the centre, its name a little beyond its tip.
void draw_phasor(std::string& svg, const WaveTrace& trace, double length_of_longest, double radius) {
  const double length = std::abs(trace.phasor) / length_of_longest * radius;
  if (!(length > 0)) return;
  const double angle = std::arg(trace.phasor), cosine = std::cos(angle), sine = std::sin(angle);
  const double x = centre_x + length * cosine, y = centre_y - length * sine;
  const double head = std::min(9.0, length);
  const auto side = [&](double aside) {
    return fmt::format("{:.2f},{:.2f}", x - head * cosine - aside * sine, y + head * sine - aside * cosine);
  };
  fmt::format_to(
      std::back_inserter(svg),
      R"(<g class="{}"><title>{}: {:.6g} {} at {:.4g}°</title><line class="arm" x1="{}" y1="{}" x2="{:.2f}" y2="{:.2f}"/><polygon class="head" points="{:.2f},{:.2f} {} {}"/><text class="who" x="{:.2f}" y="{:.2f}" text-anchor="middle">{}</text></g>)",
      classes_of(trace), xml_escape(trace.name), std::abs(trace.phasor),
      trace.axis == WaveTrace::Axis::volts ? "V" : "A", angle * 180 / std::numbers::pi, centre_x, centre_y, x, y, x, y,
      side(4), side(-4), x + 13 * cosine, y - 13 * sine + 4, xml_escape(trace.name));
}

void draw_legend(std::string& svg, const WavePicture& picture) {
  auto out = std::back_inserter(svg);
  double x = left;
  for (const auto& trace : picture.traces) {
    fmt::format_to(
        out,
        R"(<g class="{}"><line class="arm" x1="{}" x2="{}" y1="{}" y2="{}"/><text class="who" x="{}" y="{}">{}</text></g>)",
        classes_of(trace), x, x + 26, height - 12, height - 12, x + 32, height - 8, xml_escape(trace.name));
    x += 84;
  }
}

}  // namespace

std::string wave_picture_svg(const WavePicture& picture) {
  check(picture);
  const auto title = xml_escape(picture.title);
  std::string svg = fmt::format(
      R"(<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {0} {1}" role="img" aria-label="{2}"><title>{2}</title><style>{3}</style><rect class="ground" width="{0}" height="{1}"/><text class="title" x="{4}" y="26">{2}</text>)",
      width, height, title, style, left);
  const Scale volts = scale_of(picture, WaveTrace::Axis::volts), amperes = scale_of(picture, WaveTrace::Axis::amperes);
  draw_frame(svg, picture, volts, amperes);
  for (const auto& trace : picture.traces)
    draw_wave(svg, trace, trace.axis == WaveTrace::Axis::volts ? volts : amperes);
  const double longest_voltage = longest(picture, WaveTrace::Axis::volts);
  const double longest_current = longest(picture, WaveTrace::Axis::amperes);
  draw_circles(svg, longest_voltage, longest_current);
  for (const auto& trace : picture.traces) {
    const bool is_voltage = trace.axis == WaveTrace::Axis::volts;
    draw_phasor(svg, trace, is_voltage ? longest_voltage : longest_current, is_voltage ? outer : inner);
  }
  draw_legend(svg, picture);
  return svg + "</svg>\n";
}

}  // namespace blondel
