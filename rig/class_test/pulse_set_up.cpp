#include "rig/class_test/pulse_set_up.hpp"

#include <fmt/format.h>

#include "references/quantity_text.hpp"
#include "rig/port_time.hpp"
#include "rig/pulse_setting.hpp"

namespace blondel {

using namespace std::chrono_literals;

PulseSetUp::PulseSetUp(const Settings& step) : system_voltage_{step.at("system_voltage").voltage()} {}

Duration PulseSetUp::preparation(const BenchFile& bench) const {
  return PortTime{bench}.with_neighbours(20s, 9, 14);
}

Task<void> PulseSetUp::begin(Run& run, Time slot_end) {
  const auto choice = choose(run.bench.file());
  const Run::Body write = [this, &run, choice](Position& position) { return set_up(run, position, choice); };
  ready_.clear();
  co_await run.each("pulse set-up", write, slot_end);
}

series_4000_k::PulseChoice PulseSetUp::choose(const BenchFile& bench) const {
  return value_or_throw(series_4000_k::choose_pulses(bench.system, system_voltage_));
}

double PulseSetUp::scale(const BenchFile& bench) const {
  return bench.ct_substitute.primary.si() / choose(bench).ct_primary.si();
}

double PulseSetUp::period_s(const BenchFile& bench, double watts) const {
  return choose(bench).per_pulse.si() * scale(bench) / watts;
}

std::string PulseSetUp::text(const BenchFile& bench) const {
  const auto choice = choose(bench);
  return fmt::format(
      "{} a pulse at a CT primary of {}, the most frequent pulses that overrun at no load: {:.3g} a "
      "second at In",
      show(choice.per_pulse), show(choice.ct_primary), choice.rate.si());
}

Task<void> PulseSetUp::set_up(Run& run, Position& position, series_4000_k::PulseChoice choice) {
  const PulseSetting wanted{choice.ct_primary, choice.per_pulse, choice.closure};
  const auto kept = co_await set_pulses(run, position, wanted);
  // Slower pulses than the data sheet promises would be an overrun of the rig's making.
  if (kept != choice.closure) throw closure_refused(position, wanted, kept);
  ready_.insert(position.number);
}

}  // namespace blondel
