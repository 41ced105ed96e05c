#include <fmt/format.h>

#include "references/quantity_text.hpp"
#include "rig/run.hpp"
#include "rig/step.hpp"
#include "rig/steps/meter_points.hpp"
#include "rig/steps/moment.hpp"
#include "rig/steps/reading_names.hpp"

namespace blondel {

namespace {

/// Reads registers at every position and gives the values names, for `expect`.
class Read final : public Step {
 public:
  explicit Read(const Settings& at) {
    if (at.is_scalar()) {
      take(at, at.text());
    } else if (at.has("registers")) {
      const auto list = at.at("registers");
      for (const auto& item : list.items()) take(item, item.text());
      if (points_.empty()) throw list.failure("expected at least one register");
    } else {
      const auto point = at.at("register");
      take(point, point.text());
    }
    if (at.is_map()) {
      if (const auto as = at.find("as")) rename(*as);
      if (const auto name = at.find("name")) name_ = name->text();
    }
    if (name_.empty())
      name_ = "read " + (points_.size() == 1 ? points_[0].name : fmt::format("{} registers", points_.size()));
  }

  std::string kind() const override { return "read"; }
  std::string name() const override { return name_; }
  std::vector<std::string> promises(const Bench&) const override { return {}; }
  bool leaves_the_load() const override { return true; }

  void check(const Bench& bench, Outlook& outlook, Findings& findings) const override {
    if (!outlook.identified)
      findings.refusals.push_back(
          {Fault::malformed, points_[0].where, "expected an identify step first: it gives the meters control power"});
    for (const auto& p : points_) {
      require_point(*p.point, p.where, bench, outlook, findings);
      foretell_reading(outlook, findings, p.name, p.name_where, {p.point->name, p.unit, outlook.load});
    }
  }

  Duration predict(const Bench& bench, Outlook&) const override { return moment_slot(bench.file(), registers()); }

  Task<void> run(Run& run) const override {
    run.progress.now_doing(name_);
    auto names = registers();
    const Time end = run.clock.now() + moment_slot(run.bench.file(), names);
    const auto moment = co_await take_moment(run, std::move(names), name_, end);
    for (const auto& p : points_) run.readings.add(p.name, {p.point->name, p.unit, moment});
    co_await run.until(end, name_);
  }

 private:
  struct Point {
    const RegisterPoint* point;
    Unit unit;
    std::string where;       ///< of the register in the plan
    std::string name;        ///< of the reading
    std::string name_where;  ///< of that
  };

  std::vector<std::string> registers() const {
    std::vector<std::string> names;
    for (const auto& p : points_) names.push_back(p.point->name);
    return names;
  }

  void take(const Settings& at, const std::string& name) {
    const auto& point = point_named(at);
    if (!point.readable || point.words != width(point.format))
      throw at.failure(fmt::format("register {} ({}) cannot be read as one value", point.number, point.name));
    points_.push_back({&point, value_or_throw(parse_unit(point.unit, at.where())), at.where(), name, at.where()});
  }

  /// One reading gets the name itself, several "name.register".
  void rename(const Settings& as) {
    const auto name = new_reading_name(as);
    for (auto& p : points_) {
      p.name = points_.size() == 1 ? name : name + "." + p.point->name;
      p.name_where = as.where();
    }
  }

  std::string name_;
  std::vector<Point> points_;
};

const bool read_listed = steps().add("read", "reads registers and gives the values names",
                                     [](const Settings& at) { return std::make_unique<Read>(at); });

}  // namespace

}  // namespace blondel
