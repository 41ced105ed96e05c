#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>

#include "drivers/time/together.hpp"
#include "references/quantity_text.hpp"
#include "references/series_4000_k/readings.hpp"
#include "references/standards/data_sheet.hpp"
#include "references/standards/power_factor.hpp"
#include "rig/balanced_load.hpp"
#include "rig/check_stimulus.hpp"
#include "rig/class_test/register_change.hpp"
#include "rig/class_test/sheet_reading.hpp"
#include "rig/port_time.hpp"
#include "rig/step.hpp"
#include "rig/steps/no_limit.hpp"
#include "rig/steps/reference_window.hpp"
#include "rig/stimulus_settings.hpp"
#include "rig/traceability.hpp"

namespace blondel {

using namespace std::chrono_literals;

namespace {

/// A load at which a data sheet's statements are looked at.
struct SheetPoint {
  Voltage to_neutral;  ///< line to neutral
  double current_ratio{};
  PowerFactor factor{};
  std::string where;  ///< its place in the plan

  std::string text() const { return fmt::format("{}, {:g} In, PF {}", show(to_neutral), current_ratio, show(factor)); }
  bool same_load(const SheetPoint& other) const {
    return std::abs(to_neutral.si() - other.to_neutral.si()) < 1e-6 &&
           std::abs(current_ratio - other.current_ratio) < 1e-9 && factor.same_as(other.factor);
  }
};

/// What was read of one meter within a window.
struct SheetLook {
  double ct_primary{};  ///< A, as the meter holds it
  std::map<std::string, std::vector<double>> readings;
};

/// Voltage and current registers against the data sheet's percentages, phase by phase; power factor and frequency, of
/// which it states nothing, are told.
class DataSheetAccuracy final : public Step {
 public:
  explicit DataSheetAccuracy(const Settings& at) : where_{at.where()}, sheet_{DataSheet::series_4000_k()} {
    if (const auto name = at.find("name")) name_ = name->text();
    system_voltage_ = read_system_voltage(at);
    frequency_ = read_frequency(at);
    if (const auto window = at.find("window")) {
      window_ = window->duration();
      if (window_ < shortest_window || window_ > 10min) throw window->failure("expected 12 s to 10 min");
    }
    const auto points = at.at("points");
    if (points.is_scalar()) {
      points.one_of({"all"});
      all_ = true;
      points_where_ = points.where();
      return;
    }
    for (const auto& item : points.items()) listed_.push_back(read_point(item));
    if (listed_.empty()) throw points.failure("expected at least one point");
  }

  std::string kind() const override { return "data_sheet_accuracy"; }
  std::string name() const override { return name_; }
  std::vector<std::string> promises(const Bench& bench) const override {
    std::vector<std::string> all;
    for (const auto& point : feasible(bench))
      for (const auto& reading : readings_at(point, bench.file())) all.push_back(reading.name);
    return all;
  }

  void check(const Bench& bench, Outlook& outlook, Findings& findings) const override {
    if (!outlook.wiring_proved)
      findings.refusals.push_back(
          {Fault::malformed, where_, "expected a configure step first: it proves phase order and signs"});
    if (bench.file().meter != "series-4000-k")
      findings.refusals.push_back(
          {Fault::incapable, where_, "there is a data sheet of series-4000-k, none of " + bench.file().meter});
    const Traceability traceability{bench};
    for (const auto& point : points(bench.file()))
      if (const auto refusal = refusal_of(bench, traceability, point); refusal && !all_)
        findings.refusals.push_back(*refusal);
    if (all_ && feasible(bench).empty())
      findings.refusals.push_back(
          {Fault::incapable, points_where_, "the bench can give none of the data sheet's points"});
  }

  Duration predict(const Bench& bench, Outlook& outlook) const override {
    Duration total{};
    for (const auto& point : feasible(bench))
      total +=
          outlook.source->apply(load_at(point, bench.file())) + steady_slot_ + window(bench.file()) + judging_slot_;
    return total;
  }

  Task<void> run(Run& run) const override {
    const auto& bench = run.bench.file();
    const Traceability traceability{run.bench};
    tell_what_is_left_out(run, traceability);
    Time slot = run.clock.now();
    for (const auto& point : feasible(run.bench)) {
      const auto load = load_at(point, bench);
      run.progress.now_doing(point.text());
      slot += run.stimulus.foretell(load);
      co_await run.stimulus.apply(load, 1s);
      co_await run.until(slot, "settling");
      const auto reading = co_await run.stimulus.steady(percent(0.05), slot += steady_slot_);
      // A source that has tripped would look like wrong wiring.
      co_await run.bench.source().check();
      check_stimulus(load, reading);
      co_await run.until(slot, "steady state");
      co_await measure(run, traceability, point, slot += window(bench));
      co_await run.until(slot += judging_slot_, "judging");
    }
  }

 private:
  SheetPoint read_point(const Settings& at) const {
    SheetPoint point;
    point.to_neutral = at.at("voltage").voltage();
    point.current_ratio = read_current_ratio(at.at("current"));
    const auto factor = at.at("power_factor");
    point.factor = value_or_throw(parse_power_factor(factor.text(), factor.where()));
    point.where = at.where();
    at.finish();
    for (const auto& [quantity, value, key] :
         {std::tuple{"voltage", point.to_neutral.si(), "voltage"}, {"current", point.current_ratio, "current"}})
      if (std::ranges::none_of(sheet_.statements(),
                               [&](const DataSheet::Statement& s) { return holds(s, quantity, value); }))
        throw at.at(key).failure(fmt::format("the data sheet {} states nothing of a {} of {}", sheet_.edition(),
                                             quantity, at.at(key).text()));
    return point;
  }

  static bool holds(const DataSheet::Statement& s, const std::string& quantity, double value) {
    constexpr double last_bits = 1e-9;
    return s.quantity == quantity && value >= s.lowest * (1 - last_bits) && value <= s.highest * (1 + last_bits);
  }

  /// Voltages between a line and the neutral, or the virtual one of a delta; a one-phase system names it itself.
  Voltage rated_to_neutral(const BenchFile& bench) const { return load_of_rated(bench).phases[0].voltage; }
  LoadPoint load_of_rated(const BenchFile& bench) const {
    return balanced_load(bench.system, system_voltage_, bench.ct_substitute.primary, Angle{0}, frequency_);
  }

  /// The plan's, or both ends and the middle of every range, the other quantity at its rated value.
  std::vector<SheetPoint> points(const BenchFile& bench) const {
    if (!all_) return listed_;
    std::vector<SheetPoint> all;
    for (const auto& s : sheet_.statements())
      for (const double value : {s.lowest, (s.lowest + s.highest) / 2, s.highest}) {
        SheetPoint point{rated_to_neutral(bench), 1, PowerFactor{}, points_where_};
        if (s.quantity == "voltage")
          point.to_neutral = Voltage{value};
        else
          point.current_ratio = value;
        if (std::ranges::none_of(all, [&](const SheetPoint& p) { return p.same_load(point); })) all.push_back(point);
      }
    return all;
  }

  LoadPoint load_at(const SheetPoint& point, const BenchFile& bench) const {
    auto load = balanced_load(bench.system, system_voltage_, bench.ct_substitute.primary * point.current_ratio,
                              point.factor.lag(), frequency_);
    for (auto& phase : load.phases)
      if (phase.voltage.si() > 0) phase.voltage = point.to_neutral;
    return load;
  }

  static Temperature ambient_of(const BenchFile& bench) {
    return bench.environment ? bench.environment->temperature : Temperature{25};
  }

  std::optional<Ratio> tolerance(const SheetPoint& point, const std::string& quantity, const BenchFile& bench) const {
    return sheet_.tolerance(quantity, quantity == "voltage" ? point.to_neutral.si() : point.current_ratio,
                            ambient_of(bench));
  }

  std::optional<Findings::Finding> refusal_of(const Bench& bench, const Traceability& traceability,
                                              const SheetPoint& point) const {
    const auto& file = bench.file();
    const auto load = load_at(point, file);
    if (const auto refusal = bench.refuses(load)) return Findings::Finding{refusal->fault, point.where, refusal->what};
    for (const char* quantity : {"voltage", "current"})
      if (!tolerance(point, quantity, file))
        return Findings::Finding{Fault::incapable, point.where,
                                 fmt::format("the data sheet states nothing of {} at {} and {}", quantity, point.text(),
                                             show(ambient_of(file)))};
    for (const auto& reading : readings_at(point, file))
      if (reading.quantity == "voltage" || reading.quantity == "current")
        for (const int element : reading.elements)
          if (const auto known = traceability.of(reading.of_reference(), load, element); !known)
            return Findings::Finding{known.error().fault, point.where, known.error().where + ": " + known.error().what};
    for (const auto& socket : file.sockets)
      if (const auto known = traceability.at(load_for_ratio(point, file), PointInputs::Energy::active, socket.position);
          !known)
        return Findings::Finding{known.error().fault, point.where, known.error().where + ": " + known.error().what};
    return std::nullopt;
  }

  std::vector<SheetPoint> feasible(const Bench& bench) const {
    auto all = points(bench.file());
    const Traceability traceability{bench};
    if (all_) std::erase_if(all, [&](const SheetPoint& p) { return refusal_of(bench, traceability, p).has_value(); });
    return all;
  }

  void tell_what_is_left_out(Run& run, const Traceability& traceability) const {
    nlohmann::ordered_json left_out = nlohmann::ordered_json::object();
    for (const auto& point : points(run.bench.file()))
      if (const auto refusal = refusal_of(run.bench, traceability, point)) left_out[point.text()] = refusal->what;
    if (!left_out.empty())
      run.record.add("reading", {{"position", 0},
                                 {"what", "points of the data sheet that are left out, and why"},
                                 {"values", std::move(left_out)}});
  }

  /// What the ratio of a CT substitute is asked at: it depends on the current, and certificates of power need not
  /// reach as low in voltage as this data sheet does.
  LoadPoint load_for_ratio(const SheetPoint& point, const BenchFile& bench) const {
    return balanced_load(bench.system, system_voltage_, bench.ct_substitute.primary * point.current_ratio, Angle{0},
                         frequency_);
  }

  std::vector<SheetReading> readings_at(const SheetPoint& point, const BenchFile& bench) const {
    return sheet_readings(load_at(point, bench), bench.system);
  }

  static Task<void> watch_truth_of_sheet(Run& run, std::vector<ReferenceReading>& into, Time end) {
    into = co_await collect_reference(run, end);
  }
  static Task<void> watch_meters(Run& run, Run::Body watch, Time by, Run::Troubles& troubles) {
    troubles = co_await run.side_by_side(std::move(watch), by);
  }

  static Task<void> look(Run& run, Position& position, const std::vector<SheetReading>& wanted, SheetLook& into,
                         Time end) {
    std::vector<std::string> points;
    for (const auto& reading : wanted) points.push_back(reading.register_name);
    const std::vector<std::string> primary = {"ct_primary"};
    const auto held = co_await run.read(position, primary);
    into.ct_primary = held.at("ct_primary");
    const Duration takes = PortTime{run.bench.file()}.asking(1, registers_at_most_);
    do {
      const auto values = co_await run.read(position, points);
      for (const auto& [name, value] : values) into.readings[name].push_back(value);
      // The same reading twice is no second reading.
      const Time next = run.clock.now() + register_update_with_spare;
      if (next + takes > end) break;
      co_await run.clock.pause_until(next, {position.number, 0}, "the next readings");
    } while (run.clock.now() + takes <= end);
  }

  Task<void> measure(Run& run, const Traceability& traceability, const SheetPoint& point, Time end) const {
    const auto load = load_at(point, run.bench.file());
    const auto wanted = readings_at(point, run.bench.file());
    std::vector<ReferenceReading> truth;
    std::vector<SheetLook> looks(run.positions.size());
    const Run::Body body = [&run, &wanted, &looks, end](Position& position) {
      return look(run, position, wanted, looks[static_cast<std::size_t>(&position - run.positions.data())], end);
    };
    std::vector<Task<void>> both;
    both.push_back(watch_truth_of_sheet(run, truth, end));
    Run::Troubles troubles;
    both.push_back(watch_meters(run, body, end + judging_slot_ - Run::settling, troubles));
    co_await together(run.clock, std::move(both));
    // Nobody is judged by a window in which the source tripped.
    co_await run.bench.source().check();
    check_two_ways(mean_of(truth), load, run.bench.reference().expanded_uncertainty(load));
    const auto refused = troubles;
    co_await run.settle(name_, std::move(troubles));
    for (std::size_t i = 0; i < run.positions.size(); ++i)
      if (!run.positions[i].lost && !refused[i])
        judge(run, run.positions[i], traceability, point, wanted, truth, looks[i]);
    run.record.commit();
  }

  void judge(Run& run, Position& position, const Traceability& traceability, const SheetPoint& point,
             const std::vector<SheetReading>& wanted, const std::vector<ReferenceReading>& truth,
             const SheetLook& look) const {
    const auto& bench = run.bench.file();
    const double primary_ratio = look.ct_primary / bench.ct_substitute.primary.si();
    const auto spreads = spreads_of(truth, load_at(point, bench), bench.system, primary_ratio);
    nlohmann::ordered_json means = nlohmann::ordered_json::object();
    for (const auto& reading : wanted) {
      const auto& values = look.readings.at(reading.register_name);
      const auto found = repeatability(values);
      const auto reference = spreads.find(reading.register_name);
      if (!found || reference == spreads.end()) {
        run.judge(position, Verdict::fail,
                  fmt::format("{} has no value at {}, or was read only once", reading.register_name, point.text()));
        continue;
      }
      means[reading.register_name] = found->mean;
      compare(run, position, traceability, point, reading, *found, reference->second);
    }
    run.record.add("reading", {{"position", position.number},
                               {"what", fmt::format("means of the registers at {}", point.text())},
                               {"values", std::move(means)}});
  }

  void compare(Run& run, Position& position, const Traceability& traceability, const SheetPoint& point,
               const SheetReading& reading, const Repeatability& found, const Repeatability& reference) const {
    const auto& bench = run.bench.file();
    auto doubt =
        sheet_doubt({run.bench, traceability, load_at(point, bench), load_for_ratio(point, bench), point.factor},
                    position.number, reading);
    Measurement m;
    m.position = position.number;
    m.name = reading.name;
    m.point = point.text();
    m.current_ratio = point.current_ratio;
    m.power_factor = show(point.factor);
    m.load = "balanced";
    m.method = "register " + reading.register_name;
    m.requirement = "data sheet, " + reading.quantity;
    m.rule = run.plan.rule;
    m.standard = "data sheet Series 4000-K";
    m.edition = sheet_.edition();
    m.unit = "%";
    m.raw = 100 * (found.mean / reference.mean - 1);
    m.value = 100 * (found.mean / (reference.mean * (1 + doubt.correction)) - 1);
    const double to_percent = 100 / std::abs(reference.mean);
    const auto add_readings = [&](const char* source, const Repeatability& of, double sign) {
      doubt.budget.add(of.contribution(source).of_input(of.mean, "as read", sign * to_percent));
    };
    add_readings("repeatability of the reference's readings", reference, -1);
    add_readings("repeatability of the meter's readings", found, 1);
    doubt.budget.add(rectangular("register", float_step(found.mean) / 2).of_input(found.mean, "as read", to_percent));
    double lower = -no_limit, upper = no_limit;
    if (const auto allowed = limit_of(point, reading, bench)) {
      upper = in_percent(*allowed);
      lower = -upper;
      m.lower = lower;
      m.upper = upper;
      const auto& from = statement_of(point, reading).from;
      m.clause = from.clause;
      m.mark = from.mark;
    } else {
      m.informative = fmt::format("no accuracy of {} is stated", reading.quantity);
      if (reading.quantity == "frequency" &&
          !traceability.of(Traceability::Reading::frequency, load_at(point, bench), 1))
        m.informative += "; no certificate of the reference's frequency";
    }
    m.verdict = decide(m.value, doubt.budget.expanded(), lower, upper, run.plan.rule);
    m.budget = std::move(doubt.budget);
    if (m.informative.empty())
      run.judge(position, m);
    else
      run.inform(position, m);
  }

  std::optional<Ratio> limit_of(const SheetPoint& point, const SheetReading& reading, const BenchFile& bench) const {
    if (reading.quantity != "voltage" && reading.quantity != "current") return std::nullopt;
    return tolerance(point, reading.quantity, bench);
  }

  /// @pre there is one. Where two ranges meet, the upper one holds.
  const DataSheet::Statement& statement_of(const SheetPoint& point, const SheetReading& reading) const {
    const double value = reading.quantity == "voltage" ? point.to_neutral.si() : point.current_ratio;
    const DataSheet::Statement* found = nullptr;
    for (const auto& s : sheet_.statements())
      if (holds(s, reading.quantity, value)) found = &s;
    return *found;
  }

  Duration window(const BenchFile& bench) const {
    // Twice the longest time that one look at all meters of a port may take, besides the CT primary.
    const Duration twice = PortTime{bench}.asking(3, registers_at_most_) + 2 * register_update_with_spare;
    return std::max<Duration>(window_, std::chrono::ceil<std::chrono::seconds>(twice));
  }

  // Three readings of the reference that agree, with some to spare.
  static constexpr Duration steady_slot_ = 10s;
  static constexpr Duration judging_slot_ = 8s;
  static constexpr Duration shortest_window = 12s;
  /// From the first power factor (281) to the frequency (308).
  static constexpr int registers_at_most_ = 28;

  std::string where_;
  std::string name_ = "data_sheet_accuracy";
  const DataSheet& sheet_;
  bool all_ = false;
  std::string points_where_;
  std::vector<SheetPoint> listed_;
  Voltage system_voltage_;
  Frequency frequency_;
  Duration window_ = 15s;
};

const bool data_sheet_accuracy_listed =
    steps().add("data_sheet_accuracy", "voltage and current registers against the percentages of the data sheet",
                [](const Settings& at) { return std::make_unique<DataSheetAccuracy>(at); });

}  // namespace

}  // namespace blondel
