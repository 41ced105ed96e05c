#include "reports/wave_picture.hpp"

#include <gmock/gmock.h>

#include <cmath>
#include <map>
#include <numbers>
#include <regex>

#include "reports/testdata/markup_check.hpp"

namespace blondel {
namespace {

using testing::HasSubstr;
using testing::Not;

using Point = std::pair<double, double>;

/// A sine of this rms over two periods, its samples and its phasor.
WaveTrace sine(const std::string& name, WaveTrace::Axis axis, int colour, double rms, double degrees) {
  WaveTrace trace{name, axis, colour, {}, std::polar(rms, degrees * std::numbers::pi / 180)};
  for (int k = 0; k <= 400; ++k)
    trace.samples.push_back(std::sqrt(2.0) * rms *
                            std::cos(2 * std::numbers::pi * k / 200 + degrees * std::numbers::pi / 180));
  return trace;
}

WavePicture one_phase() {
  return {"a load",
          2 / 50.0,
          {sine("va", WaveTrace::Axis::volts, 0, 230, 0), sine("ia", WaveTrace::Axis::amperes, 0, 5, -60)}};
}

/// Everything that the first group of this pattern finds.
std::vector<std::smatch> all(const std::string& svg, const std::string& pattern) {
  const std::regex expression{pattern};
  std::vector<std::smatch> found;
  for (auto at = std::sregex_iterator{svg.begin(), svg.end(), expression}; at != std::sregex_iterator{}; ++at)
    found.push_back(*at);
  return found;
}

/// The points of the wave with this name.
std::vector<Point> wave(const std::string& svg, const std::string& name) {
  const auto line = all(svg, "<title>" + name + "</title><polyline class=\"wave\" points=\"([^\"]*)\"");
  std::vector<Point> points;
  if (line.size() != 1) return points;
  const std::string text = line[0][1];
  for (const auto& pair : all(text, "([-0-9.]+),([-0-9.]+)"))
    points.emplace_back(std::stod(pair[1]), std::stod(pair[2]));
  return points;
}

/// The written values of one scale and the places they are for: a number's foot stands 4 under its line.
std::map<double, double> ticks(const std::string& svg, const std::string& scale, std::size_t coordinate) {
  std::map<double, double> places;
  for (const auto& tick : all(svg, "<text class=\"" + scale + "\" x=\"([^\"]*)\" y=\"([^\"]*)\"[^>]*>([^<]*)<")) {
    std::string number = tick[3];
    if (const auto minus = number.find("\u2212"); minus != std::string::npos)
      number.replace(minus, std::string{"\u2212"}.size(), "-");
    places[std::stod(number)] = std::stod(tick[coordinate]) - (coordinate == 2 ? 4 : 0);
  }
  return places;
}

/// Where a value must stand by the two outermost written ones.
double place_of(const std::map<double, double>& scale, double value) {
  const auto& [low, at_low] = *scale.begin();
  const auto& [high, at_high] = *scale.rbegin();
  return at_low + (value - low) / (high - low) * (at_high - at_low);
}

/// The tip of the arrow with this name, from its foot; up is positive.
Point arrow(const std::string& svg, const std::string& name) {
  const auto line =
      all(svg, "<title>" + name +
                   ":[^<]*</title><line class=\"arm\" x1=\"([^\"]*)\" y1=\"([^\"]*)\" x2=\"([^\"]*)\" y2=\"([^\"]*)\"");
  if (line.size() != 1) return {NAN, NAN};
  return {std::stod(line[0][3]) - std::stod(line[0][1]), std::stod(line[0][2]) - std::stod(line[0][4])};
}

TEST(WavePictureTest, IsWellFormedWithAnyTextInIt) {
  EXPECT_EQ(markup_fault(wave_picture_svg(one_phase())), "");
  EXPECT_EQ(markup_fault(wave_picture_svg({"nothing", 0.02, {}})), "");
  auto picture = one_phase();
  picture.title = "<script>alert(\"&'\x01\xFF)</script>";
  picture.traces[0].name = "</svg>\"v&";
  const auto svg = wave_picture_svg(picture);
  EXPECT_EQ(markup_fault(svg), "");
  EXPECT_THAT(svg, Not(HasSubstr("<script")));
  EXPECT_THAT(svg, HasSubstr("&lt;script&gt;"));
}

TEST(WavePictureTest, SamplesStandWhereTheScalesSayTheyDo) {
  const auto svg = wave_picture_svg(one_phase());
  const auto volts = ticks(svg, "tick-v", 2), amperes = ticks(svg, "tick-a", 2), time = ticks(svg, "tick-t", 1);
  ASSERT_GE(volts.size(), 3u);
  ASSERT_GE(amperes.size(), 3u);
  EXPECT_EQ(time.begin()->first, 0);
  EXPECT_EQ(time.rbegin()->first, 40) << "two cycles of 50 Hz, in ms";
  EXPECT_GE(volts.rbegin()->first, 230 * std::sqrt(2.0)) << "nothing is cut off";
  const auto v = wave(svg, "va"), i = wave(svg, "ia");
  ASSERT_EQ(v.size(), 401u);
  ASSERT_EQ(i.size(), 401u);
  // The crest at the beginning, the trough half a cycle later, the crest of a current that lags 60 degrees.
  EXPECT_NEAR(v[0].first, place_of(time, 0), 0.01);
  EXPECT_NEAR(v[0].second, place_of(volts, 230 * std::sqrt(2.0)), 0.01);
  EXPECT_NEAR(v[100].first, place_of(time, 10), 0.01);
  EXPECT_NEAR(v[100].second, place_of(volts, -230 * std::sqrt(2.0)), 0.01);
  const auto crest = std::ranges::min_element(i.begin(), i.begin() + 200, {}, &Point::second);
  EXPECT_NEAR(crest->first, place_of(time, 20.0 / 6), 0.5 * (i[1].first - i[0].first));
  EXPECT_NEAR(crest->second, place_of(amperes, 5 * std::sqrt(2.0)), 0.02);
}

TEST(WavePictureTest, PhasorsPointWhereTheirAngleSays) {
  WavePicture picture{"three", 0.02, {}};
  picture.traces = {sine("va", WaveTrace::Axis::volts, 0, 230, 0), sine("vb", WaveTrace::Axis::volts, 1, 115, 90),
                    sine("ia", WaveTrace::Axis::amperes, 0, 2, -90), sine("ib", WaveTrace::Axis::amperes, 1, 1, 150)};
  const auto svg = wave_picture_svg(picture);
  const auto va = arrow(svg, "va"), vb = arrow(svg, "vb"), ia = arrow(svg, "ia"), ib = arrow(svg, "ib");
  EXPECT_GT(va.first, 0);
  EXPECT_NEAR(va.second, 0, 0.01);
  EXPECT_NEAR(vb.first, 0, 0.01);
  EXPECT_NEAR(vb.second, va.first / 2, 0.01) << "half the voltage, a quarter turn counter-clockwise";
  EXPECT_LT(ia.second, 0) << "a lagging current points down";
  EXPECT_NEAR(std::atan2(ib.second, ib.first) * 180 / std::numbers::pi, 150, 0.05);
  EXPECT_NEAR(std::hypot(ib.first, ib.second), -ia.second / 2, 0.01);
  EXPECT_THAT(svg, HasSubstr("outer circle 230 V, inner circle 2 A"));
}

TEST(WavePictureTest, ADeadChannelIsALineAndNoArrow) {
  auto picture = one_phase();
  picture.traces[1] = sine("ia", WaveTrace::Axis::amperes, 0, 0, 0);
  const auto svg = wave_picture_svg(picture);
  EXPECT_EQ(markup_fault(svg), "");
  const auto i = wave(svg, "ia");
  ASSERT_EQ(i.size(), 401u);
  EXPECT_EQ(i.front().second, i.back().second);
  EXPECT_TRUE(std::isnan(arrow(svg, "ia").first));
}

TEST(WavePictureTest, IsReadableInTheDark) {
  EXPECT_THAT(wave_picture_svg(one_phase()), HasSubstr("@media (prefers-color-scheme:dark)"));
}

TEST(WavePictureTest, RefusesWhatCannotBeDrawn) {
  auto picture = one_phase();
  picture.span_s = 0;
  EXPECT_THROW(wave_picture_svg(picture), std::logic_error);
  picture = one_phase();
  picture.traces[0].samples[7] = NAN;
  EXPECT_THROW(wave_picture_svg(picture), std::logic_error);
  picture = one_phase();
  picture.traces[1].samples.resize(1);
  EXPECT_THROW(wave_picture_svg(picture), std::logic_error);
}

}  // namespace
}  // namespace blondel
