#include "drivers/sim/bench/fault_catalogue.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "drivers/sim/firmware/faults/fault_list.hpp"
#include "references/nearest_name.hpp"

namespace blondel::sim {

namespace {

using Group = CataloguedFault::Group;
using Answer = CataloguedFault::Answer;

const char* const class_05s = "specifications, IEC 62053-22 class 0.5S";
const char* const voltage_accuracy = "specifications, voltage 0.4 %";
const char* const current_accuracy = "specifications, current 0.4 %, 0.8 % below 5 %";
const char* const certificate = "the reference meter's certificate";
const char* const serial_line = "MODBUS over serial line V1.02";
const char* const remote_manual = "the instrument's remote manual";

std::vector<CataloguedFault> analog_part() {
  return {
      {"gain of voltages high", Group::analog, "meter", "real power in class 0.5S", class_05s, Answer::fail, "ppm",
       2000},
      {"gain of currents low", Group::analog, "meter", "real power in class 0.5S", class_05s, Answer::fail, "ppm",
       2000},
      {"gain of voltage A high", Group::analog, "meter", "voltages within 0.4 %", voltage_accuracy, Answer::fail, "ppm",
       2000},
      {"gain of current B low", Group::analog, "meter", "currents within 0.4 %", current_accuracy, Answer::fail, "ppm",
       2000},
      {"currents lag", Group::analog, "meter", "class 0.5S at power factor 0.5 too", class_05s, Answer::fail, "urad",
       1000},
      {"current C lags", Group::analog, "meter", "class 0.5S at power factor 0.5 too", class_05s, Answer::fail, "urad",
       2000},
      {"offset of phase A", Group::analog, "meter", "class 0.5S down to 1 % of the current", class_05s, Answer::fail,
       "counts", 2000, 2},
      {"noise", Group::analog, "meter", "currents within 0.8 % from 1 % of the range", current_accuracy, Answer::fail,
       "counts", 2000, 2, false, 1, 0.1},
      {"clock fast", Group::analog, "meter", "energy in class 0.5S: a second is a second", class_05s, Answer::fail,
       "ppm", 1000},
      {"gain drifts with temperature", Group::analog, "meter", "no more than 0.015 % per kelvin away from 25 degrees",
       "specifications, temperature", Answer::fail, "ppm", 300},
      {"wrong CT range", Group::analog, "meter", "132 chooses between 1 V and 1/3 V inputs", "point map, 132"},
      {"dead voltage", Group::analog, "meter", "three voltages in type 40", "system types"},
      {"dead current B", Group::analog, "meter", "three currents in type 40", "system types"},
      {"high by 1 %", Group::analog, "meter", "real power in class 0.5S", class_05s},
      // A swapped channel in the meter looks like a swapped lead on the bench; the output must not rise on either.
      {"swapped currents", Group::analog, "meter", "each current beside its own voltage", "wiring", Answer::stop},
      {"swapped voltages", Group::analog, "meter", "each voltage at its own terminal", "wiring", Answer::stop},
      {"pulses stop", Group::analog, "meter", "a pulse for every 144 Wh", "point map, 144; pulse output", Answer::fail,
       "", 0, 1, true},
      {"alarm welded", Group::analog, "meter", "a powered meter without alarm holds the contact open", "alarm contact"},
      {"silent", Group::analog, "meter", "the meter answers at its port", "Modbus functions"},
  };
}

void add_answers(std::vector<CataloguedFault>& all, const std::string& part) {
  for (const auto* name : {"dead", "silent", "garbage"})
    all.push_back({name, Group::bench, part, "the instrument answers every command in its own words", remote_manual,
                   Answer::stop, "", 0, 1, true});
}

std::vector<CataloguedFault> bench_part() {
  std::vector<CataloguedFault> all = {
      {"restart", Group::bench, "meter", "control power stays on", "the bench's wiring", Answer::stop, "", 0, 1, true},
      {"alarm wire broken", Group::bench, "meter", "the alarm contact's wire is whole", "the bench's wiring",
       Answer::stop, "", 0, 1, true},
      {"ports exchanged", Group::bench, "meter", "each port leads to its own socket", "the bench's wiring",
       Answer::stop, "", 0, 1, false, 2},
      {"voltage leads exchanged", Group::bench, "meter", "each voltage at its own terminal", "the bench's wiring",
       Answer::stop},
      {"current leads exchanged", Group::bench, "meter", "each current at its own terminal", "the bench's wiring",
       Answer::stop},
      {"lead resistance", Group::bench, "meter", "the meter's terminals have the reference's voltage",
       "the bench's wiring", Answer::stop, "ohm", 5000},
  };
  for (const auto* part : {"source", "reference", "control power"}) add_answers(all, part);
  all.push_back(
      {"not a number", Group::bench, "source", "a reading is a number", remote_manual, Answer::stop, "", 0, 1, true});
  all.push_back({"trip", Group::bench, "source", "the output stays on until told otherwise", remote_manual,
                 Answer::stop, "", 0, 1, true});
  all.push_back(
      {"stays on", Group::bench, "source", "OUTP:STAT OFF switches the output off", remote_manual, Answer::stop});
  all.push_back({"not a number", Group::bench, "reference", "a reading is a number", remote_manual, Answer::stop, "", 0,
                 1, true});
  all.push_back({"power high by 0.2 %", Group::bench, "reference", "powers within 100 ppm", certificate, Answer::stop,
                 "", 0, 1, true});
  all.push_back(
      {"power drifts", Group::bench, "reference", "powers within 100 ppm", certificate, Answer::stop, "ppm", 100});
  all.push_back({"all readings drift", Group::bench, "reference", "voltages, currents and powers within 100 ppm",
                 certificate, Answer::stop, "ppm", 300});
  return all;
}

/// Each from the middle of the run on, at every exchange, so that it must be noticed. Only frames are lost but now and
/// then: a line that loses all of them is a meter that is silent, and that fault is the meter's.
void add_link_faults(std::vector<CataloguedFault>& all) {
  const auto add = [&all](const char* name, const char* statement) {
    all.push_back({name, Group::bench, "link", statement, serial_line, Answer::stop_or_absorb, "", 0, 1, true});
  };
  add("lost frames", "what is sent arrives");
  all.back().rate = 0.1;
  add("truncated", "an answer arrives whole");
  add("one bit wrong", "an answer arrives as it was sent");
  add("bit errors", "an answer arrives as it was sent");
  add("delay 2 s", "an answer arrives in its time");
  add("answers for another", "who answers is who was asked");
  add("doubled frames", "an answer comes once");
  add("echo", "the master does not hear itself");
  add("stuck line", "nobody holds the line");
  add("disconnect", "the adapter is there");
  add("no idle bias", "an idle line has a level");
  add("foreign traffic", "there is one master");
}

std::vector<CataloguedFault> make_catalogue() {
  std::vector<CataloguedFault> all;
  for (const auto& f : firmware_faults())
    all.push_back({f.name, Group::firmware, "meter", f.statement, "guide: " + f.reference});
  for (auto& f : analog_part()) all.push_back(std::move(f));
  for (auto& f : bench_part()) all.push_back(std::move(f));
  add_link_faults(all);
  return all;
}

std::vector<std::string> names_of(const std::string& part) {
  std::vector<std::string> names;
  for (const auto& f : fault_catalogue())
    if (f.part == part) names.push_back(f.name);
  return names;
}

/// What somebody may have meant who wrote a fault that the part does not have.
std::string elsewhere_or_near(const std::string& fault, const std::string& part) {
  std::string others;
  for (const auto& f : fault_catalogue())
    if (f.name == fault && f.part != part) others += (others.empty() ? "only a " : " or a ") + f.part;
  if (!others.empty()) return "; " + others + " can do that";
  const auto known = names_of(part);
  const auto near = hint(fault, known);
  // What cannot be told by its letters may be found in a short list.
  if (!near.empty() || known.size() > 10) return near;
  return fmt::format("; it can be '{}'", fmt::join(known, "', '"));
}

double size_of(const CataloguedFault& fault, const Settings& at) {
  double size = 0;
  if (fault.unit == "ppm") size = at.ratio().si() * 1e6;
  if (fault.unit == "urad") size = at.angle().si() * 1e6;
  if (fault.unit == "ohm") size = at.resistance().si();
  if (fault.unit == "counts") size = at.number();
  if (!(size > 0 && size <= 1e6)) throw at.failure("expected a size above 0 and no more than a million " + fault.unit);
  return size;
}

}  // namespace

const std::vector<CataloguedFault>& fault_catalogue() {
  static const std::vector<CataloguedFault> all = make_catalogue();
  return all;
}

std::string name(CataloguedFault::Group group) {
  return group == Group::firmware ? "firmware" : group == Group::analog ? "analog" : "bench";
}

const CataloguedFault& catalogued(const PlannedFault& fault) {
  for (const auto& f : fault_catalogue())
    if (f.part == fault.part && f.name == fault.fault) return f;
  throw std::logic_error{fmt::format("the catalogue has no fault '{}' of the {}", fault.fault, fault.part)};
}

PlannedFault read_planned_fault(const Settings& at, int positions) {
  PlannedFault fault;
  fault.where = at.where();
  const std::vector<std::string> parts = {"source", "reference", "control power", "meter", "link"};
  fault.part = parts[at.at("part").one_of(parts)];
  const auto what = at.at("fault");
  fault.fault = what.text();
  const auto known = names_of(fault.part);
  if (std::ranges::find(known, fault.fault) == known.end())
    throw what.failure(fmt::format("'{}' is no fault of the {}{}; `blondel list faults` has them all", fault.fault,
                                   fault.part, elsewhere_or_near(fault.fault, fault.part)));
  const auto& entry = catalogued(fault);
  if (fault.part == "meter") {
    const auto position = at.at("position");
    if (position.integer() < 1 || position.integer() > positions)
      throw position.failure(fmt::format("expected 1 to {}", positions));
    fault.position = static_cast<int>(position.integer());
    if (entry.positions > 1 && positions < entry.positions) throw what.failure("this fault needs two positions");
  }
  if (!entry.unit.empty()) fault.size = size_of(entry, at.at("size"));
  if (const auto when = at.find("at")) {
    fault.at = Time{when->duration()};
    const bool from_the_start = fault.part == "meter" && !entry.midway && fault.fault != "silent";
    if (from_the_start) throw when->failure("this fault is there from the start");
  }
  at.finish();
  return fault;
}

std::optional<AnalogFaults> analog_faults(const PlannedFault& fault) {
  const auto& is = fault.fault;
  const double size = fault.size;
  AnalogFaults faults;
  if (is == "high by 1 %") faults.gain_ppm = {10000, 10000, 10000, 0, 0, 0};
  if (is == "gain of voltages high") faults.gain_ppm = {size, size, size, 0, 0, 0};
  if (is == "gain of currents low") faults.gain_ppm = {0, 0, 0, -size, -size, -size};
  if (is == "gain of voltage A high") faults.gain_ppm[ua] = size;
  if (is == "gain of current B low") faults.gain_ppm[ib] = -size;
  if (is == "currents lag") faults.phase_urad = {0, 0, 0, -size, -size, -size};
  if (is == "current C lags") faults.phase_urad[ic] = -size;
  if (is == "offset of phase A") faults.offset_counts = {size, 0, 0, size, 0, 0};
  if (is == "noise") faults.noise_counts = size;
  if (is == "wrong CT range") faults.ct_scale = 1.0 / 3;
  if (is == "dead voltage") faults.dead[ua] = true;
  if (is == "dead current B") faults.dead[ib] = true;
  if (is == "swapped currents" || is == "current leads exchanged") faults.fed_by = {ua, ub, uc, ib, ia, ic};
  if (is == "swapped voltages" || is == "voltage leads exchanged") faults.fed_by = {ub, ua, uc, ia, ib, ic};
  if (faults == AnalogFaults{}) return std::nullopt;
  return faults;
}

void put_into(FrontEndSettings& unit, Socket& socket, const PlannedFault& fault) {
  if (fault.fault == "clock fast") unit.clock_ppm += fault.size;
  if (fault.fault == "gain drifts with temperature") unit.gain_ppm_per_k += fault.size;
  if (fault.fault == "lead resistance") socket.voltage_lead_ohm[ua] += fault.size;
}

}  // namespace blondel::sim
