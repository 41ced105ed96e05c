#include "drivers/sim/bench/fault_catalogue.hpp"
#include "drivers/sim/bench/simulated_bench.hpp"
#include "drivers/sim/bench/simulation_settings.hpp"

namespace blondel::sim {

namespace {

AnswerFaults answers(const std::string& fault) {
  AnswerFaults faults;
  faults.dead = fault == "dead";
  faults.silent = fault == "silent";
  faults.garbage = fault == "garbage";
  return faults;
}

}  // namespace

void SimulatedBench::plan(const PlannedFault& fault) {
  if (fault.part == "meter") {
    if (fault.fault == "silent")
      break_line(fault.position, LineFault{LineFaultKind::drop_answer, {}}, fault.at);
    else if (fault.fault == "pulses stop")
      stop_pulses(fault.position, fault.at);
    else if (fault.fault == "alarm wire broken")
      break_alarm_wire(fault.position, fault.at);
    else if (fault.fault == "alarm welded")
      weld_alarm(fault.position);
    else if (fault.fault == "restart")
      restart_meter(fault.position, fault.at);
    else if (fault.fault == "ports exchanged")
      swap_ports(fault.position, fault.position % positions() + 1);
    else if (const auto broken = analog_faults(fault))
      break_meter(fault.position, *broken);
    return;
  }
  if (fault.part == "link") {
    auto line = value_or_throw(line_fault(fault.fault));
    line.rate = catalogued(fault).rate;
    break_line(fault.position, line, fault.at);
    return;
  }
  servers_.spawn(inject_at(fault));
}

Task<void> SimulatedBench::inject_at(PlannedFault fault) {
  if (fault.at > clock_.now()) co_await clock_.pause_until(fault.at, {0, 30}, "a planned fault of an instrument");
  if (fault.part == "source") {
    SourceFaults faults;
    faults.answers = answers(fault.fault);
    faults.not_a_number = fault.fault == "not a number";
    faults.stays_on = fault.fault == "stays on";
    if (fault.fault == "trip")
      source_->trip();
    else
      source_->inject(faults);
  } else if (fault.part == "reference") {
    ReferenceFaults faults;
    faults.answers = answers(fault.fault);
    faults.not_a_number = fault.fault == "not a number";
    if (fault.fault == "power high by 0.2 %") faults.power_error_ppm = 2000;
    if (fault.fault == "power drifts") faults.power_error_ppm = fault.size;
    reference_->inject(faults);
  } else {
    control_power_->inject(answers(fault.fault));
  }
}

}  // namespace blondel::sim
