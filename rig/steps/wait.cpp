#include "references/quantity_text.hpp"
#include "rig/run.hpp"
#include "rig/step.hpp"

namespace blondel {

using namespace std::chrono_literals;

namespace {

/// Lets bench time pass, with whatever stands at the terminals.
class Wait final : public Step {
 public:
  explicit Wait(const Settings& at) {
    const auto time = at.is_map() ? at.at("for") : at;
    time_ = time.duration();
    if (time_ < 1ms || time_ > 24h) throw time.failure("expected 1 ms to 24 h");
    name_ = "wait " + show(time_);
    if (at.is_map())
      if (const auto name = at.find("name")) name_ = name->text();
  }

  std::string kind() const override { return "wait"; }
  std::string name() const override { return name_; }
  std::vector<std::string> promises(const Bench&) const override { return {}; }
  bool leaves_the_load() const override { return true; }
  void check(const Bench&, Outlook&, Findings&) const override {}
  Duration predict(const Bench&, Outlook&) const override { return time_; }
  Task<void> run(Run& run) const override {
    const Time end = run.clock.now() + time_;
    co_await run.until(end, name_);
  }

 private:
  std::string name_;
  Duration time_{};
};

const bool wait_listed =
    steps().add("wait", "lets bench time pass", [](const Settings& at) { return std::make_unique<Wait>(at); });

}  // namespace

}  // namespace blondel
