#include "rig/class_test/trial_step.hpp"

#include <fmt/format.h>

#include "rig/class_test/class_results.hpp"
#include "rig/stimulus_settings.hpp"

namespace blondel {

TrialStep::TrialStep(const Settings& at, std::string name, const char* what,
                     const std::function<std::optional<std::string>(const ClaimedClass&)>& mark_of)
    : where_{at.where()},
      name_{std::move(name)},
      classes_{read_claimed_classes(at)},
      set_up_{std::make_shared<PulseSetUp>(at)},
      system_voltage_{read_system_voltage(at)},
      frequency_{read_frequency(at)} {
  if (const auto given = at.find("name")) name_ = given->text();
  for (const auto& claimed : classes_) {
    const auto mark = mark_of(claimed);
    if (!mark)
      throw Failure{Fault::malformed, claimed.where,
                    fmt::format("expected a class with {}; none is known of {} of {}", what, claimed.name(),
                                claimed.standard->edition())};
    const auto why = why_informative(claimed, *mark);
    if (const auto wrong = undecided(claimed, why.empty(), why)) throw Failure{Fault::malformed, claimed.where, *wrong};
  }
  if (const auto left_out = at.find("may_be_left_out")) may_be_left_out_ = left_out->boolean();
}

void TrialStep::check(const Bench& bench, Outlook& outlook, Findings& findings) const {
  if (!outlook.wiring_proved)
    findings.refusals.push_back(
        {Fault::malformed, where_, "expected a configure step first: it proves phase order and signs"});
  require_configured_voltage(outlook, system_voltage_, where_, findings);
  for (const auto& claimed : classes_) check_class(claimed, bench, findings);
  const bool none = std::ranges::all_of(classes_, [&](const auto& c) { return cannot(c, bench).has_value(); });
  if (none && !may_be_left_out_)
    findings.refusals.push_back({Fault::incapable, where_, nothing_left(cannot(classes_.front(), bench)->what)});
}

}  // namespace blondel
