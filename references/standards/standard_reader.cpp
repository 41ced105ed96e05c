#include "references/standards/standard_reader.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

#include "references/nearest_name.hpp"
#include "references/quantity_text.hpp"
#include "references/standards/row_reader.hpp"
#include "references/standards/standard_head.hpp"
#include "references/standards/table_checks.hpp"

namespace blondel {
namespace {

/// Every one of these says something about every class, be it that it is not covered.
const std::vector<std::string> sections{
    "balanced",   "single_phase",        "difference",    "starting_current", "start_verdict",
    "no_load",    "meter_constant",      "repeatability", "uncertainty",      "interpretation_allowance",
    "influences", "reference_conditions"};

Ratio ratio_above_0(const Settings& at) {
  const auto value = at.ratio();
  if (!(value.si() > 0)) throw at.failure("expected a limit above 0, found '" + at.text() + "'");
  return value;
}

/// Beyond it a limit is a slip of the keyboard: the loosest of our standards is 6 %.
constexpr double largest_limit_percent = 20;

Ratio limit_within_reason(const Settings& at, Ratio limit) {
  if (in_percent(limit) > largest_limit_percent)
    throw at.failure(fmt::format("expected a limit of at most {} %, found '{}'", largest_limit_percent, at.text()));
  return limit;
}

int count(const Settings& at, long long least) {
  const auto value = at.integer();
  if (value < least || value > 1000) throw at.failure(fmt::format("expected {} to 1000, found {}", least, value));
  return static_cast<int>(value);
}

struct Variation {
  Ratio lower, upper;
  bool per_kelvin{};
};

/// "0.1 %", "0.03 %/K", "-100 % to 10 %"
Variation read_variation(const Settings& at) {
  auto text = at.text();
  const auto read = [&](std::string_view part) { return value_or_throw(parse_ratio(part, at.where())); };
  if (const auto to = text.find(" to "); to != std::string::npos) {
    const Variation v{read(text.substr(0, to)), read(text.substr(to + 4)), false};
    if (!(v.lower < v.upper)) throw at.failure("the band ends before it begins");
    return v;
  }
  const bool per_kelvin = text.ends_with("/K");
  if (per_kelvin) text.resize(text.size() - 2);
  const auto limit = read(text);
  if (!(limit.si() > 0)) throw at.failure("expected a limit above 0, found '" + at.text() + "'");
  limit_within_reason(at, limit);
  return {-limit, limit, per_kelvin};
}

class Reader {
 public:
  Reader(const Settings& file, StandardHead head)
      : file_{file}, words_{std::move(head.words)}, data_{std::move(head.data)} {}

  StandardData read() {
    limits("balanced", "balanced");
    limits("single_phase", "single-phase");
    differences();
    starting();
    no_load();
    constants();
    repeatability();
    uncertainty();
    influences();
    conditions();
    others();
    absent("not_covered", data_.not_covered);
    absent("left_open", data_.left_open);
    scope();
    file_.finish();
    check_complete();
    check_tables("balanced", "balanced");
    check_tables("single_phase", "single-phase");
    return std::move(data_);
  }

 private:
  std::vector<Settings> rows(const char* section) const { return section_rows(file_, section); }

  /// A section of rows that need no more than their cells. `key` is what tells the classes.
  template <class Make>
  void section(const char* name, const std::string& key, const std::string& item, Make make) {
    for (const auto& at : rows(name)) {
      const RowReader row{at, words_, name};
      note(row.read(
          key, item, [&](const std::string& c) { return make.printed(row, c); },
          [&](const Applies& to, const CurrentColumn& connection) { make(row, to, connection); }));
    }
  }

  void note(StandardRow row) { data_.rows.push_back(std::move(row)); }

  double ratio(const RatedCurrent& current, const Applies& to, const CurrentColumn& connection,
               const Settings& at) const {
    return value_or_throw(ratio_to_rated(current, connection, to.class_name, std::nullopt, at.where()));
  }

  void limits(const char* key, const std::string& load) {
    std::vector<LimitRow>* into = nullptr;
    std::map<std::pair<std::string, std::string>, std::vector<LimitRow>> tables;
    for (const auto& at : rows(key)) {
      const RowReader row{at, words_, key};
      const auto factors = row.factors();
      check_factors(at, factors);
      const auto ends = at.find("ends");
      if (ends && ends->text().empty()) throw ends->failure("expected why no limit stands above, found nothing");
      auto printed = row.read(
          "limits", load + " load", [&](const std::string& c) { return row.needed("limits", c).text(); },
          [&](const Applies& to, const CurrentColumn& connection) {
            into = &tables[{to.class_name, connection.name}];
            for (const auto& factor : factors) into->push_back(limit_row(row, factor, to, connection));
            if (ends) ended_.insert(into->back().where);
          });
      if (ends) printed.note += (printed.note.empty() ? "ends: " : "; ends: ") + ends->text();
      note(std::move(printed));
    }
    for (const auto& class_name : data_.classes)
      for (const auto& connection : words_.connections)
        if (const auto found = tables.find({class_name, connection.name}); found != tables.end())
          data_.tables.push_back({class_name, connection.name, LimitTable{found->second, load, data_.file}});
  }

  void check_factors(const Settings& at, const std::vector<FactorCell>& factors) const {
    const bool reactive = data_.energy == MeteredEnergy::reactive;
    for (const auto& factor : factors)
      if (reactive ? !factor.sine : !factor.power_factor)
        throw at.failure(reactive ? "a limit of reactive energy names its 'sine'"
                                  : "a limit of active energy names its 'power_factor'");
  }

  LimitRow limit_row(const RowReader& row, const FactorCell& factor, const Applies& to,
                     const CurrentColumn& connection) {
    const auto span = row.currents(connection.name);
    if (!span) throw row.at().failure("a limit names its 'currents'");
    const auto& [currents, at] = *span;
    LimitRow r;
    if (factor.power_factor) r.power_factor = *factor.power_factor;
    r.through = factor.through;
    r.sine = factor.sine;
    r.from = ratio(currents.from, to, connection, at);
    if (currents.to != RatedCurrent{1, "Imax"} || currents.from == currents.to) {
      r.below = ratio(currents.to, to, connection, at);
      r.with_end = currents.with_end;
    } else if (!currents.with_end) {
      throw at.failure("a range up to Imax includes it: write '<= Imax'");
    }
    const auto cell = row.needed("limits", to.class_name);
    auto text = cell.text();
    if (const auto grows = text.find(" * Imin/I"); grows != std::string::npos && text.ends_with(" * Imin/I")) {
      text.resize(grows);
      r.grows_below = ratio({1, "Imin"}, to, connection, cell);
    }
    r.limit = value_or_throw(parse_ratio(text, cell.where()));
    if (!(r.limit.si() > 0)) throw cell.failure("expected a limit above 0, found '" + cell.text() + "'");
    limit_within_reason(cell, r.limit);
    r.standard = data_.name + " class " + to.class_name;
    r.edition = data_.edition;
    r.clause = to.from.clause;
    r.mark = to.from.mark;
    r.source = to.from.source;
    r.where = at.where();
    r.on_request = row.on_request();
    return r;
  }

  void differences() {
    struct {
      Reader& self;
      std::string printed(const RowReader& row, const std::string& c) const { return row.needed("limits", c).text(); }
      void operator()(const RowReader& row, const Applies& to, const CurrentColumn& connection) const {
        const auto span = row.currents(connection.name);
        if (!span) throw row.at().failure("a difference names its 'currents'");
        const auto cell = row.needed("limits", to.class_name);
        for (const auto& factor : row.factors())
          self.data_.differences.push_back({to, self.ratio(span->first.from, to, connection, span->second), factor.text,
                                            limit_within_reason(cell, ratio_above_0(cell))});
      }
    } make{*this};
    section("difference", "limits", "single-phase less balanced", make);
  }

  void starting() {
    struct {
      Reader& self;
      std::string printed(const RowReader& row, const std::string& c) const { return row.needed("current", c).text(); }
      void operator()(const RowReader& row, const Applies& to, const CurrentColumn& connection) const {
        const auto at = row.needed("current", to.class_name);
        const auto current = value_or_throw(parse_rated_current(at.text(), at.where()));
        self.data_.starting.push_back({to, self.ratio(current, to, connection, at)});
      }
    } make{*this};
    section("starting_current", "current", "starting current", make);
    struct {
      Reader& self;
      std::string printed(const RowReader& row, const std::string& c) const {
        const auto times = row.cell("times", c);
        return row.needed("verdict", c).text() + (times ? " (" + times->text() + " times the pulse time)" : "");
      }
      void operator()(const RowReader& row, const Applies& to, const CurrentColumn&) const {
        StartVerdict v;
        v.to = to;
        const auto word = row.needed("verdict", to.class_name).one_of({"keeps registering", "pulses in time"});
        v.kind = word == 0 ? StartVerdict::Kind::keeps_registering : StartVerdict::Kind::pulses_in_time;
        if (word == 1) v.times = above_0(row.needed("times", to.class_name));
        self.data_.start_verdicts.push_back(v);
      }
    } verdict{*this};
    section("start_verdict", "verdict", "it starts when it", verdict);
  }

  void no_load() {
    struct {
      Reader& self;
      std::string printed(const RowReader& row, const std::string& c) const {
        const auto voltage =
            row.needed("voltage", c).text() + " Un, at most " + row.needed("pulses", c).text() + " pulse in ";
        if (const auto time = row.cell("time", c)) return voltage + time->text();
        return voltage + row.needed("numerator", c).text() + "/(" + row.needed("over", c).text() + ") " +
               row.needed("unit", c).text();
      }
      void operator()(const RowReader& row, const Applies& to, const CurrentColumn&) const {
        NoLoad rule;
        rule.to = to;
        rule.voltage = ratio_above_0(row.needed("voltage", to.class_name));
        rule.most_pulses = count(row.needed("pulses", to.class_name), 0);
        if (const auto time = row.cell("time", to.class_name)) {
          rule.over = NoLoad::Over::nothing;
          rule.unit = Seconds{std::chrono::duration<double>(time->duration()).count()};
          if (!(rule.unit.si() > 0)) throw time->failure("expected a time above 0");
        } else {
          rule.over = static_cast<NoLoad::Over>(
              row.needed("over", to.class_name).one_of({"k*m*Un*Imax", "k*m*Utest*Ist", "b*k*m*Un*Imin"}));
          rule.numerator = above_0(row.needed("numerator", to.class_name));
          rule.unit = Seconds{row.needed("unit", to.class_name).one_of({"min", "h"}) == 0 ? 60.0 : 3600.0};
        }
        self.data_.no_load.push_back(rule);
      }
    } make{*this};
    section("no_load", "numerator", "no-load", make);
  }

  void constants() {
    struct {
      Reader& self;
      std::string printed(const RowReader& row, const std::string& c) const {
        const auto share = row.cell("share_of_limit", c), factor = row.cell("energy_factor", c);
        return (share ? "differ by at most " + share->text() + " of the limit" : "agree") +
               (factor ? ", test energy at least " + factor->text() + " R/b Wh" : "");
      }
      void operator()(const RowReader& row, const Applies& to, const CurrentColumn&) const {
        ConstantAgreement agreement{to, {}, {}};
        if (const auto share = row.cell("share_of_limit", to.class_name)) agreement.share_of_limit = above_0(*share);
        if (const auto factor = row.cell("energy_factor", to.class_name)) agreement.energy_factor = above_0(*factor);
        self.data_.constants.push_back(agreement);
      }
    } make{*this};
    section("meter_constant", "share_of_limit", "register and pulses", make);
  }

  void repeatability() {
    struct {
      Reader& self;
      std::string printed(const RowReader& row, const std::string& c) const {
        return fmt::format("at least {} runs, spread at most {} of the limit", row.needed("runs", c).text(),
                           row.needed("share_of_limit", c).text());
      }
      void operator()(const RowReader& row, const Applies& to, const CurrentColumn&) const {
        self.data_.repeatability.push_back(
            {to, count(row.needed("runs", to.class_name), 2), above_0(row.needed("share_of_limit", to.class_name))});
      }
    } make{*this};
    section("repeatability", "share_of_limit", "repeatability", make);
  }

  void uncertainty() {
    struct {
      Reader& self;
      std::string printed(const RowReader& row, const std::string& c) const {
        const bool reduces = row.at().has("may_reduce_limit") && yes_or_no(row.at().at("may_reduce_limit"));
        return fmt::format("U (k = {}) at most {} of the limit{}", row.needed("coverage_factor", c).text(),
                           row.needed("share_of_limit", c).text(), reduces ? ", else the limit shrinks" : "");
      }
      void operator()(const RowReader& row, const Applies& to, const CurrentColumn&) const {
        const auto reduces = row.at().find("may_reduce_limit");
        self.data_.uncertainty.push_back({to, above_0(row.needed("share_of_limit", to.class_name)),
                                          above_0(row.needed("coverage_factor", to.class_name)),
                                          reduces && yes_or_no(*reduces)});
      }
    } make{*this};
    section("uncertainty", "share_of_limit", "uncertainty", make);
    struct {
      Reader& self;
      std::string printed(const RowReader& row, const std::string& c) const { return row.needed("shift", c).text(); }
      void operator()(const RowReader& row, const Applies& to, const CurrentColumn&) const {
        self.data_.allowances.push_back({to, ratio_above_0(row.needed("shift", to.class_name))});
      }
    } allowance{*this};
    section("interpretation_allowance", "shift", "all errors shifted by at most", allowance);
  }

  void influences() {
    for (const auto& at : rows("influences")) {
      const RowReader row{at, words_, "influences"};
      const auto word = at.at("influence");
      const auto influence = influence_words()[word.one_of(influence_words())];
      const auto change = at.has("change") ? at.at("change").text() : std::string{};
      note(row.read(
          "limits", influence + (change.empty() ? "" : " " + change),
          [&](const std::string& c) { return row.needed("limits", c).text(); },
          [&](const Applies& to, const CurrentColumn& connection) {
            const auto limit = read_variation(row.needed("limits", to.class_name));
            const auto span = row.currents(connection.name);
            for (const auto& factor : row.factors())
              data_.influences.push_back({to, influence, change, span ? std::optional{span->first} : std::nullopt,
                                          factor.text, limit.lower, limit.upper, limit.per_kelvin, row.on_request()});
          }));
    }
  }

  void conditions() {
    for (const auto& at : rows("reference_conditions")) {
      const RowReader row{at, words_, "reference_conditions"};
      const auto quantity = at.at("quantity").text(), reference = at.at("reference").text();
      const auto tolerance = [&](const std::string& c) {
        const auto cell = row.cell("tolerance", c);
        return cell ? cell->text() : std::string{};
      };
      note(row.read(
          "tolerance", quantity,
          [&](const std::string& c) { return tolerance(c).empty() ? reference : reference + ", ± " + tolerance(c); },
          [&](const Applies& to, const CurrentColumn&) {
            data_.conditions.push_back({to, quantity, reference, tolerance(to.class_name)});
          }));
    }
  }

  void others() {
    for (const auto& at : rows("other")) {
      const RowReader row{at, words_, "other"};
      const auto item = at.at("item").text();
      note(row.read(
          "value", item, [&](const std::string& c) { return row.needed("value", c).text(); },
          [&](const Applies& to, const CurrentColumn&) {
            data_.others.push_back({to, item, row.needed("value", to.class_name).text()});
          }));
    }
  }

  void absent(const char* key, std::vector<Absent>& into) {
    auto known = sections;
    known.push_back("other");
    for (const auto& at : rows(key)) {
      Absent a;
      a.section = known[at.at("section").one_of(known)];
      a.what = at.at("what").text();
      a.why = at.at("why").text();
      if (const auto some = at.find("classes"))
        for (const auto& one : some->items()) a.classes.push_back(data_.classes[one.one_of(data_.classes)]);
      else
        a.classes = data_.classes;
      at.finish();
      into.push_back(std::move(a));
    }
  }

  void scope() {
    for (const auto& at : rows("scope")) {
      const RowReader row{at, words_, "scope"};
      const auto text = at.at("text").text();
      ScopeNote one{text, {}};
      row.read(
          "text", text, [](const std::string&) { return std::string{}; },
          [&](const Applies& to, const CurrentColumn&) { one.from = to.from; });
      data_.scope.push_back(std::move(one));
    }
  }

  void check_complete() const {
    for (const auto& c : data_.classes) {
      const auto of_class = [&](const auto& list) { return std::ranges::find(list, c) != list.end(); };
      if (std::ranges::none_of(words_.connections, [&](const CurrentColumn& one) { return of_class(one.classes); }))
        throw file_.at("classes").failure(fmt::format("class {} has no connection", c));
      for (const auto& connection : words_.connections)
        if (of_class(connection.classes) && std::ranges::none_of(data_.tables, [&](const StandardData::Table& table) {
              return table.class_name == c && table.connection == connection.name &&
                     table.limits.load_kind() == "balanced";
            }))
          throw file_.at("classes").failure(fmt::format(
              "class {} has no table of limits under balanced load for the connection {}", c, connection.name));
      for (const auto& section : sections) {
        const bool has_row = std::ranges::any_of(data_.rows, [&](const StandardRow& row) {
          return row.section == section && std::ranges::count(row.figures, c, &StandardRow::Figure::class_name) > 0;
        });
        if (has_row) continue;
        const auto names = [&](const Absent& a) { return a.section == section && of_class(a.classes); };
        if (std::ranges::none_of(data_.not_covered, names) && std::ranges::none_of(data_.left_open, names))
          throw file_.at("classes").failure(
              fmt::format("section '{}' says nothing about class {}; add its row, or a line to 'not_covered' (the "
                          "figure is not known) or 'left_open' (the standard sets none)",
                          section, c));
      }
    }
  }

  /// Of every connection: each class of it, with its table where it has one.
  void check_tables(const std::string& section, const std::string& load) const {
    for (const auto& connection : words_.connections) {
      std::vector<ClassTable> all;
      for (const auto& c : connection.classes) {
        const auto found = std::ranges::find_if(data_.tables, [&](const StandardData::Table& table) {
          return table.class_name == c && table.connection == connection.name && table.limits.load_kind() == load;
        });
        all.push_back({c, found == data_.tables.end() ? nullptr : &found->limits});
        if (found == data_.tables.end()) continue;
        std::optional<double> imax;
        if (connection.imax)
          imax = value_or_throw(ratio_to_rated({1, "Imax"}, connection, c, std::nullopt, data_.file));
        check_reaches_imax(found->limits, imax, ended_);
      }
      for (const auto& one : all)
        for (const auto& other : all) check_no_row_left_out(one, other, explains(section, one.class_name));
      check_order_of_classes(all);
    }
  }

  /// Whether a line of what is absent names this class, and not merely all of them.
  bool explains(const std::string& section, const std::string& c) const {
    const auto names = [&](const Absent& a) {
      return a.section == section && a.classes.size() < data_.classes.size() && std::ranges::count(a.classes, c) > 0;
    };
    return std::ranges::any_of(data_.not_covered, names) || std::ranges::any_of(data_.left_open, names);
  }

  const Settings& file_;
  RowWords words_;
  StandardData data_;
  std::set<std::string> ended_;  ///< places of the rows that say why no limit stands above them
};

}  // namespace

const std::vector<std::string>& influence_words() {
  static const std::vector<std::string> words{"temperature",
                                              "self-heating",
                                              "voltage",
                                              "low voltage",
                                              "frequency",
                                              "phase sequence",
                                              "phase interruption",
                                              "load balance",
                                              "auxiliary voltage",
                                              "auxiliary voltage phase",
                                              "harmonics",
                                              "sub-harmonics",
                                              "odd harmonics",
                                              "dc and even harmonics",
                                              "high-order harmonics",
                                              "dc magnetic induction",
                                              "ac magnetic induction",
                                              "rf field",
                                              "conducted rf",
                                              "fast transient bursts",
                                              "oscillatory waves",
                                              "accessories",
                                              "short overcurrent"};
  return words;
}

StandardData read_standard(const Settings& file, const std::string& name) {
  return Reader{file, read_standard_head(file, name)}.read();
}

}  // namespace blondel
