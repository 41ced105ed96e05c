#include "rig/qualify.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>

#include "drivers/sim/bench/fault_catalogue.hpp"
#include "drivers/sim/firmware/faults/fault_list.hpp"
#include "references/data_folder.hpp"
#include "references/nearest_name.hpp"
#include "reports/sha256.hpp"
#include "reports/whole_file.hpp"
#include "rig/folder_lock.hpp"
#include "rig/lint.hpp"
#include "rig/qualify_rows.hpp"
#include "rig/qualify_sizes.hpp"
#include "rig/surroundings_of.hpp"

namespace blondel {

namespace {

using Kind = QualifyCase::Kind;

/// What plan and bench are, looked at once before anything is run.
struct Ground {
  std::string plan, bench, plan_hash, bench_hash, certificates_hash, program_hash;
  std::vector<std::string> steps;
  Qualification promised;
  Duration predicted{};
  int positions = 0;
};

/// Limits and register maps are read from files when a run begins, so they belong to the program.
std::string hashes_of_data() {
  std::set<std::filesystem::path> files;
  for (const auto& file : std::filesystem::recursive_directory_iterator{data_folder()})
    if (file.is_regular_file() && (file.path().extension() == ".csv" || file.path().extension() == ".yaml"))
      files.insert(file.path());
  std::string all;
  for (const auto& file : files) all += file.filename().string() + value_or_throw(sha256_of_file(file));
  return all;
}

std::string hash_of_programs(const sim::SimulatedBench& bench) {
  const auto self = std::filesystem::read_symlink("/proc/self/exe");
  std::string all = value_or_throw(sha256_of_file(self));
  for (const auto* beside : {"blondel-meter-host", "series_4000_k_faulty.so"})
    all += value_or_throw(sha256_of_file(self.parent_path() / beside));
  for (int position = 1; position <= bench.positions(); ++position)
    all += value_or_throw(sha256_of_file(bench.build(position).path));
  return sha256_hex(all + hashes_of_data());
}

/// Certificates are files of their own: the bench file names them and does not change with them.
std::string hash_of_certificates(const BenchFile& bench) {
  std::string all;
  const auto add = [&](const std::vector<BenchCertificate>& some) {
    for (const auto& one : some) all += one.sha256;
  };
  add(bench.reference_certificates);
  add(bench.ct_certificates);
  for (const auto& socket : bench.sockets) add(socket.ct_certificates);
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
  ground.certificates_hash = hash_of_certificates(file);
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

std::string called(const sim::FirmwareVariant& variant) {
  return variant.key + ": " + variant.value;
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
    c.name = called(v);
    c.variants[v.key] = v.value;
    return c;
  }
  QualifyCase faulty(const sim::CataloguedFault& fault, Kind kind, double size, std::uint64_t seed) const {
    auto c = good(seed);
    c.kind = kind;
    c.name = called(fault);
    c.positions = judged(fault.positions);
    c.fault = sim::PlannedFault{.part = fault.part, .fault = fault.name, .size = size};
    if (fault.part == "meter" || fault.part == "link") c.fault->position = request_.position;
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

void check_names(const std::vector<std::string>& only) {
  auto known = fault_names();
  for (const auto& v : sim::firmware_variants()) known.push_back(called(v));
  for (const auto& word : only)
    if (std::ranges::find(known, word) == known.end())
      throw Failure{Fault::usage, "--only",
                    fmt::format("there is no fault or variant '{}'{}; `blondel list faults` has the faults", word,
                                hint(word, known))};
}

/// Refuses a selection that leaves nothing but the good meter, where more was asked for.
void check_selection(const QualifyRequest& request, int positions) {
  if (request.only.empty()) return;
  const auto wanted = [&](const std::string& name) { return std::ranges::count(request.only, name) > 0; };
  const bool some_fault = std::ranges::any_of(sim::fault_catalogue(), [&](const auto& fault) {
    const bool asked = request.faults || (request.twins && !fault.unit.empty());
    return asked && fault.positions <= positions && wanted(called(fault));
  });
  const bool some_variant = request.variants && std::ranges::any_of(sim::firmware_variants(), [&](const auto& variant) {
                              return wanted(called(variant));
                            });
  if (!some_fault && !some_variant)
    throw Failure{Fault::usage, "--only",
                  fmt::format("nothing is left to run of '{}': --sorts leaves none of it, or the bench has too few "
                              "positions for it",
                              fmt::join(request.only, "', '"))};
}

/// One seed after the other, in two rounds each: first the good meter, and what tells how large a fault in a number
/// must be; then all the rest.
class Qualifier {
 public:
  Qualifier(const QualifyRequest& request, const Ground& ground, const QualifyWorkshop::Report& report)
      : request_{request},
        ground_{ground},
        cases_{request, ground},
        workshop_{{request.plan, request.bench, ground.plan_hash, ground.bench_hash,
                   std::filesystem::path{request.out} / "cases",
                   ground.plan_hash + ground.bench_hash + ground.certificates_hash + ground.program_hash},
                  request.processes},
        report_{report} {
    for (const auto& fault : sim::fault_catalogue())
      if (fault.positions <= ground.positions) faults_there_are_.push_back(&fault);
  }

  void run_all(FaultMatrix& matrix) {
    first_round(matrix);
    second_round(matrix);
    matrix.scope.seeds = request_.seeds.size();
    matrix.scope.stopped = workshop_.stopped();
    for (const auto& file : workshop_.damaged())
      matrix.notes.push_back(fmt::format("{} was damaged; its run was made again", file));
  }

 private:
  bool chosen(const sim::CataloguedFault& fault) const { return cases_.wanted(called(fault)); }
  bool needs_probe(const sim::CataloguedFault& fault) const {
    return !fault.unit.empty() && chosen(fault) && (request_.faults || request_.twins);
  }

  void run(const std::vector<QualifyCase>& round, FaultMatrix& matrix,
           const std::function<void(std::size_t, const CaseResult&)>& take) {
    const auto results = workshop_.run(round, report_);
    for (std::size_t i = 0; i < round.size(); ++i) {
      if (!results[i]) continue;
      if (results[i]->died)
        matrix.died.push_back(
            fmt::format("{} {} (seed {}): {}", name(round[i].kind), round[i].name, round[i].seed, results[i]->why));
      take(i, *results[i]);
    }
  }

  void first_round(FaultMatrix& matrix) {
    std::vector<QualifyCase> round;
    for (const auto seed : request_.seeds) {
      round.push_back(cases_.good(seed));
      for (const auto* fault : faults_there_are_)
        if (needs_probe(*fault)) round.push_back(cases_.faulty(*fault, Kind::probe, fault->probe, seed));
    }
    matrix.scope.good.of = request_.seeds.size();
    run(round, matrix, [&](std::size_t i, const CaseResult& result) {
      const auto& c = round[i];
      if (c.kind == Kind::good) {
        ++matrix.scope.good.run;
        matrix.harmless.push_back(row_of(c, result));
      }
      if (!result.died) first_[{c.seed, c.kind == Kind::good ? std::string{} : c.name}] = result;
    });
  }

  const CaseResult* first(std::uint64_t seed, const std::string& probe) const {
    const auto found = first_.find({seed, probe});
    return found == first_.end() ? nullptr : &found->second;
  }

  /// A fault of one seed, and its twin where it has one; nothing where the runs that choose its size are missing.
  void add_fault(const sim::CataloguedFault& fault, std::uint64_t seed, FaultMatrix& matrix) {
    const auto* good = first(seed, {});
    const auto* probed = fault.unit.empty() ? good : first(seed, called(fault));
    if (!good || !probed || !chosen(fault) || !(request_.faults || request_.twins)) return;
    SizedFault sized{&fault, cases_.faulty(fault, Kind::fault, 0, seed), ""};
    if (!fault.unit.empty()) {
      const auto sizes = sizes_for(*good, *probed, fault.probe, fault.power);
      if (!sizes) --matrix.scope.twins.of;
      sized.judged_by = sizes ? sizes->judged_by : "no step's number moves with it: the probe's size";
      sized.c.fault->size = sizes ? sizes->outside * (1 + fault.scatter) : fault.probe;
      if (sizes && request_.twins)
        harmless_.push_back(cases_.faulty(fault, Kind::twin, sizes->inside * (1 - fault.scatter), seed));
    }
    if (request_.faults) faults_.push_back(std::move(sized));
  }

  void plan_second_round(FaultMatrix& matrix) {
    for (const auto seed : request_.seeds) {
      for (const auto& v : sim::firmware_variants()) {
        ++matrix.scope.variants.of;
        if (request_.variants && cases_.wanted(called(v))) harmless_.push_back(cases_.variant(v, seed));
      }
      for (const auto* fault : faults_there_are_) {
        ++matrix.scope.faults.of;
        if (!fault->unit.empty()) ++matrix.scope.twins.of;
        add_fault(*fault, seed, matrix);
      }
    }
  }

  void second_round(FaultMatrix& matrix) {
    plan_second_round(matrix);
    auto round = harmless_;
    for (const auto& sized : faults_) round.push_back(sized.c);
    auto& scope = matrix.scope;
    run(round, matrix, [&](std::size_t i, const CaseResult& result) {
      if (i < harmless_.size()) {
        ++(harmless_[i].kind == Kind::variant ? scope.variants : scope.twins).run;
        matrix.harmless.push_back(row_of(harmless_[i], result));
      } else {
        const auto& sized = faults_[i - harmless_.size()];
        ++scope.faults.run;
        matrix.faults.push_back(row_of(sized, result, *first(sized.c.seed, {}), ground_.promised));
      }
    });
  }

  const QualifyRequest& request_;
  const Ground& ground_;
  Cases cases_;
  std::vector<const sim::CataloguedFault*> faults_there_are_;
  QualifyWorkshop workshop_;
  const QualifyWorkshop::Report& report_;
  std::map<std::pair<std::uint64_t, std::string>, CaseResult> first_;  ///< by seed and probe; the good meter has none
  std::vector<QualifyCase> harmless_;
  std::vector<SizedFault> faults_;
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

/// Of a plan's list of survivors, those that were run and caught: the list is longer than the truth.
void note_caught_survivors(const Qualification& promised, FaultMatrix& matrix) {
  for (const auto& survivor : promised.survivors) {
    std::size_t run = 0, right = 0;
    for (const auto& row : matrix.faults)
      if (row.fault == survivor.fault) {
        ++run;
        right += is_right(row.outcome);
      }
    if (run > 0 && right == run)
      matrix.notes.push_back(
          fmt::format("'{}' is in the plan's list of survivors, and was caught: take it out", survivor.fault));
  }
}

void note_what_cannot_be(int positions, FaultMatrix& matrix) {
  for (const auto& fault : sim::fault_catalogue())
    if (fault.positions > positions)
      matrix.notes.push_back(fmt::format("'{}' needs {} positions, the bench has {}: it was left out", called(fault),
                                         fault.positions, positions));
}

void write_reports(const std::filesystem::path& out, const FaultMatrix& matrix) {
  write_whole_file(out / "qualify.json",
                   to_json(matrix).dump(1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n");
  write_whole_file(out / "qualify.html", fault_matrix_html(matrix));
}

}  // namespace

FaultMatrix qualify(const QualifyRequest& request, const QualifyWorkshop::Report& report) {
  check_names(request.only);
  const auto ground = look_at(request);
  if (request.position < 1 || request.position > ground.positions)
    throw Failure{Fault::usage, "--position",
                  fmt::format("expected 1 to {}, found {}", ground.positions, request.position)};
  check_selection(request, ground.positions);
  const FolderLock alone{request.out};
  FaultMatrix matrix;
  matrix.plan = ground.plan;
  matrix.bench = ground.bench;
  matrix.plan_hash = ground.plan_hash;
  matrix.bench_hash = ground.bench_hash;
  matrix.program_hash = ground.program_hash;
  matrix.thresholds = {ground.promised.at_least, ground.promised.false_alarms, ground.promised.names_survivors};
  Qualifier qualifier{request, ground, report};
  qualifier.run_all(matrix);
  matrix.steps = columns(ground, matrix);
  note_caught_survivors(ground.promised, matrix);
  note_what_cannot_be(ground.positions, matrix);
  write_reports(request.out, matrix);
  return matrix;
}

}  // namespace blondel
