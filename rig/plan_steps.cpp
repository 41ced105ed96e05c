#include "rig/plan_steps.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string_view>

#include "references/nearest_name.hpp"
#include "rig/run.hpp"
#include "rig/step_block.hpp"

namespace blondel {

Catalog<MakeBlock>& step_blocks() {
  static Catalog<MakeBlock> catalog{"block of steps"};
  return catalog;
}

namespace {

/// A step under the name that the plan has for it, in the pass it stands in.
class PlannedStep final : public Step {
 public:
  PlannedStep(std::unique_ptr<Step> step, std::string name, std::string where, std::string room, std::string pass)
      : step_{std::move(step)},
        name_{std::move(name)},
        where_{std::move(where)},
        room_{std::move(room)},
        pass_{std::move(pass)} {}

  std::string kind() const override { return step_->kind(); }
  std::string name() const override { return name_; }
  std::vector<std::string> promises(const Bench& bench) const override { return step_->promises(bench); }
  bool leaves_the_load() const override { return step_->leaves_the_load(); }
  void check(const Bench& bench, Outlook& outlook, Findings& findings) const override {
    const auto before = findings.refusals.size();
    outlook.readings.enter(room_);
    outlook.step = name_;
    outlook.where = where_;
    step_->check(bench, outlook, findings);
    if (pass_.empty()) return;
    for (auto i = before; i < findings.refusals.size(); ++i) findings.refusals[i].what += " (in " + pass_ + ")";
  }
  Duration predict(const Bench& bench, Outlook& outlook) const override { return step_->predict(bench, outlook); }
  Task<void> run(Run& run) const override {
    run.readings.enter(room_);
    return step_->run(run);
  }
  Task<void> conclude(Run& run) const override { return step_->conclude(run); }
  Duration predict_conclusion() const override { return step_->predict_conclusion(); }

 private:
  std::unique_ptr<Step> step_;
  std::string name_, where_, room_, pass_;
};

/// Whether a text holds what no eye sees: control characters, and those that have no width or turn the direction of
/// writing (U+200B to U+200F, U+2028 to U+202E, U+2060 to U+206F, U+FEFF). @pre it is UTF-8
bool has_unseen(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = [&](std::size_t n) { return i + n < text.size() ? static_cast<unsigned char>(text[i + n]) : 0; };
    if (byte(0) < 0x20 || byte(0) == 0x7F || (byte(0) == 0xC2 && byte(1) < 0xA0)) return true;
    if (byte(0) == 0xE2 && byte(1) == 0x80 &&
        ((byte(2) >= 0x8B && byte(2) <= 0x8F) || (byte(2) >= 0xA8 && byte(2) <= 0xAE)))
      return true;
    if ((byte(0) == 0xE2 && byte(1) == 0x81 && byte(2) >= 0xA0 && byte(2) <= 0xAF) ||
        (byte(0) == 0xEF && byte(1) == 0xBB && byte(2) == 0xBF))
      return true;
  }
  return false;
}

/// The name that a plan gives to a step or a block: it stands in records, reports and on terminals.
/// @throws Failure(malformed) where it stands, for one that is empty or does not look like what it is
void require_name(const Settings& parameters) {
  if (!parameters.is_map() || !parameters.has("name")) return;
  const auto at = parameters.at("name");
  const auto name = at.text();
  if (name.empty())
    throw at.failure("expected a name, found an empty one; without 'name' a step is called by its kind");
  if (has_unseen(name)) throw at.failure("expected a name of characters that can be seen, in one line");
  if (name.front() == ' ' || name.back() == ' ')
    throw at.failure(fmt::format("expected a name without a space at its ends, found '{}'", name));
}

/// Where in the blocks a list of steps stands.
struct Surrounding {
  std::string room;      ///< "3/2/"
  std::string pass;      ///< "for_each ct=100 A"
  long long passes = 1;  ///< of all blocks around, multiplied
};

class StepReader {
 public:
  void read(const Settings& list, const Surrounding& around) {
    const auto items = list.items();
    if (items.empty()) throw list.failure("expected at least one step");
    int number = 0;
    for (const auto& item : items) {
      const auto keys = item.keys();
      if (keys.size() != 1) throw item.failure("expected one step by its kind, such as '- identify: {}'");
      const auto lines = step_blocks().lines();
      const bool block = std::ranges::any_of(lines, [&](const auto& line) { return line.name == keys.front(); });
      ++number;
      block ? read_block(item, keys.front(), around, number) : read_step(item, keys.front(), around);
    }
  }

  std::vector<std::unique_ptr<Step>> steps() { return std::move(steps_); }

 private:
  void read_block(const Settings& item, const std::string& kind, const Surrounding& around, int number) {
    const auto make = value_or_throw(step_blocks().find(kind, item.where()));
    const auto parameters = item.at(kind);
    const auto block = make(parameters);
    parameters.finish();
    require_name(parameters);
    // Before the first pass is made: nobody waits for a million of them to be counted.
    if (block.passes > most_steps / around.passes)
      throw Failure{Fault::malformed, block.where,
                    fmt::format("{} would run {}{} times; a plan runs at most {} steps", block.name, block.passes,
                                around.passes > 1 ? fmt::format(" times {}", around.passes) : "", most_steps)};
    for (long long n = 0; n < block.passes; ++n) {
      const auto pass = block.pass(n);
      const auto inside =
          fmt::format("{}{}{} {}", around.pass, around.pass.empty() ? "" : " / ", block.name, pass.text);
      read(pass.steps, {fmt::format("{}{}.{}/", around.room, number, n), inside, around.passes * block.passes});
    }
  }

  void read_step(const Settings& item, const std::string& kind, const Surrounding& around) {
    const auto make = maker_of(kind, item);
    const auto parameters = item.at(kind);
    std::unique_ptr<Step> step;
    try {
      step = make(parameters);
      if (parameters.is_map()) parameters.finish();
      require_name(parameters);
    } catch (const Failure& failure) {
      if (around.pass.empty()) throw;
      const auto& e = failure.error;
      throw Failure{e.fault, e.where, fmt::format("{} (in {})", e.what, around.pass)};
    }
    if (static_cast<long long>(steps_.size()) >= most_steps)
      throw item.failure(fmt::format("a plan runs at most {} steps, and this is one more", most_steps));
    const bool named = parameters.is_map() && parameters.has("name");
    auto name = around.pass.empty() ? step->name() : around.pass + " / " + step->name();
    name = unique(std::move(name), named, item);
    steps_.push_back(
        std::make_unique<PlannedStep>(std::move(step), std::move(name), item.where(), around.room, around.pass));
  }

  /// @throws Failure(malformed) that lists the steps and the blocks there are.
  static MakeStep maker_of(const std::string& kind, const Settings& item) {
    std::vector<std::string> known;
    for (const auto& line : blondel::steps().lines()) known.push_back(line.name);
    for (const auto& line : step_blocks().lines()) known.push_back(line.name);
    std::ranges::sort(known);
    if (auto make = blondel::steps().find(kind, item.where())) return *std::move(make);
    const auto near = hint(kind, known);
    throw item.failure(
        fmt::format("no step is called '{}'{} there are: {}", kind, near.empty() ? ";" : near, fmt::join(known, ", ")));
  }

  std::string unique(std::string name, bool named, const Settings& item) {
    auto [first, fresh] = names_.emplace(name, item.where());
    if (fresh) return name;
    if (named) throw item.failure(fmt::format("the step name '{}' stands twice; first at {}", name, first->second));
    for (auto& n = numbers_.try_emplace(name, 2).first->second;; ++n)
      if (const auto other = fmt::format("{} {}", name, n); names_.emplace(other, item.where()).second) return other;
  }

  std::vector<std::unique_ptr<Step>> steps_;
  std::map<std::string, std::string> names_;  // and where each stands first
  std::map<std::string, int> numbers_;        // the next for a name that several steps share
};

}  // namespace

std::vector<std::unique_ptr<Step>> read_steps(const Settings& list) {
  StepReader reader;
  reader.read(list, {});
  return reader.steps();
}

}  // namespace blondel
