#include "rig/qualify.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>

#include "drivers/sim/bench/fault_catalogue.hpp"
#include "drivers/sim/firmware/faults/fault_list.hpp"
#include "references/nearest_name.hpp"
#include "reports/sha256.hpp"
#include "rig/lint.hpp"
#include "rig/qualify_sizes.hpp"
#include "rig/surroundings_of.hpp"

namespace blondel {

namespace {

using Kind = QualifyCase::Kind;
using Group = sim::CataloguedFault::Group;
using Answer = sim::CataloguedFault::Answer;

/// What plan and bench are, looked at once before anything is run.
struct Ground {
  std::string plan, bench, plan_hash, bench_hash, program_hash;
  std::vector<std::string> steps;
  Qualification promised;
  Duration predicted{};
  int positions = 0;
};

std::string hash_of_programs(const sim::SimulatedBench& bench) {
  const auto self = std::filesystem::read_symlink("/proc/self/exe");
  std::string all = value_or_throw(sha256_of_file(self));
  for (const auto* beside : {"blondel-meter-host", "series_4000_k_faulty.so"})
    all += value_or_throw(sha256_of_file(self.parent_path() / beside));
  for (int position = 1; position <= bench.positions(); ++position)
    all += value_or_throw(sha256_of_file(bench.build(position).path));
  return sha256_hex(all);
}

Ground look_at(const QualifyRequest& request) {
  const auto plan = load_plan(request.plan);
  auto file = load_bench(request.bench);
  if (!file.simulation)
    throw Failure{Fault::usage, request.bench, "only a simulated bench can be given known faults; this one is not"};
  Ground ground;
  ground.plan = plan.name;
  ground.bench = file.name;
  ground.plan_hash = sha256_hex(plan.text);
  ground.bench_hash = sha256_hex(file.text);
  ground.positions = static_cast<int>(file.sockets.size());
  ground.promised = plan.qualify.value_or(Qualification{});
  for (const auto& step : plan.steps) ground.steps.push_back(step->name());
  auto world = world_of(file, std::string{}, request.seeds.front());
  ground.program_hash = hash_of_programs(*world.simulated);
  const Bench bench{std::move(file), *world.around};
  const auto looked = lint(plan, bench);
  if (!looked.findings.refusals.empty()) {
    const auto& first = looked.findings.refusals.front();
    throw Failure{first.fault, first.where, first.what};
  }
  ground.predicted = looked.predicted;
  return ground;
}

std::string called(const sim::CataloguedFault& fault) {
  return fault.part == "meter" ? fault.name : fault.part + ": " + fault.name;
}

std::string size_text(const sim::CataloguedFault& fault, double size) {
  return fault.unit.empty() || size == 0 ? std::string{} : fmt::format("{:.4g} {}", size, fault.unit);
}

/// How a bench file's `faults` would say it.
std::string entry_of(const sim::CataloguedFault& entry, const sim::PlannedFault& fault) {
  std::string text = "{part: " + fault.part;
  if (fault.position > 0) text += fmt::format(", position: {}", fault.position);
  text += fmt::format(", fault: \"{}\"", fault.fault);
  if (!entry.unit.empty())
    text += entry.unit == "counts" ? fmt::format(", size: {:.6g}", fault.size)
                                   : fmt::format(", size: {:.6g} {}", fault.size, entry.unit);
  if (fault.at > Time{}) text += fmt::format(", at: {:.0f} s", in_seconds(fault.at.time_since_epoch()));
  return text + "}";
}

/// The plan's own step of a name in the record: all passes of a block are one.
std::string block_of(const std::string& step) {
  const auto head = step.substr(0, step.find(" / "));
  if (head == step) return step;
  // "NAME word=value" of a for_each, "NAME 2 of 3" of a repeat.
  const auto pass = head.find('=') != std::string::npos ? head.find('=') : head.rfind(" of ");
  const auto word = pass == std::string::npos || pass == 0 ? pass : head.rfind(' ', pass - 1);
  return head.substr(0, word);
}

/// Makes the cases of one qualification.
class Cases {
 public:
  Cases(const QualifyRequest& request, const Ground& ground) : request_{request}, ground_{ground} {}

  bool wanted(const std::string& name) const {
    return request_.only.empty() || std::ranges::find(request_.only, name) != request_.only.end();
  }
  QualifyCase good(std::uint64_t seed) const {
    return {
        .kind = Kind::good, .name = "good meter", .seed = seed, .fault = {}, .variants = {}, .positions = judged(1)};
  }
  QualifyCase variant(const sim::FirmwareVariant& v, std::uint64_t seed) const {
    auto c = good(seed);
    c.kind = Kind::variant;
    c.name = v.key + ": " + v.value;
    c.variants[v.key] = v.value;
    return c;
  }
  QualifyCase faulty(const sim::CataloguedFault& fault, Kind kind, double size, std::uint64_t seed) const {
    auto c = good(seed);
    c.kind = kind;
    c.name = called(fault);
    c.positions = judged(fault.positions);
    c.fault = sim::PlannedFault{.part = fault.part, .fault = fault.name, .size = size};
    if (fault.part == "meter") c.fault->position = request_.position;
    // Whole seconds, so that the bench file's entry says the same.
    if (fault.midway) c.fault->at = Time{std::chrono::duration_cast<std::chrono::seconds>(ground_.predicted / 2)};
    return c;
  }

 private:
  std::vector<int> judged(int positions) const {
    std::vector<int> all;
    for (int i = 0; i < positions; ++i) all.push_back((request_.position - 1 + i) % ground_.positions + 1);
    std::ranges::sort(all);
    return all;
  }
  const QualifyRequest& request_;
  const Ground& ground_;
};

FaultOutcome outcome_of(const sim::CataloguedFault& fault, const CaseResult& result) {
  const bool failed = result.any(Verdict::fail) || result.verdict == Verdict::fail;
  if (fault.answer == Answer::stop)
    return failed                            ? FaultOutcome::blamed
           : result.verdict == Verdict::pass ? FaultOutcome::survived
                                             : FaultOutcome::caught;
  return failed                            ? FaultOutcome::caught
         : result.verdict == Verdict::pass ? FaultOutcome::survived
                                           : FaultOutcome::noticed;
}

std::vector<std::string> steps_that_caught(const sim::CataloguedFault& fault, const CaseResult& result) {
  std::vector<std::string> steps;
  for (const auto& step : result.steps) {
    const bool caught = fault.answer == Answer::fail ? step.worst == Verdict::fail : step.worst > Verdict::skipped;
    const auto block = block_of(step.step);
    if (caught && std::ranges::find(steps, block) == steps.end()) steps.push_back(block);
  }
  return steps;
}

/// A fault of one seed on its way to a row of the matrix.
struct Sized {
  const sim::CataloguedFault* fault;
  QualifyCase c;
  std::string judged_by;
};

FaultRow row_of(const Ground& ground, const Sized& sized, const CaseResult& result) {
  const auto& fault = *sized.fault;
  FaultRow row;
  row.fault = called(fault);
  row.group = name(fault.group);
  row.statement = fault.statement;
  row.reference = fault.reference;
  row.size = size_text(fault, sized.c.fault->size);
  row.judged_by = sized.judged_by;
  row.seed = sized.c.seed;
  row.outcome = outcome_of(fault, result);
  row.verdict = result.verdict;
  row.why = result.why;
  if (row.outcome == FaultOutcome::caught) row.caught_by = steps_that_caught(fault, result);
  for (const auto& survivor : ground.promised.survivors)
    if (survivor.fault == row.fault) row.known = survivor.because;
  row.entry = entry_of(fault, *sized.c.fault);
  return row;
}

void check_names(const std::vector<std::string>& only) {
  auto known = fault_names();
  for (const auto& v : sim::firmware_variants()) known.push_back(v.key + ": " + v.value);
  for (const auto& word : only)
    if (std::ranges::find(known, word) == known.end())
      throw Failure{Fault::usage, "--only",
                    fmt::format("there is no fault or variant '{}'{}", word, hint(word, known))};
}

/// One seed after the other, in two rounds each.
class Qualifier {
 public:
  Qualifier(const QualifyRequest& request, const Ground& ground, const QualifyWorkshop::Report& report)
      : request_{request},
        ground_{ground},
        cases_{request, ground},
        workshop_{{request.plan, request.bench, std::filesystem::path{request.out} / "cases",
                   ground.plan_hash + ground.bench_hash + ground.program_hash},
                  request.processes},
        report_{report} {}

  void run_all(FaultMatrix& matrix) {
    first_round();
    second_round(matrix);
  }

 private:
  /// The good meter, and what tells how large a fault in a number must be.
  void first_round() {
    std::vector<QualifyCase> round;
    for (const auto seed : request_.seeds) {
      round.push_back(cases_.good(seed));
      if (!request_.faults && !request_.twins) continue;
      for (const auto& fault : sim::fault_catalogue())
        if (!fault.unit.empty() && cases_.wanted(called(fault)))
          round.push_back(cases_.faulty(fault, Kind::probe, fault.probe, seed));
    }
    const auto results = workshop_.run(round, report_);
    for (std::size_t i = 0; i < round.size(); ++i)
      first_[{round[i].seed, round[i].kind == Kind::good ? std::string{} : round[i].name}] = results[i];
  }

  void add_fault(const sim::CataloguedFault& fault, std::uint64_t seed) {
    Sized sized{&fault, cases_.faulty(fault, Kind::fault, 0, seed), ""};
    if (!fault.unit.empty()) {
      const auto sizes = sizes_for(first_.at({seed, {}}), first_.at({seed, called(fault)}), fault.probe, fault.power);
      sized.judged_by = sizes ? sizes->judged_by : "no step's number moves with it: the probe's size";
      sized.c.fault->size = sizes ? sizes->outside * (1 + fault.scatter) : fault.probe;
      if (sizes && request_.twins)
        harmless_.push_back(cases_.faulty(fault, Kind::twin, sizes->inside * (1 - fault.scatter), seed));
    }
    if (request_.faults) faults_.push_back(std::move(sized));
  }

  void second_round(FaultMatrix& matrix) {
    for (const auto seed : request_.seeds) {
      if (request_.good) harmless_.push_back(cases_.good(seed));
      for (const auto& v : sim::firmware_variants())
        if (request_.variants && cases_.wanted(v.key + ": " + v.value)) harmless_.push_back(cases_.variant(v, seed));
      for (const auto& fault : sim::fault_catalogue())
        if ((request_.faults || request_.twins) && cases_.wanted(called(fault)) && fault.positions <= ground_.positions)
          add_fault(fault, seed);
    }
    std::vector<QualifyCase> round;
    for (const auto& c : harmless_) round.push_back(c);
    for (const auto& sized : faults_) round.push_back(sized.c);
    const auto results = workshop_.run(round, report_);
    for (std::size_t i = 0; i < harmless_.size(); ++i) {
      const auto& c = harmless_[i];
      const auto size = c.kind == Kind::twin ? fmt::format(" ({:.4g})", c.fault->size) : std::string{};
      matrix.harmless.push_back(
          {name(c.kind), c.name + size, c.seed, results[i].verdict, results[i].why, results[i].verdicts});
    }
    for (std::size_t i = 0; i < faults_.size(); ++i)
      matrix.faults.push_back(row_of(ground_, faults_[i], results[harmless_.size() + i]));
  }

  const QualifyRequest& request_;
  const Ground& ground_;
  Cases cases_;
  QualifyWorkshop workshop_;
  const QualifyWorkshop::Report& report_;
  std::map<std::pair<std::uint64_t, std::string>, CaseResult> first_;
  std::vector<QualifyCase> harmless_;
  std::vector<Sized> faults_;
};

/// The plan's steps, and the places outside them where something was caught.
std::vector<std::string> columns(const Ground& ground, const FaultMatrix& matrix) {
  std::vector<std::string> steps;
  for (const auto& step : ground.steps)
    if (const auto block = block_of(step); std::ranges::find(steps, block) == steps.end()) steps.push_back(block);
  for (const auto& row : matrix.faults)
    for (const auto& step : row.caught_by)
      if (std::ranges::find(steps, step) == steps.end()) steps.push_back(step);
  return steps;
}

}  // namespace

FaultMatrix qualify(const QualifyRequest& request, const QualifyWorkshop::Report& report) {
  check_names(request.only);
  const auto ground = look_at(request);
  if (request.position < 1 || request.position > ground.positions)
    throw Failure{Fault::usage, "--position",
                  fmt::format("expected 1 to {}, found {}", ground.positions, request.position)};
  FaultMatrix matrix;
  matrix.plan = ground.plan;
  matrix.bench = ground.bench;
  matrix.plan_hash = ground.plan_hash;
  matrix.bench_hash = ground.bench_hash;
  matrix.program_hash = ground.program_hash;
  matrix.thresholds = {ground.promised.at_least, ground.promised.false_alarms, ground.promised.names_survivors};
  Qualifier{request, ground, report}.run_all(matrix);
  matrix.steps = columns(ground, matrix);
  return matrix;
}

}  // namespace blondel
