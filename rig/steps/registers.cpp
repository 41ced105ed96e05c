#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "drivers/time/together.hpp"
#include "references/data_folder.hpp"
#include "references/quantity_text.hpp"
#include "references/series_4000_k/expected_registers.hpp"
#include "references/series_4000_k/register_relations.hpp"
#include "references/standards/power_factor.hpp"
#include "rig/balanced_load.hpp"
#include "rig/check_stimulus.hpp"
#include "rig/port_time.hpp"
#include "rig/reference_phasors.hpp"
#include "rig/step.hpp"
#include "rig/steps/reference_window.hpp"
#include "rig/steps/register_budget.hpp"
#include "rig/stimulus_settings.hpp"

namespace blondel {

using namespace std::chrono_literals;
using series_4000_k::Circumstances;
using series_4000_k::Conditions;
using series_4000_k::Expectation;

namespace {

using Readings = std::map<std::string, double>;

/// Everything one meter told at one time.
struct Look {
  Time begin, end;
  Readings readings;
};

struct TwoLooks {
  Look first, second;
};

/// Every register of the meter against the oracle, at one balanced load: measured points with their uncertainty,
/// the others exactly; energies by the difference of two readings.
class Registers final : public Step {
 public:
  explicit Registers(const Settings& at)
      : where_{at.where()},
        map_{RegisterMap::load((data_folder() / "register_maps" / "series_4000_k.csv").string())},
        tables_{series_4000_k::ClassTables::class_0_5_s()} {
    if (const auto name = at.find("name")) name_ = name->text();
    system_voltage_ = read_system_voltage(at);
    frequency_ = read_frequency(at);
    current_ratio_ = read_current_ratio(at.at("current"));
    const auto factor = at.at("power_factor");
    power_factor_ = value_or_throw(parse_power_factor(factor.text(), factor.where()));
    if (const auto ambient = at.find("ambient")) ambient_ = ambient->temperature();
    if (const auto of = at.find("percent_of"))
      percent_of_ = of->one_of({"reading", "full scale"}) == 0 ? series_4000_k::PercentOf::reading
                                                               : series_4000_k::PercentOf::full_scale;
    if (const auto window = at.find("window")) window_ = window->duration();
    if (window_ < shortest_window || window_ > 10min) throw at.at("window").failure("expected 12 s to 10 min");
    promises_ = measured_in_every_system();
    if (!std::ranges::count(promises_, "real_power_total_f"))
      throw at.failure(fmt::format("class 0.5S sets no limit at {}", text()));
  }

  std::string kind() const override { return "registers"; }
  std::string name() const override { return name_; }
  std::vector<std::string> promises(const Bench&) const override { return promises_; }

  void check(const Bench& bench, Outlook& outlook, Findings& findings) const override {
    if (!outlook.wiring_proved)
      findings.refusals.push_back(
          {Fault::malformed, where_, "expected a configure step first: it proves phase order and signs"});
    if (bench.file().meter != "series-4000-k")
      findings.refusals.push_back(
          {Fault::incapable, where_,
           "there is an oracle for the registers of series-4000-k, none for those of " + bench.file().meter});
    if (const auto refusal = bench.refuses(load_at(bench.file())))
      findings.refusals.push_back({refusal->fault, where_, refusal->what});
  }

  Duration predict(const Bench& bench, Outlook& outlook) const override {
    return outlook.source->apply(load_at(bench.file())) + steady_slot_ + window(bench.file()) + judging_slot_;
  }

  Task<void> run(Run& run) const override {
    run.progress.now_doing(text());
    const auto load = load_at(run.bench.file());
    Time slot = run.clock.now() + run.stimulus.foretell(load);
    co_await run.stimulus.apply(load, 1s);
    co_await run.until(slot, "settling");
    const auto reading = co_await run.stimulus.steady(percent(0.05), slot += steady_slot_);
    // A source that has tripped would look like wrong wiring.
    co_await run.bench.source().check();
    check_stimulus(load, reading);
    co_await run.until(slot, "steady state");
    co_await measure(run, load, slot += window(run.bench.file()));
    co_await run.until(slot += judging_slot_, "judging");
  }

 private:
  std::string text() const { return fmt::format("{} In, PF {}", current_ratio_, show(power_factor_)); }

  LoadPoint load_at(const BenchFile& bench) const {
    return balanced_load(bench.system, system_voltage_, bench.ct_substitute.primary * current_ratio_,
                         power_factor_.lag(), frequency_);
  }

  /// The points that are measured at this load whatever the system type that it is a load for, and whatever scale
  /// factors the meter chose: a large integer may stand where it says nothing.
  std::vector<std::string> measured_in_every_system() const {
    std::map<std::string, std::size_t> counts;
    std::size_t systems = 0;
    for (const SystemType type : system_types) {
      series_4000_k::Configuration configuration;
      configuration.type = type;
      configuration.system_voltage = system_voltage_;
      const auto load = balanced_load(type, system_voltage_, configuration.ct_primary * current_ratio_,
                                      power_factor_.lag(), frequency_);
      Circumstances at{.conditions = conditions(load, configuration, 1)};
      at.truth = at.conditions.nominal;
      for (const auto& point : map_.points()) at.history.before[point.name] = 0;
      const auto expected = expected_registers(map_, at);
      // 480 V is no voltage for a line and neutral.
      if (!expected.at("apparent_power_total_f").judged()) continue;
      ++systems;
      for (const auto& [name, e] : expected)
        if (e.measured && !may_saturate(map_.at(name))) ++counts[name];
    }
    std::vector<std::string> names;
    for (const auto& point : map_.points())
      if (systems > 0 && counts[point.name] == systems) names.push_back(point.name);
    return names;
  }

  static bool may_saturate(const RegisterPoint& point) {
    return point.format == RegisterFormat::uint16 && point.scale != RegisterScale::fixed;
  }

  Conditions conditions(const LoadPoint& load, const series_4000_k::Configuration& configuration,
                        double primary_ratio) const {
    return {.nominal = phasor_metering(phasors(load, primary_ratio), configuration.type),
            .configuration = configuration,
            .ambient = ambient_,
            .percent_of = percent_of_,
            .tables = tables_};
  }

  static Task<void> watch_truth(Run& run, std::vector<ReferenceReading>& into, Time end) {
    into = co_await collect_reference(run, end);
  }
  static Task<void> watch_all(Run& run, Run::Body watch, Time by, Run::Troubles& troubles) {
    troubles = co_await run.side_by_side(std::move(watch), by);
  }

  Task<Look> look(Run& run, Position& position) const {
    Look look;
    look.begin = run.clock.now();
    auto points = series_4000_k::points_of_model(map_, position.firmware);
    look.readings = co_await run.read(position, std::move(points));
    look.end = run.clock.now();
    co_return look;
  }

  Task<void> look_twice(Run& run, Position& position, TwoLooks& looks, Time second) const {
    looks.first = co_await look(run, position);
    co_await run.clock.pause_until(second, {position.number, 0}, "the second reading of all registers");
    looks.second = co_await look(run, position);
  }

  Task<void> measure(Run& run, const LoadPoint& load, Time end) const {
    std::vector<ReferenceReading> truth;
    std::vector<TwoLooks> looks(run.positions.size());
    const Time second = end - reading_slot(run.bench.file());
    const Run::Body body = [this, &run, &looks, second](Position& position) {
      return look_twice(run, position, looks[static_cast<std::size_t>(&position - run.positions.data())], second);
    };
    std::vector<Task<void>> both;
    both.push_back(watch_truth(run, truth, end));
    Run::Troubles troubles;
    both.push_back(watch_all(run, body, end + judging_slot_ - Run::settling, troubles));
    co_await together(run.clock, std::move(both));
    // Nobody is judged by a window in which the source tripped.
    co_await run.bench.source().check();
    check_two_ways(mean_of(truth), load, run.bench.reference().expanded_uncertainty(load));
    const auto refused = troubles;
    co_await run.settle("registers", std::move(troubles));
    for (std::size_t i = 0; i < run.positions.size(); ++i)
      if (!run.positions[i].lost && !refused[i]) judge(run, run.positions[i], load, truth, looks[i]);
    run.record.commit();
  }

  static void record(Run& run, const Position& position, const char* what, const Look& look) {
    nlohmann::ordered_json values = nlohmann::ordered_json::object();
    for (const auto& [name, value] : look.readings)
      values[name] = std::isfinite(value) ? nlohmann::ordered_json(value) : nlohmann::ordered_json();
    run.record.add("reading", {{"position", position.number}, {"what", what}, {"values", std::move(values)}});
  }

  void judge(Run& run, Position& position, const LoadPoint& load, const std::vector<ReferenceReading>& readings,
             const TwoLooks& looks) const {
    record(run, position, "all registers, first", looks.first);
    record(run, position, "all registers, second", looks.second);
    const auto held = series_4000_k::configuration_of(looks.first.readings, "the meter's configuration");
    if (!held) {
      run.judge(position, Verdict::fail, fmt::format("registers: {}: {}", held.error().where, held.error().what));
      return;
    }
    const auto& bench = run.bench.file();
    const double primary_ratio = held->ct_primary / bench.ct_substitute.primary;
    Circumstances at{.conditions = conditions(load, *held, primary_ratio)};
    // What the bench knows better than the meter.
    at.conditions.configuration.type = bench.system;
    at.conditions.configuration.ct_secondary = bench.ct_substitute.secondary.si() == 1.0 ? 1 : 3;
    at.conditions.nominal = phasor_metering(phasors(load, primary_ratio), bench.system);
    at.truth = phasor_metering(phasors_of(mean_of(readings), primary_ratio), bench.system);
    at.firmware = position.firmware;
    const auto exponent = [&](const char* name) { return static_cast<int>(looks.second.readings.at(name)); };
    at.exponents = {exponent("scale_factor_i"), exponent("scale_factor_v"), exponent("scale_factor_w"),
                    exponent("scale_factor_e")};
    at.history = history(looks, at.truth, run.positions[0].meter->refresh());
    judge_points(run, position, at, readings, primary_ratio, looks);
    judge_relations(run, position, at, looks);
  }

  static series_4000_k::History history(const TwoLooks& looks, const Quantities& truth, Duration refresh) {
    series_4000_k::History history;
    history.before = looks.first.readings;
    // A point is asked for at the same stage of both readings, give or take what they took longer or shorter.
    const double between = in_seconds(looks.second.begin - looks.first.begin);
    const double took =
        in_seconds(std::max(looks.first.end - looks.first.begin, looks.second.end - looks.second.begin));
    history.counting_doubt = Seconds{in_seconds(refresh) + took};
    const double hours = between / 3600 / 1000;
    for (std::size_t k = 0; k < 3; ++k) {
      if (!truth.phase[k]) continue;
      history.since.phase_active[k] = std::abs(truth.phase[k]->active.si()) * hours;
      history.since.active += history.since.phase_active[k];
      history.since.reactive += std::abs(truth.phase[k]->reactive.si()) * hours;
      history.since.apparent += truth.phase[k]->apparent.si() * hours;
    }
    return history;
  }

  const RegisterPoint& float_of(const RegisterPoint& point) const {
    return point.format == RegisterFormat::float32 || !point.twin ? point : *map_.find(*point.twin);
  }

  void judge_points(Run& run, Position& position, const Circumstances& at,
                    const std::vector<ReferenceReading>& readings, double primary_ratio, const TwoLooks& looks) const {
    const auto& bench = run.bench.file();
    const RegisterTruth truth{at.truth, at.history.since, run.bench.reference().expanded_uncertainty(load_at(bench)),
                              bench.ct_substitute, at.conditions.configuration.per_pulse};
    const auto spreads = spreads_of(readings, load_at(bench), bench.system, primary_ratio);
    nlohmann::ordered_json open = nlohmann::ordered_json::object();
    const auto expected = expected_registers(map_, at);
    for (const auto& [name, reading] : looks.second.readings) {
      const auto& point = map_.at(name);
      const auto& e = expected.at(name);
      if (!e.judged()) {
        open[name] = e.basis.clause;
      } else if (e.measured && std::isfinite(reading)) {
        const auto spread = spreads.find(float_of(point).name);
        run.judge(position, measurement(run, position, point, e, looks,
                                        register_budget(float_of(point).name, point.unit, truth,
                                                        spread == spreads.end() ? nullptr : &spread->second)));
      } else if (const auto objection = e.objection(reading); !objection.empty()) {
        run.judge(position, Verdict::fail,
                  fmt::format("{} (register {}) {}: {}", name, point.number, objection, e.basis.clause));
      }
    }
    run.record.add(
        "reading",
        {{"position", position.number}, {"what", "points without verdict, and why"}, {"values", std::move(open)}});
  }

  Measurement measurement(const Run& run, const Position& position, const RegisterPoint& point, const Expectation& e,
                          const TwoLooks& looks, Budget budget) const {
    const double reading = looks.second.readings.at(point.name);
    const double before = e.since_before ? looks.first.readings.at(point.name) : 0;
    const auto& range = e.nearest(reading);
    Measurement m;
    m.position = position.number;
    m.name = point.name;
    m.point = text();
    m.current_ratio = current_ratio_;
    m.power_factor = show(power_factor_);
    m.method = fmt::format("register {}", point.number);
    m.value = reading - before;
    m.unit = point.unit;
    m.lower = range.lower - before;
    m.upper = range.upper - before;
    m.resolution = e.resolution;
    m.rule = run.plan.rule;
    m.standard = e.basis.standard;
    m.edition = e.basis.edition;
    m.clause = e.basis.clause;
    m.mark = e.basis.mark;
    m.verdict = decide(m.value, budget.expanded(), *m.lower, *m.upper, run.plan.rule);
    m.budget = std::move(budget);
    return m;
  }

  void judge_relations(Run& run, Position& position, const Circumstances& at, const TwoLooks& looks) const {
    std::set<std::string> told;
    // What a block told earlier and another one later may have been renewed between them, once or more.
    series_4000_k::RenewalSlack slack;
    slack.kilo_hours =
        at.history.since.apparent / in_seconds(looks.second.begin - looks.first.begin) * at.history.counting_doubt.si();
    slack.pulses = 1 + slack.kilo_hours * 1000 / in_watt_hours(at.conditions.configuration.per_pulse);
    double apparent_kilo = 0;
    for (const auto& phase : at.truth.phase)
      if (phase) apparent_kilo += phase->apparent.si() / 1000;
    const Duration refresh = run.positions[0].meter->refresh();
    std::set<std::string> demands_before;
    for (const auto* look : {&looks.first, &looks.second}) {
      // A mean that runs along moves by no more than its share of the time since this load came, the steady slot at
      // least.
      const Duration loaded = look->begin - looks.first.begin + steady_slot_;
      slack.demand = apparent_kilo * std::min(1.0, in_seconds(look->end - look->begin + refresh) / in_seconds(loaded));
      for (const auto& what : contradictions(map_, look->readings, at.conditions.configuration, at.exponents, slack))
        if (what.demand.empty() || !demands_before.insert(what.demand).second) told.insert(what.text);
    }
    for (const char* name : {"scale_factor_i", "scale_factor_v", "scale_factor_w", "scale_factor_e"})
      if (looks.first.readings.at(name) != looks.second.readings.at(name))
        told.insert(fmt::format("{} changed from {} to {} though nothing was configured", name,
                                looks.first.readings.at(name), looks.second.readings.at(name)));
    for (const auto& [name, value] : looks.second.readings) {
      const auto& point = map_.at(name);
      if (point.format != RegisterFormat::float32 || std::isnan(value)) continue;
      // At an end of its range a frequency may be told a last digit beyond it.
      const double beyond = name == "frequency_f" ? 0.01 : 0;
      if ((point.minimum && value < *point.minimum - beyond) || (point.maximum && value > *point.maximum + beyond))
        told.insert(fmt::format("{} (register {}) reads {}, outside its printed range", name, point.number, value));
    }
    for (const auto& what : told) run.judge(position, Verdict::fail, "registers: " + what);
  }

  // Three readings of the reference that agree, with some to spare.
  static constexpr Duration steady_slot_ = 10s;
  // All blocks at 1200 baud, with a repeat.
  static constexpr Duration reading_alone_ = 6s;
  static Duration reading_slot(const BenchFile& bench) {
    return PortTime{bench}.with_neighbours(reading_alone_, 6, 90);
  }
  static constexpr Duration shortest_window = 2 * reading_alone_;
  /// The plan's, or as long as it takes to read all meters of a port twice.
  Duration window(const BenchFile& bench) const { return std::max(window_, 2 * reading_slot(bench)); }
  // What is left of the second reading where every answer takes a second, at 1200 baud and in pieces of 32 registers,
  // and the decision.
  static constexpr Duration judging_slot_ = 12s;

  std::string where_;
  std::string name_ = "registers";
  RegisterMap map_;
  series_4000_k::ClassTables tables_;
  Voltage system_voltage_;
  Frequency frequency_;
  double current_ratio_{};
  PowerFactor power_factor_;
  Temperature ambient_{25};
  series_4000_k::PercentOf percent_of_ = series_4000_k::PercentOf::reading;
  Duration window_ = 20s;
  std::vector<std::string> promises_;
};

const bool registers_listed = steps().add("registers", "every register of the meter against the oracle, at one load",
                                          [](const Settings& at) { return std::make_unique<Registers>(at); });

}  // namespace

}  // namespace blondel
