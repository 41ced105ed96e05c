#pragma once

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "rig/class_test/claimed_class.hpp"
#include "rig/class_test/pulse_set_up.hpp"
#include "rig/step.hpp"

namespace blondel {

/// A test that every class has once, at a stimulus of its own, and that the meter's pulses show: start, no load.
/// Classes that want the same stimulus are judged from one application of it.
class TrialStep : public Step {
 public:
  std::string name() const override { return name_; }
  /// What every such test wants of the steps before it, and of the bench.
  void check(const Bench& bench, Outlook& outlook, Findings& findings) const override;

 protected:
  /// @param mark_of  the mark of the figures that a class has for this test; nothing where it has none
  /// @param what  "a no-load test"
  /// @throws Failure(malformed) for a class without the test, and one that nothing decides without the plan's word.
  TrialStep(const Settings& at, std::string name, const char* what,
            const std::function<std::optional<std::string>(const ClaimedClass&)>& mark_of);

  /// Why a bench cannot do the test of a class; nothing where it can.
  virtual std::optional<Error> cannot(const ClaimedClass& claimed, const Bench& bench) const = 0;
  /// What lint says of a class: that it is covered, or why not.
  virtual void check_class(const ClaimedClass& claimed, const Bench& bench, Findings& findings) const = 0;

  const std::vector<ClaimedClass>& classes() const { return classes_; }
  const std::string& where() const { return where_; }
  PulseSetUp& set_up() const { return *set_up_; }
  Voltage system_voltage() const { return system_voltage_; }
  Frequency frequency() const { return frequency_; }

 private:
  std::string where_, name_;
  std::vector<ClaimedClass> classes_;
  std::shared_ptr<PulseSetUp> set_up_;
  Voltage system_voltage_;
  Frequency frequency_;
  bool may_be_left_out_ = false;
};

/// One stimulus, by its ratio to the nominal one, and the trials that want it.
template <class Trial>
struct Application {
  double ratio{};
  LoadPoint load;
  std::vector<Trial> trials;
};

/// Puts a trial to those of the same ratio.
template <class Trial>
void add_trial(std::vector<Application<Trial>>& all, double ratio, const LoadPoint& load, Trial trial) {
  auto same = std::ranges::find_if(all, [&](const auto& a) { return std::abs(a.ratio - ratio) <= 1e-9 * ratio; });
  if (same == all.end()) same = all.insert(all.end(), {ratio, load, {}});
  same->trials.push_back(std::move(trial));
}

}  // namespace blondel
