#include <gmock/gmock.h>

#include <sstream>

#include "rig/steps/generic_steps_fixture.hpp"

namespace blondel {
namespace {

/// An example of a document: what stands in a block marked as YAML.
struct Example {
  int line{};  ///< of the document, where it begins
  std::string text;
};

std::vector<Example> examples_of(const std::string& document) {
  std::vector<Example> found;
  std::istringstream stream{document};
  bool inside = false;
  int number = 0;
  for (std::string line; std::getline(stream, line);) {
    ++number;
    if (line == "```yaml") {
      inside = true;
      found.push_back({number + 1, {}});
    } else if (line.starts_with("```")) {
      inside = false;
    } else if (inside) {
      found.back().text += line + "\n";
    }
  }
  return found;
}

/// What an example leaves out of a whole plan is put around it.
/// @param before  the steps that the document puts in front of the shorter ones
std::string whole_plan(const std::string& example, const std::string& before) {
  constexpr const char* head =
      "plan: example\nmeter: series-4000-k\non_fail: go on\nleave_meter: as found\n"
      "decision_rule: simple acceptance\n";
  if (example.starts_with("plan:")) return example;
  if (example.starts_with("steps:")) return head + example;
  return head + std::string{"steps:\n"} + (example == before ? "" : before) + example;
}

TEST_F(GenericSteps, EveryExampleOfTheDocumentIsTakenByLint) {
  const auto examples = examples_of(text_of("docs/write-a-plan.md"));
  EXPECT_GE(examples.size(), 6u);
  std::string before;
  for (const auto& example : examples) {
    if (example.text.starts_with("  - identify:")) before = example.text;
    const auto result = lint_of(whole_plan(example.text, before));
    for (const auto& r : result.refusals)
      ADD_FAILURE() << "docs/write-a-plan.md:" << example.line << ": " << r.where << ": " << r.what;
  }
}

}  // namespace
}  // namespace blondel
