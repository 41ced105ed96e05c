#include <fmt/format.h>

#include "rig/step_block.hpp"

namespace blondel {

namespace {

/// The steps under `do`, so many times.
StepBlock repeat(const Settings& at) {
  StepBlock block{.name = "repeat", .where = {}, .passes = 0, .pass = {}};
  if (const auto name = at.find("name")) block.name = name->text();
  const auto times = at.at("times");
  const long long passes = times.integer();
  if (passes < 1) throw times.failure(fmt::format("expected at least once, found {}", passes));
  block.where = times.where();
  block.passes = passes;
  const auto steps = at.at("do");
  block.pass = [passes, steps](long long n) { return Pass{fmt::format("{} of {}", n + 1, passes), steps}; };
  return block;
}

const bool repeat_listed = step_blocks().add("repeat", "the steps under `do`, so many times", repeat);

}  // namespace

}  // namespace blondel
