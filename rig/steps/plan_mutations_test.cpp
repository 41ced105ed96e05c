#include <gmock/gmock.h>

#include <random>
#include <regex>
#include <sstream>

#include "rig/steps/generic_steps_fixture.hpp"

namespace blondel {
namespace {

using Lines = std::vector<std::string>;

Lines lines_of(const std::string& text) {
  Lines lines;
  std::istringstream stream{text};
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

std::string text_from(const Lines& lines) {
  std::string text;
  for (const auto& line : lines) text += line + "\n";
  return text;
}

/// Does to a plan what a person's hand does to it.
class Slips {
 public:
  explicit Slips(std::uint64_t seed) : random_{seed} {}

  Lines make(Lines lines) {
    const int slips = 1 + static_cast<int>(below(2));
    for (int n = 0; n < slips; ++n) slip(lines);
    return lines;
  }

 private:
  std::size_t below(std::size_t count) { return static_cast<std::size_t>(random_() % count); }

  /// Only lines with something in them.
  std::size_t some_line(const Lines& lines) {
    for (;;) {
      const auto at = below(lines.size());
      const auto first = lines[at].find_first_not_of(' ');
      if (first != std::string::npos && lines[at][first] != '#') return at;
    }
  }

  void slip(Lines& lines) {
    const auto at = some_line(lines), other = some_line(lines);
    switch (below(8)) {
      case 0: lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(at)); break;
      case 1: lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(at), lines[at]); break;
      case 2: swap_values(lines[at], lines[other]); break;
      case 3: change_unit(lines[at]); break;
      case 4: lines[at].insert(0, std::string(1 + below(5), ' ')); break;
      case 5: lines[at].erase(0, std::min(lines[at].find_first_not_of(' '), 1 + below(4))); break;
      case 6: lines[at].erase(below(lines[at].size()), 1); break;
      default: lines[at].insert(below(lines[at].size() + 1), 1, "{}[]:,'\"#&*!|>%@0-"[below(18)]); break;
    }
    if (lines.empty()) lines.emplace_back("plan: nothing");
  }

  static void swap_values(std::string& a, std::string& b) {
    const auto first = a.find(": "), second = b.find(": ");
    if (&a == &b || first == std::string::npos || second == std::string::npos) return;
    const auto of_a = a.substr(first), of_b = b.substr(second);
    a.replace(first, std::string::npos, of_b);
    b.replace(second, std::string::npos, of_a);
  }

  void change_unit(std::string& line) {
    constexpr std::array units = {" V", " A", " Hz", " s", " %", " kWh", " Wh", " min", " In", " deg", " kW"};
    for (const auto* unit : units)
      if (const auto found = line.find(unit); found != std::string::npos)
        return void(line.replace(found, std::string{unit}.size(), units[below(units.size())]));
  }

  std::mt19937_64 random_;
};

// A hand slips in many ways; whatever it makes of a plan is either a plan or refused where it is wrong.
TEST_F(GenericSteps, EverySlipInTheNightlyPlanIsLintedOrRefusedWithItsPlace) {
  const auto whole = lines_of(text_of("testplans/nightly.yaml"));
  auto file = load_bench(file_with("bench.yaml", bench_text()));
  const auto world = world_of(file, "", 1);
  const Bench bench{std::move(file), *world.around};
  const std::regex place{".*plan\\.yaml:[0-9]+:[0-9]+"};
  // What is missing of the file as a whole, or what it all takes, has no place of its own.
  int refused = 0;
  for (std::uint64_t seed = 1; seed <= 80; ++seed) {
    const auto text = text_from(Slips{seed}.make(whole));
    std::vector<Findings::Finding> refusals;
    try {
      const auto read = load_plan(file_with("plan.yaml", text));
      refusals = lint(read, bench).findings.refusals;
    } catch (const Failure& failure) {
      refusals.push_back({failure.error.fault, failure.error.where, failure.error.what});
    }
    refused += refusals.empty() ? 0 : 1;
    for (const auto& r : refusals) {
      EXPECT_TRUE(std::regex_match(r.where, place)) << seed << ": " << r.where << ": " << r.what;
      EXPECT_FALSE(r.what.empty()) << seed;
      EXPECT_LT(r.what.size(), 2000u) << seed << ": " << r.what;
    }
  }
  // Comments, names and repeats may be changed without harm; most slips are not of that sort.
  EXPECT_GT(refused, 40);
}

}  // namespace
}  // namespace blondel
