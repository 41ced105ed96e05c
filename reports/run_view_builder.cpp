#include <fmt/format.h>

#include <algorithm>

#include "reports/measurement_record.hpp"
#include "reports/run_view.hpp"

namespace blondel {
namespace {

/// Puts the records of a run in order, one after the other.
class RunViewBuilder {
 public:
  explicit RunViewBuilder(const RunRecord& run) : run_{run} {}

  RunView build() {
    for (const auto& record : run_.records) {
      const RecordFields fields{record.fields, fmt::format("{}:{}", run_.journal.string(), record.number + 1)};
      take(record, fields);
    }
    finish();
    return std::move(view_);
  }

 private:
  void take(const Record& record, const RecordFields& f) {
    view_.end_ns = std::max(view_.end_ns, record.bench_time_ns);
    const auto& kind = record.kind;
    if (kind == "run") return begin(f);
    if (!begun_) throw Failure{Fault::malformed, f.where(), "the first record should be \"run\""};
    if (kind == "instrument") return instrument(f);
    if (kind == "traceability") return traceability(f);
    if (kind == "class_coverage") return add_coverage(view_.classes, f);
    if (kind == "position") return identify(f);
    if (kind == "build") return build(f);
    if (kind == "step_begin") return step_begin(record, f);
    if (kind == "step_end") return step_end(record, f);
    if (kind == "applied") return applied(f);
    if (kind == "reading") return reading(f);
    if (kind == "fingerprint") return fingerprint(f);
    if (kind == "change") return change(record, f);
    if (kind == "restored") return restored(f);
    if (kind == "measurement") return measurement(record, f);
    if (kind == "finding") return finding(record, f);
    if (kind == "event") return event(record, f);
    if (kind == "safe") return safe(record, f);
    if (kind == "run_end") return end(f);
    // Kinds of a later version say more, and change nothing in what these say.
  }

  static HashedFile hashed_file(const RecordFields& run, const char* key) {
    const auto f = run.maybe_object(key);
    if (!f) return {};
    return {f->maybe_text("name").value_or(""), f->text("file"), f->text("sha256")};
  }

  void begin(const RecordFields& f) {
    if (begun_) throw Failure{Fault::malformed, f.where(), "a second \"run\""};
    begun_ = true;
    view_.plan = hashed_file(f, "plan");
    view_.bench = hashed_file(f, "bench");
    if (f.maybe_object("firmware")) view_.firmware = hashed_file(f, "firmware");
    view_.meter = f.maybe_text("meter").value_or("");
    view_.seed = f.scalar("seed");
    view_.version = f.maybe_text("version").value_or("");
    view_.decision_rule = f.maybe_text("decision_rule").value_or("");
    view_.on_fail = f.maybe_text("on_fail").value_or("");
    view_.not_covered = f.texts("not_covered");
    for (const auto& one : f.objects("positions")) {
      auto& position = at(one.integer("position"));
      position.judged = one.maybe_flag("judged").value_or(true);
      if (one.maybe_object("build")) position.build = hashed_file(one, "build");
    }
  }

  void instrument(const RecordFields& f) {
    InstrumentView one;
    one.role = f.text("role");
    one.driver = f.maybe_text("driver").value_or("");
    one.address = f.maybe_text("address").value_or("");
    if (const auto identity = f.maybe_object("identity")) {
      one.maker = identity->maybe_text("maker").value_or("");
      one.model = identity->maybe_text("model").value_or("");
      one.serial = identity->maybe_text("serial").value_or("");
      one.firmware = identity->maybe_text("firmware").value_or("");
    }
    view_.instruments.push_back(std::move(one));
  }

  void identify(const RecordFields& f) {
    auto& position = at(f.integer("position"));
    position.serial = f.maybe_text("serial").value_or(position.serial);
    position.firmware_version = f.maybe_text("firmware_version").value_or(position.firmware_version);
    position.port = f.maybe_text("port").value_or(position.port);
    if (auto identity = f.pairs("identity"); !identity.empty()) position.identity = std::move(identity);
  }

  void build(const RecordFields& f) {
    auto& build = at(f.integer("position")).build;
    if (!build) build.emplace();
    build->name = f.maybe_text("name").value_or(build->name);
  }

  void step_begin(const Record& record, const RecordFields& f) {
    StepView step;
    step.number = f.integer("step");
    step.name = f.text("name");
    step.kind = f.maybe_text("step_kind").value_or("");
    step.predicted_s = f.maybe_number("predicted_s");
    step.begin_ns = record.bench_time_ns;
    view_.steps.push_back(std::move(step));
  }

  /// The step of this number that was begun last.
  StepView& step(const RecordFields& f) {
    const auto number = f.integer("step");
    const auto found = std::find_if(view_.steps.rbegin(), view_.steps.rend(),
                                    [&](const StepView& one) { return one.number == number; });
    if (found == view_.steps.rend())
      throw Failure{Fault::malformed, f.where(), fmt::format("step {} was never begun", number)};
    return *found;
  }

  void step_end(const Record& record, const RecordFields& f) {
    auto& one = step(f);
    one.end_ns = record.bench_time_ns;
    const auto verdicts = f.maybe_object("verdicts");
    for (const auto& [key, word] : f.pairs("verdicts")) {
      int number = 0;
      for (const char c : key) {
        if (c < '0' || c > '9' || number > 100000)
          throw Failure{Fault::malformed, f.where(), "\"verdicts\" should be keyed by position"};
        number = number * 10 + (c - '0');
      }
      one.verdicts[number] = verdicts->verdict(key.c_str());
    }
  }

  // What happens outside the steps, on the way up or down, belongs to none.
  void applied(const RecordFields& f) {
    if (f.maybe_integer("step")) step(f).loads.push_back(f.pairs("load"));
  }
  void reading(const RecordFields& f) {
    if (f.maybe_integer("step")) ++step(f).readings;
  }

  void fingerprint(const RecordFields& f) {
    auto& mine = fingerprints_[f.integer("position")];
    const auto when = f.text("when");
    if (when == "start" && !mine.first) mine.first = f.pairs("values");
    if (when == "end") mine.second = f.pairs("values");
  }

  void change(const Record& record, const RecordFields& f) {
    at(f.integer("position"))
        .changes.push_back({f.maybe_integer("step").value_or(0),
                            f.text("point"),
                            f.scalar("old"),
                            f.scalar("new"),
                            {},
                            record.number});
  }

  void restored(const RecordFields& f) {
    const auto point = f.text("point");
    const auto value = f.scalar("value");
    for (auto& one : at(f.integer("position")).changes)
      if (one.point == point) one.put_back = value;
  }

  void traceability(const RecordFields& f) {
    auto said = traceability_of(f);
    view_.traceability.date = said.date;
    auto& all = view_.traceability.certificates;
    all.insert(all.end(), said.certificates.begin(), said.certificates.end());
  }

  void measurement(const Record& record, const RecordFields& f) {
    auto one = measurement_of(f);
    one.bench_time_ns = record.bench_time_ns;
    one.record = record.number;
    at(f.integer("position")).measurements.push_back(std::move(one));
  }

  void finding(const Record& record, const RecordFields& f) {
    at(f.integer("position"))
        .findings.push_back({f.maybe_integer("step").value_or(0), record.bench_time_ns, f.verdict("verdict"),
                             f.maybe_text("cause").value_or(""), f.maybe_text("text").value_or(""), record.number});
  }

  void event(const Record& record, const RecordFields& f) {
    view_.events.push_back({record.bench_time_ns, f.text("level"), f.text("text"), record.number});
  }

  void safe(const Record& record, const RecordFields& f) {
    view_.safe.push_back({record.bench_time_ns, f.maybe_text("reason").value_or(""), f.flag("off"), f.pairs("proof"),
                          f.maybe_number("stop_to_off_ms"), record.number});
  }

  void end(const RecordFields& f) {
    if (ended_) throw Failure{Fault::malformed, f.where(), "a second \"run_end\""};
    ended_ = true;
    view_.verdict = f.verdict("verdict");
    view_.why = f.maybe_text("why").value_or("");
    view_.exit_code = f.integer("exit_code");
    for (const auto& one : f.objects("positions")) {
      const auto number = one.integer("position");
      auto& position = at(number);
      position.verdict = one.verdict("verdict");
      position.cause = one.maybe_text("cause").value_or("");
      if (const auto serial = one.maybe_text("serial"); serial && position.serial.empty()) position.serial = *serial;
      decided_.push_back(number);
    }
  }

  void finish() {
    if (!begun_) throw Failure{Fault::malformed, run_.journal.string(), "holds no record \"run\": nothing was run"};
    for (auto& [number, position] : positions_) {
      compare_fingerprints(position);
      const bool decided = std::ranges::find(decided_, number) != decided_.end();
      if (position.judged && (!run_.complete || !decided)) {
        position.verdict = decided ? worse(position.verdict, Verdict::error) : Verdict::error;
        if (position.cause.empty()) position.cause = "the record ends before a verdict was kept";
      }
      view_.positions.push_back(std::move(position));
    }
    if (!ended_) view_.why = "the record ends before the run did";
    if (!run_.complete || !ended_) {
      view_.verdict = ended_ ? worse(view_.verdict, Verdict::error) : Verdict::error;
      if (view_.exit_code != 5) view_.exit_code = 3;  // an abort stays one
    }
    view_.complete = run_.complete;
    view_.notes = run_.notes;
    view_.records = run_.records.size();
    view_.last_hash = run_.last_hash;
    if (!run_.wall.empty()) {
      view_.began_wall = run_.wall.begin()->second;
      view_.ended_wall = run_.wall.rbegin()->second;
    }
  }

  void compare_fingerprints(PositionView& position) {
    const auto found = fingerprints_.find(position.position);
    if (found == fingerprints_.end() || !found->second.first || !found->second.second) return;
    position.fingerprinted = true;
    const auto& [start, end] = found->second;
    std::map<std::string, std::string> then{start->begin(), start->end()};
    for (const auto& [point, value] : *end) {
      const auto before = then.find(point);
      const auto old = before == then.end() ? std::string{"not read"} : before->second;
      if (before != then.end()) then.erase(before);
      if (old != value) position.differences.push_back({point, old, value});
    }
    for (const auto& [point, value] : then) position.differences.push_back({point, value, "not read"});
  }

  PositionView& at(int number) {
    auto& position = positions_[number];
    position.position = number;
    return position;
  }

  const RunRecord& run_;
  RunView view_;
  bool begun_ = false;
  bool ended_ = false;
  std::map<int, PositionView> positions_;
  std::vector<int> decided_;
  std::map<int, std::pair<std::optional<Pairs>, std::optional<Pairs>>> fingerprints_;
};

}  // namespace

Result<RunView> view_of(const RunRecord& run) {
  try {
    return RunViewBuilder{run}.build();
  } catch (const Failure& failure) {
    return tl::unexpected{failure.error};
  }
}

}  // namespace blondel
