#include "rig/qualify_case.hpp"

#include <sstream>

#include "reports/journal.hpp"
#include "reports/sha256.hpp"
#include "rig/executive.hpp"
#include "rig/lint.hpp"
#include "rig/surroundings_of.hpp"

namespace blondel {

namespace {

Verdict verdict_of(const std::string& word) {
  for (const auto v :
       {Verdict::pass, Verdict::skipped, Verdict::inconclusive, Verdict::fail, Verdict::error, Verdict::aborted})
    if (name(v) == word) return v;
  throw std::logic_error{"no verdict is called '" + word + "'"};
}

std::string label(const nlohmann::ordered_json& r, const std::string& step) {
  std::string text = step;
  for (const auto* key : {"name", "point", "method"})
    if (const auto part = r.value(key, std::string{}); !part.empty()) text += " / " + part;
  return text;
}

std::optional<double> number_at(const nlohmann::ordered_json& r, const char* key) {
  const auto found = r.find(key);
  if (found == r.end() || !found->is_number()) return std::nullopt;
  return found->get<double>();
}

/// Reads a journal line by line, with the step that is under way in mind.
class Distiller {
 public:
  void take(const nlohmann::ordered_json& r) {
    const auto kind = r.at("kind").get<std::string>();
    if (kind == "step_begin") {
      result_.steps.push_back({r.at("name").get<std::string>()});
      open_ = true;
    } else if (kind == "step_end") {
      open_ = false;
    } else if (kind == "finding") {
      judged(r, "finding");
    } else if (kind == "measurement") {
      judged(r, label(r, {}));
      number(r);
    } else if (kind == "run_end") {
      end(r);
    }
  }
  CaseResult result() {
    result_.verdicts = sha256_hex(all_);
    return std::move(result_);
  }

 private:
  void judged(const nlohmann::ordered_json& r, const std::string& what) {
    const auto word = r.at("verdict").get<std::string>();
    if (result_.steps.empty() || !open_) result_.steps.push_back({"on the way down"});
    auto& step = result_.steps.back();
    step.worst = worse(step.worst, verdict_of(word));
    all_ += step.step + what + word + "\n";
  }
  void number(const nlohmann::ordered_json& r) {
    const auto value = number_at(r, "value"), u = number_at(r, "expanded_uncertainty");
    if (!value || !u || !(*u > 0)) return;
    result_.numbers.push_back(
        {label(r, result_.steps.back().step), *value, *u, number_at(r, "lower"), number_at(r, "upper")});
  }
  void end(const nlohmann::ordered_json& r) {
    result_.verdict = verdict_of(r.at("verdict").get<std::string>());
    result_.exit_code = r.at("exit_code").get<int>();
    result_.why = r.at("why").get<std::string>();
    for (const auto& p : r.at("positions")) {
      all_ += p.at("verdict").get<std::string>() + "\n";
      const auto cause = p.at("cause").get<std::string>();
      if (!cause.empty() && p.at("verdict").get<std::string>() == name(result_.verdict)) result_.why = cause;
    }
    const bool bench_fault = result_.verdict == Verdict::error;
    if (bench_fault && open_) result_.steps.back().worst = worse(result_.steps.back().worst, Verdict::error);
    const bool nowhere = bench_fault && !result_.any(Verdict::error);
    if (nowhere)
      result_.steps.push_back({result_.steps.empty() ? "before the steps" : "on the way down", Verdict::error});
  }

  CaseResult result_;
  std::string all_;
  bool open_ = false;
};

void check_unchanged(const FileAsItWas& file, const std::string& text) {
  if (sha256_hex(text) != file.sha256)
    throw Failure{Fault::usage, file.path, "it was changed while it was being proved; call again"};
}

std::vector<Position> judged_positions(Bench& bench, const std::vector<int>& numbers) {
  std::vector<Position> judged;
  for (const int number : numbers) {
    Position position;
    position.number = number;
    position.serial = bench.file().sockets.at(static_cast<std::size_t>(number) - 1).serial;
    bench.open_socket(number);
    position.meter = &bench.meter(number);
    position.pulses = &bench.pulses(number);
    position.alarm = bench.alarm(number);
    judged.push_back(std::move(position));
  }
  return judged;
}

}  // namespace

std::string name(QualifyCase::Kind kind) {
  using Kind = QualifyCase::Kind;
  switch (kind) {
    case Kind::good: return "good";
    case Kind::probe: return "probe";
    case Kind::variant: return "variant";
    case Kind::fault: return "fault";
    case Kind::twin: return "twin";
  }
  return "unknown";
}

nlohmann::ordered_json to_json(const QualifyCase& c) {
  nlohmann::ordered_json json = {
      {"kind", name(c.kind)}, {"name", c.name}, {"seed", c.seed}, {"positions", c.positions}};
  if (c.fault)
    json["fault"] = {{"part", c.fault->part},
                     {"position", c.fault->position},
                     {"fault", c.fault->fault},
                     {"at_ns", c.fault->at.time_since_epoch().count()},
                     {"size", c.fault->size}};
  if (!c.variants.empty()) json["variants"] = c.variants;
  return json;
}

bool CaseResult::any(Verdict wanted) const {
  for (const auto& step : steps)
    if (step.worst == wanted) return true;
  return false;
}

nlohmann::ordered_json to_json(const CaseResult& r) {
  auto steps = nlohmann::ordered_json::array(), numbers = steps;
  for (const auto& s : r.steps) steps.push_back({{"step", s.step}, {"worst", name(s.worst)}});
  for (const auto& n : r.numbers) {
    nlohmann::ordered_json one = {{"name", n.name}, {"value", n.value}, {"u", n.expanded_uncertainty}};
    if (n.lower) one["lower"] = *n.lower;
    if (n.upper) one["upper"] = *n.upper;
    numbers.push_back(std::move(one));
  }
  return {{"exit_code", r.exit_code}, {"verdict", name(r.verdict)}, {"why", r.why},
          {"verdicts", r.verdicts},   {"steps", std::move(steps)},  {"numbers", std::move(numbers)}};
}

CaseResult case_result_from(const nlohmann::ordered_json& json) {
  CaseResult r;
  r.exit_code = json.at("exit_code").get<int>();
  r.verdict = verdict_of(json.at("verdict").get<std::string>());
  r.why = json.at("why").get<std::string>();
  r.verdicts = json.at("verdicts").get<std::string>();
  for (const auto& s : json.at("steps"))
    r.steps.push_back({s.at("step").get<std::string>(), verdict_of(s.at("worst").get<std::string>())});
  for (const auto& n : json.at("numbers"))
    r.numbers.push_back({n.at("name").get<std::string>(), n.at("value").get<double>(), n.at("u").get<double>(),
                         number_at(n, "lower"), number_at(n, "upper")});
  return r;
}

CaseResult distil(const std::string& journal) {
  Distiller distiller;
  std::istringstream lines{journal};
  for (std::string line; std::getline(lines, line);) {
    const auto record = nlohmann::ordered_json::parse(line, nullptr, false);
    if (!record.is_discarded()) distiller.take(record);
  }
  return distiller.result();
}

void run_case(const FileAsItWas& plan_file, const FileAsItWas& bench_path, const QualifyCase& c, std::string& journal) {
  auto plan = load_plan(plan_file.path);
  check_unchanged(plan_file, plan.text);
  // Every step has its turn: a run that stops at the first fail hides what the others would have caught.
  plan.on_fail = Plan::OnFail::go_on;
  auto bench_file = load_bench(bench_path.path);
  check_unchanged(bench_path, bench_file.text);
  auto wiring = wiring_of(bench_file, {}, c.seed);
  if (c.fault) wiring.faults.push_back(*c.fault);
  wiring.variants = c.variants;
  auto world = world_of(bench_file, std::move(wiring));
  Bench bench{std::move(bench_file), *world.around};

  Journal record{std::make_unique<MemorySink>(journal), nullptr, [] { return std::string{}; }};
  const auto progress = make_progress(ProgressKind::quiet);
  Executive executive{*world.clock, plan, bench, record, *progress, judged_positions(bench, c.positions)};
  world.clock->run(executive.run());
  record.close();
}

}  // namespace blondel
