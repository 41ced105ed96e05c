#include <boost/math/distributions/normal.hpp>
#include <cmath>
#include <utility>

#include "references/quantity_text.hpp"
#include "references/settings.hpp"
#include "references/standards/power_factor.hpp"
#include "references/uncertainty/certificate.hpp"

namespace blondel {
namespace {

const std::vector<std::string> certified_quantities = {"active power", "reactive power", "apparent power", "voltage",
                                                       "current",      "frequency",      "ratio",          "phase"};
const std::vector<std::string> certified_ratio_units = {"ppm", "%"};
const std::vector<std::string> certified_angle_units = {"urad", "mrad"};

std::string text_at(const Settings& at) {
  auto text = at.text();
  if (text.empty()) throw at.failure("expected a text, found nothing");
  return text;
}

CalendarDate date_at(const Settings& at) {
  return value_or_throw(parse_date(at.text(), at.where()));
}

/// "12 months", "1 year"
int interval_at(const Settings& at) {
  const auto text = at.text();
  const auto space = text.find(' ');
  const auto unit = space == std::string::npos ? "" : text.substr(space + 1);
  const int months = unit == "months" || unit == "month" ? 1 : unit == "years" || unit == "year" ? 12 : 0;
  const auto count = parse_integer(text.substr(0, space), at.where());
  if (months == 0 || !count || *count < 1 || *count > 120)
    throw at.failure("expected an interval such as '12 months' or '1 year', found '" + text + "'");
  return static_cast<int>(*count) * months;
}

/// One file, while it is read.
class CertificateReader {
 public:
  explicit CertificateReader(const Settings& file) : file_{file} {}

  Certificate read() {
    c_.number = text_at(file_.at("certificate"));
    c_.laboratory = text_at(file_.at("laboratory"));
    c_.instrument = text_at(file_.at("instrument"));
    c_.serial = text_at(file_.at("serial"));
    read_dates();
    read_quantity();
    read_plausible();
    read_coverage();
    c_.drift_per_year = figure(file_.at("drift_per_year"));
    if (c_.drift_per_year < 0) throw file_.at("drift_per_year").failure("expected a limit, not below 0");
    read_temperature();
    const auto points = file_.at("points");
    for (const auto& item : points.items()) add_point(item);
    if (c_.points.empty()) throw points.failure("expected at least one point");
    file_.finish();
    return std::move(c_);
  }

 private:
  void read_dates() {
    c_.date = date_at(file_.at("date"));
    const auto due = file_.find("due"), interval = file_.find("interval");
    if (due.has_value() == interval.has_value())
      throw file_.failure("expected either 'due' or 'interval', found " + std::string{due ? "both" : "neither"});
    c_.due = due ? date_at(*due) : months_after(c_.date, interval_at(*interval));
    if (days_between(c_.date, c_.due) <= 0)
      throw due->failure(
          fmt::format("expected a day after the calibration of {}, found '{}'", show(c_.date), show(c_.due)));
  }

  void read_quantity() {
    c_.quantity = certified_quantities[file_.at("quantity").one_of(certified_quantities)];
    const auto& units = c_.quantity == "phase" ? certified_angle_units : certified_ratio_units;
    c_.unit = units[file_.at("unit").one_of(units)];
    const bool power = c_.quantity.ends_with(" power");
    const auto basis = file_.find("relative_to");
    if (basis && !power) throw basis->failure("only the error of a power may be relative to something else");
    if (power) c_.of_apparent_power = file_.at("relative_to").one_of({"reading", "apparent power"}) == 1;
  }

  /// An error that no instrument worth a certificate has is a slip of the unit or of a digit, unless the file vouches
  /// for it.
  void read_plausible() {
    const bool phase = c_.quantity == "phase";
    plausible_ = phase ? 10e-3 : 0.01;
    plausible_text_ = phase ? "10 mrad" : "1 %";
    const auto own = file_.find("plausible_to");
    if (!own) return;
    plausible_ = phase ? own->angle().si() : own->ratio().si();
    plausible_text_ = own->text();
    if (!(plausible_ > 0) || plausible_ > 1)
      throw own->failure(fmt::format("expected the largest error that is believed, above 0 and at most {}, found '{}'",
                                     phase ? "1 rad" : "100 %", own->text()));
  }

  void check_plausible(const Settings& at, double error) const {
    if (!(std::abs(error) <= plausible_))
      throw at.failure(fmt::format("expected at most {}, found '{}'; if it is true, state 'plausible_to' beside 'unit'",
                                   plausible_text_, at.text()));
  }

  void read_coverage() {
    if (const auto dof = file_.find("degrees_of_freedom")) {
      c_.degrees_of_freedom = dof->number();
      if (!(c_.degrees_of_freedom >= 1)) throw dof->failure("expected at least 1 degree of freedom");
    }
    const auto factor = file_.find("coverage_factor"), probability = file_.find("coverage_probability");
    if (factor.has_value() == probability.has_value())
      throw file_.failure("expected either 'coverage_factor' or 'coverage_probability', found " +
                          std::string{factor ? "both" : "neither"});
    if (factor) {
      c_.coverage_factor = factor->number();
      if (!(c_.coverage_factor > 0) || c_.coverage_factor > 100)
        throw factor->failure(fmt::format("expected a coverage factor above 0, such as 2, found '{}'", factor->text()));
      return;
    }
    const double p = probability->ratio().si();
    if (!(p > 0 && p < 1))
      throw probability->failure(fmt::format("expected a probability such as '95 %', found '{}'", probability->text()));
    c_.coverage_factor = blondel::coverage_factor(c_.degrees_of_freedom, p);
  }

  void read_temperature() {
    const auto at = file_.at("temperature");
    const auto both = at.items();
    if (both.size() != 2) throw at.failure("expected the coldest and the warmest, such as [18 degC, 28 degC]");
    c_.coldest = both[0].temperature();
    c_.warmest = both[1].temperature();
    if (!(c_.coldest < c_.warmest)) throw at.failure("expected the coldest first");
  }

  /// A figure in the file's own unit: another unit of the same kind is refused, because certificates with two units are
  /// mostly slips of typing.
  double figure(const Settings& at) const {
    const auto text = at.text();
    const auto space = text.find(' ');
    if (space == std::string::npos || text.substr(space + 1) != c_.unit)
      throw at.failure(fmt::format("expected a figure in {}, the unit of this certificate, found '{}'", c_.unit, text));
    return c_.quantity == "phase" ? at.angle().si() : at.ratio().si();
  }

  template <class Q>
  static std::optional<Q> above_nothing(const std::optional<Settings>& at, Q (Settings::*read)() const) {
    if (!at) return std::nullopt;
    const Q q = ((*at).*read)();
    if (!(q.si() > 0)) throw at->failure("expected a value above 0, found '" + at->text() + "'");
    return q;
  }

  static std::optional<Angle> read_lag(const Settings& item) {
    const auto factor = item.find("power_factor"), lag = item.find("lag");
    if (factor && lag) throw lag->failure("expected either 'power_factor' or 'lag', found both");
    if (factor) return value_or_throw(parse_power_factor(factor->text(), factor->where())).lag();
    if (lag) return lag->angle();
    return std::nullopt;
  }

  void add_point(const Settings& item) {
    Certificate::Point p;
    p.where = item.where();
    p.at.voltage = above_nothing(item.find("voltage"), &Settings::voltage);
    p.at.current = above_nothing(item.find("current"), &Settings::current);
    p.at.frequency = above_nothing(item.find("frequency"), &Settings::frequency);
    p.at.lag = read_lag(item);
    const auto error = item.find("error"), correction = item.find("correction");
    if (error.has_value() == correction.has_value())
      throw item.failure("expected either 'error' (reading minus truth) or 'correction' (truth minus reading), found " +
                         std::string{error ? "both" : "neither"});
    p.error = error ? figure(*error) : -figure(*correction);
    check_plausible(error ? *error : *correction, p.error);
    const auto expanded = item.at("uncertainty");
    p.expanded = figure(expanded);
    if (!(p.expanded > 0))
      throw expanded.failure("expected an expanded uncertainty above 0, found '" + expanded.text() + "'");
    item.finish();
    check_basis(item, p);
    check_against_others(item, p, error.has_value());
    c_.points.push_back(std::move(p));
  }

  /// A relative error where the quantity is nothing has no value.
  void check_basis(const Settings& item, const Certificate::Point& p) const {
    if (!c_.quantity.ends_with(" power")) return;
    if (!p.at.lag && c_.quantity != "apparent power")
      throw item.failure("expected a 'power_factor' or a 'lag': " + c_.quantity + " depends on it");
    if (!p.at.lag || c_.of_apparent_power || c_.quantity == "apparent power") return;
    const double own = c_.quantity == "active power" ? std::cos(p.at.lag->si()) : std::sin(p.at.lag->si());
    if (std::abs(own) < 1e-3)
      throw item.failure("at this lag the power is nothing, and no error can be relative to it");
  }

  void check_against_others(const Settings& item, const Certificate::Point& p, bool states_errors) {
    if (c_.points.empty()) {
      states_errors_ = states_errors;
      return;
    }
    const auto& first = c_.points.front();
    const auto alike = [](const auto& a, const auto& b) { return a.has_value() == b.has_value(); };
    if (!alike(p.at.voltage, first.at.voltage) || !alike(p.at.current, first.at.current) ||
        !alike(p.at.lag, first.at.lag) || !alike(p.at.frequency, first.at.frequency))
      throw item.failure(fmt::format("states {}, and the first point {}: all must state the same things", p.at.text(),
                                     first.at.text()));
    if (states_errors != states_errors_)
      throw item.failure("one point states an 'error' and another a 'correction': all must state the same");
    for (const auto& other : c_.points)
      if (other.at == p.at) throw item.failure(fmt::format("{} stands here and at {}", p.at.text(), other.where));
  }

  const Settings& file_;
  Certificate c_;
  bool states_errors_ = true;
  double plausible_{};  ///< largest |error|, a ratio or rad
  std::string plausible_text_;
};

}  // namespace

Certificate load_certificate(const std::string& path) {
  return CertificateReader{Settings::load(path)}.read();
}

Certificate parse_certificate(const std::string& text, const std::string& name) {
  return CertificateReader{Settings::parse(text, name)}.read();
}

}  // namespace blondel
