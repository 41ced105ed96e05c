#include <fmt/format.h>

#include <limits>

#include "rig/run.hpp"
#include "rig/step.hpp"
#include "rig/steps/no_limit.hpp"
#include "rig/steps/oracle_answer.hpp"
#include "rig/steps/permitted_reading.hpp"
#include "rig/steps/reading_names.hpp"

namespace blondel {

namespace {

/// Compares a reading, or the difference or ratio of two, with what it should be: a number, an earlier reading, what
/// the oracle says, or any of several things where the data sheet leaves it open.
class Expect final : public Step {
 public:
  explicit Expect(const Settings& at) : where_{at.where()}, that_{read_term(at.at("that"))} {
    if (const auto is = at.find("is")) {
      if (is->is_sequence())
        for (const auto& item : is->items()) permitted_.push_back(read_permitted(item));
      else
        permitted_.push_back(read_permitted(*is));
      if (permitted_.empty()) throw is->failure("expected at least one permitted reading");
    }
    for (const auto& p : permitted_)
      if (p.sort == Sort::no_value && that_.sort == ReadingTerm::Sort::difference)
        throw Failure{Fault::malformed, p.where,
                      fmt::format("a difference with 'no value' does not say which of '{}' and '{}' has none; ask for "
                                  "each of them",
                                  that_.left, that_.right)};
    if (const auto within = at.find("within")) {
      within_ = value_or_throw(parse_unit_value(within->text(), within->where()));
      within_where_ = within->where();
      if (within_->number < 0) throw within->failure("expected a tolerance of 0 or more");
      if (permitted_.empty()) throw within->failure("expected 'is' beside 'within'");
    }
    if (const auto least = at.find("at_least")) least_ = read_bound(*least);
    if (const auto most = at.find("at_most")) most_ = read_bound(*most);
    check_bounds(at);
    if (permitted_.empty() != (least_ || most_))
      throw at.failure("expected either 'is', or 'at_least' and 'at_most' or one of them");
    if (within_ && is_a_share(*within_) && within_->number > 0 && only_zero())
      throw at.at("within").failure(
          fmt::format("{} of 0 is a tolerance of nothing; say how far from 0 it may be, such as 'within: 5{}{}'",
                      at.at("within").text(), permitted_[0].number.unit.symbol.empty() ? "" : " ",
                      small_unit(permitted_[0].number.unit)));
    if (asks_the_oracle() && permitted_.size() > 1) throw at.at("is").failure("expected 'oracle' alone, not in a list");
    name_ = "expect " + that_.text();
    if (const auto name = at.find("name")) name_ = name->text();
  }

  std::string kind() const override { return "expect"; }
  std::string name() const override { return name_; }
  bool leaves_the_load() const override { return true; }
  std::vector<std::string> promises(const Bench&) const override {
    const bool open = std::ranges::any_of(permitted_, [](const PermittedReading& p) { return !p.is_a_number(); });
    // Bits and "no value" are judged without a number.
    return open ? std::vector<std::string>{} : std::vector<std::string>{that_.text()};
  }

  void check(const Bench&, Outlook& outlook, Findings& findings) const override {
    const auto unit = that_.unit(outlook, findings);
    if (!unit) return;
    const auto go_together = [&](const Unit& other, const std::string& text, const std::string& where) {
      if (same_dimension(*unit, other)) return;
      findings.refusals.push_back({Fault::malformed, where,
                                   fmt::format("units do not go together: '{}' is {}, '{}' is {}", that_.text(),
                                               in_words(*unit), text, in_words(other))});
    };
    for (const auto& all : {permitted_, bounds()})
      for (const auto& p : all)
        if (const auto other = p.unit(outlook, findings)) go_together(*other, p.text(), p.where);
    const bool share = within_ && within_->unit.dimension == "ratio";
    if (within_ && !share) go_together(within_->unit, show(within_->number, within_->unit), within_where_);
    if (asks_the_oracle()) check_oracle(outlook, findings, permitted_[0].where, false);
    if (bounded_by_the_oracle()) check_oracle(outlook, findings, most_->where, true);
  }

  Duration predict(const Bench&, Outlook&) const override { return {}; }

  Task<void> run(Run& run) const override {
    for (std::size_t i = 0; i < run.positions.size(); ++i)
      if (!run.positions[i].lost) judge(run, i);
    run.record.commit();
    co_return;
  }

 private:
  /// Between which numbers a value must lie, in the unit of `that`.
  struct Limits {
    double lower = -no_limit, upper = no_limit;
    std::string text;  ///< which permitted reading this is
    double beyond(double value) const { return std::max({lower - value, value - upper, 0.0}); }
  };

  using Sort = PermittedReading::Sort;

  static PermittedReading read_bound(const Settings& at) {
    auto bound = read_permitted(at);
    if (bound.sort == Sort::no_value) throw at.failure("expected a number or the name of a reading");
    return bound;
  }

  void check_bounds(const Settings& at) const {
    if (least_ && least_->sort == Sort::oracle)
      throw at.at("at_least").failure("the oracle says what there is 'at_most', or what it 'is'");
    if (bounded_by_the_oracle() && that_.sort != ReadingTerm::Sort::difference)
      throw at.at("at_most").failure(
          "the oracle says what there is at most between two readings: expected 'that: "
          "second - first'");
    if (!least_ || !most_ || least_->sort != Sort::number || most_->sort != Sort::number) return;
    const auto &low = least_->number, &high = most_->number;
    if (same_dimension(low.unit, high.unit) && low.in(high.unit) > high.number)
      throw at.at("at_most").failure(fmt::format(
          "nothing is at least {} and at most {}; expected at_most to be no less", least_->text(), most_->text()));
  }

  std::vector<PermittedReading> bounds() const {
    std::vector<PermittedReading> all;
    if (least_) all.push_back(*least_);
    if (most_) all.push_back(*most_);
    return all;
  }

  bool bounded_by_the_oracle() const { return most_ && most_->sort == Sort::oracle; }
  static std::string in_words(const Unit& unit) {
    return unit.symbol.empty() ? "a plain number" : fmt::format("{} ({})", unit.dimension, unit.symbol);
  }
  static bool is_a_share(const UnitValue& value) { return value.unit.dimension == "ratio"; }
  /// Whether every number that is permitted is a zero.
  bool only_zero() const {
    return std::ranges::any_of(permitted_, [](const auto& p) { return p.is_a_number(); }) &&
           std::ranges::none_of(permitted_, [](const auto& p) {
             return p.is_a_number() && (p.sort != PermittedReading::Sort::number || p.number.number != 0);
           });
  }
  /// Without its prefix: "W" for kW.
  static std::string small_unit(const Unit& unit) {
    const bool prefixed = unit.factor >= 1000 && unit.symbol.size() > 1 && unit.dimension != "time";
    return prefixed ? unit.symbol.substr(1) : unit.symbol;
  }
  bool asks_the_oracle() const {
    return std::ranges::any_of(permitted_, [](const auto& p) { return p.sort == PermittedReading::Sort::oracle; });
  }

  /// @param most  only an upper limit is asked for
  void check_oracle(const Outlook& outlook, Findings& findings, const std::string& where, bool most) const {
    const auto refuse = [&](std::string what) {
      findings.refusals.push_back({Fault::malformed, where, std::move(what)});
    };
    if (that_.sort == ReadingTerm::Sort::ratio) return refuse("the oracle says nothing of a ratio of two readings");
    const auto& last = *outlook.readings.find(that_.left);
    if (last.load == 0)
      return refuse(fmt::format(
          "the oracle must know the load under which '{}' is read; expected an apply step before it", that_.left));
    if (that_.sort == ReadingTerm::Sort::reading) {
      if (counts_up(last.point))
        refuse(fmt::format("what {} reads depends on its past; ask for the difference of two readings", last.point));
      return;
    }
    const auto& first = *outlook.readings.find(that_.right);
    if (first.point != last.point || !counts_up(last.point))
      refuse("of differences the oracle knows those of two readings of one energy register or pulse counter");
    else if (first.load != last.load)
      refuse(fmt::format("the load changes between '{}' and '{}'; the oracle knows what went through at one load",
                         that_.right, that_.left));
    else if (const auto* upset = most ? nullptr : upset_between(outlook, first, last))
      refuse(
          fmt::format("between the readings '{}' and '{}' the step '{}' ({}) {}: their difference is not what went "
                      "through alone; read anew after it, or say 'at_least' and 'at_most'",
                      that_.right, that_.left, upset->step, upset->where, upset->what));
  }

  /// The first thing between two readings that changes what is counted, or null.
  static const Upset* upset_between(const Outlook& outlook, const ReadingForecast& first, const ReadingForecast& last) {
    const bool energy = last.point.find("energy") != std::string::npos;
    // Which one stands first in the difference is the plan's own business.
    const auto [from, to] = std::minmax(first.upsets, last.upsets);
    for (auto i = from; i < to; ++i)
      if (energy ? outlook.upsets[i].energies : outlook.upsets[i].pulse_counters) return &outlook.upsets[i];
    return nullptr;
  }

  void judge(Run& run, std::size_t i) const {
    auto& position = run.positions[i];
    const auto value = that_.value(run, i);
    if (!value) {
      run.judge(position, Verdict::inconclusive, fmt::format("{}: {} was not read", name_, that_.text()));
      return;
    }
    if (asks_the_oracle()) return judge_by_oracle(run, i, *value);
    if (std::isnan(*value)) {
      const auto none = std::ranges::find(permitted_, PermittedReading::Sort::no_value, &PermittedReading::sort);
      if (none == permitted_.end())
        run.judge(position, Verdict::fail, fmt::format("{}: {} has no value", name_, that_.text()));
      else
        note_seen(run, position, "no value");
      return;
    }
    if (const auto unknown = unknown_bound(run, i); !unknown.empty())
      return run.judge(position, Verdict::inconclusive, fmt::format("{}: {}", name_, unknown));
    const auto all = limits(run, i);
    if (all.empty()) {
      run.judge(position, Verdict::fail,
                fmt::format("{}: {} reads {}, expected no value", name_, that_.text(), show(*value, that_.unit(run))));
      return;
    }
    const auto nearest = *std::ranges::min_element(all, {}, [&](const Limits& l) { return l.beyond(*value); });
    if (permitted_.size() > 1) note_seen(run, position, nearest.beyond(*value) == 0 ? nearest.text : "none of them");
    auto m = measurement(run, i, *value);
    if (nearest.lower > -no_limit) m.lower = nearest.lower;
    if (nearest.upper < no_limit) m.upper = nearest.upper;
    m.verdict = decide(m.value, 0, nearest.lower, nearest.upper, run.plan.rule);
    run.judge(position, m);
  }

  /// Which of several permitted readings it was: another one some day is a finding.
  void note_seen(Run& run, const Position& position, const std::string& which) const {
    run.record.add(
        "reading",
        {{"position", position.number}, {"what", name_ + ": which permitted reading"}, {"values", {{"seen", which}}}});
  }

  std::vector<Limits> limits(const Run& run, std::size_t i) const {
    const auto unit = that_.unit(run);
    std::vector<Limits> all;
    for (const auto& p : permitted_) {
      const auto value = p.value(run, i, unit);
      if (!value || std::isnan(*value)) continue;
      const double half = half_width(*value, unit);
      Limits one;
      one.lower = *value - half;
      one.upper = *value + half;
      one.text = p.text();
      all.push_back(one);
    }
    if (!permitted_.empty()) return all;
    Limits bounds;
    if (least_) bounds.lower = *least_->value(run, i, unit);
    if (most_) bounds.upper = bounded_by_the_oracle() ? most_by_oracle(run, i) : *most_->value(run, i, unit);
    all.push_back(bounds);
    return all;
  }

  /// What went through between the two readings, with what its limit adds.
  double most_by_oracle(const Run& run, std::size_t i) const {
    return std::ranges::max(oracle_of_the_difference(run, i).expectation.values, {}, &series_4000_k::Permitted::upper)
        .upper;
  }
  OracleAnswer oracle_of_the_difference(const Run& run, std::size_t i) const {
    return ask_oracle(run, i, *run.readings.find(that_.left), run.readings.find(that_.right), true);
  }

  /// Why a bound is not known at a position; else empty.
  std::string unknown_bound(const Run& run, std::size_t i) const {
    for (const auto& bound : bounds()) {
      if (bound.sort == Sort::oracle) {
        const auto answer = oracle_of_the_difference(run, i);
        if (!answer.expectation.judged() || answer.expectation.values.empty())
          return "the oracle is silent: " + answer.expectation.basis.clause;
      } else if (const auto value = bound.value(run, i, that_.unit(run)); !value || std::isnan(*value)) {
        return bound.text() + (value ? " has no value" : " was not read");
      }
    }
    return {};
  }

  /// A percentage is one of the value that is expected.
  double half_width(double expected, const Unit& unit) const {
    if (!within_) return 0;
    if (within_->unit.dimension == "ratio") return std::abs(expected) * within_->number * within_->unit.factor;
    return within_->in(unit);
  }

  Measurement measurement(const Run& run, std::size_t i, double value) const {
    Measurement m;
    m.position = run.positions[i].number;
    m.name = that_.text();
    m.point = name_;
    m.value = value;
    m.unit = that_.unit(run).symbol;
    m.rule = run.plan.rule;
    return m;
  }

  void judge_by_oracle(Run& run, std::size_t i, double value) const {
    auto& position = run.positions[i];
    const auto& reading = *run.readings.find(that_.left);
    const auto* before = that_.sort == ReadingTerm::Sort::difference ? run.readings.find(that_.right) : nullptr;
    const auto answer = ask_oracle(run, i, reading, before);
    const auto& e = answer.expectation;
    if (!e.judged()) {
      run.judge(position, Verdict::inconclusive, fmt::format("{}: the oracle is silent: {}", name_, e.basis.clause));
      return;
    }
    if (!e.measured || !std::isfinite(value)) {
      const auto objection = e.objection(value);
      run.record.add(
          "reading",
          {{"position", position.number},
           {"what", name_ + ": by the oracle"},
           {"values",
            {{"reads", std::isfinite(value) ? nlohmann::ordered_json(value) : nlohmann::ordered_json("no value")},
             {"permitted", objection.empty()}}}});
      if (!objection.empty())
        run.judge(position, Verdict::fail,
                  fmt::format("{}: {} {}: {}", name_, that_.text(), objection, e.basis.clause));
      return;
    }
    const auto& range = e.nearest(value);
    auto m = measurement(run, i, value);
    const double half = half_width(range.value, that_.unit(run));
    m.lower = within_ ? range.value - half : range.lower;
    m.upper = within_ ? range.value + half : range.upper;
    if (!within_) {
      m.standard = e.basis.standard;
      m.edition = e.basis.edition;
      m.clause = e.basis.clause;
      m.mark = e.basis.mark;
    }
    m.verdict = decide(value, answer.budget->expanded(), *m.lower, *m.upper, run.plan.rule);
    m.budget = answer.budget;
    run.judge(position, m);
  }

  std::string where_, name_;
  ReadingTerm that_;
  std::vector<PermittedReading> permitted_;
  std::optional<UnitValue> within_;
  std::string within_where_;
  std::optional<PermittedReading> least_, most_;
};

const bool expect_listed = steps().add("expect", "compares a reading with a number, another reading or the oracle",
                                       [](const Settings& at) { return std::make_unique<Expect>(at); });

}  // namespace

}  // namespace blondel
