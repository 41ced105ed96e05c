#include "references/uncertainty/certificate.hpp"

#include <algorithm>
#include <cmath>
#include <functional>
#include <numbers>
#include <set>

#include "references/quantity_text.hpp"

namespace blondel {
namespace {

constexpr double same_point_part = 0.005;   // of a voltage, current or frequency
constexpr double same_point_angle = 0.001;  // rad

using Indices = std::vector<std::size_t>;

/// One coordinate of a condition: voltage, current, lag or frequency.
struct CertificateAxis {
  const char* name;
  std::function<std::optional<double>(const Certificate::Condition&)> of;
  std::function<std::string(double)> show;
  bool is_angle = false;
  bool logarithmic = false;

  bool same(double a, double b) const {
    return is_angle ? std::abs(a - b) <= same_point_angle : std::abs(a - b) <= same_point_part * std::abs(b);
  }
};

template <class Q>
std::optional<double> si_of(const std::optional<Q>& q) {
  return q ? std::optional{q->si()} : std::nullopt;
}

/// The outermost first.
const std::vector<CertificateAxis>& certificate_axes() {
  static const std::vector<CertificateAxis> all = {
      {"frequencies", [](const Certificate::Condition& c) { return si_of(c.frequency); },
       [](double x) { return show(Frequency{x}); }},
      {"voltages", [](const Certificate::Condition& c) { return si_of(c.voltage); },
       [](double x) { return show(Voltage{x}); }},
      {"lags", [](const Certificate::Condition& c) { return si_of(c.lag); }, [](double x) { return show(Angle{x}); },
       true},
      {"currents", [](const Certificate::Condition& c) { return si_of(c.current); },
       [](double x) { return show(Current{x}); }, false, true}};
  return all;
}

/// How much of the point at `a` and of that at `b` make what is between, at `x`.
struct PairWeights {
  double a, b;
};

/// What a certificate's error is relative to decides how it runs between two lags.
enum class ErrorBasis { reading_cosine, reading_sine, apparent };

std::optional<PairWeights> between_lags(double a, double b, double x, ErrorBasis basis) {
  // Closer than half a circle, or the gain and the phase error behind the two cannot be told apart.
  if (!(b - a < std::numbers::pi - same_point_angle)) return std::nullopt;
  PairWeights w{std::sin(b - x) / std::sin(b - a), std::sin(x - a) / std::sin(b - a)};
  if (basis == ErrorBasis::apparent) return w;
  const auto own = [basis](double lag) { return basis == ErrorBasis::reading_cosine ? std::cos(lag) : std::sin(lag); };
  // Across the lag at which the power is nothing, a relative error has no value.
  if (!(own(a) * own(b) > 0) || std::abs(own(x)) < same_point_angle) return std::nullopt;
  return PairWeights{w.a * own(a) / own(x), w.b * own(b) / own(x)};
}

struct Interpolated {
  double error{}, expanded{}, half_width{};
  std::vector<Certificate::Correction::Share> from;
};

class Interpolation {
 public:
  Interpolation(const Certificate& certificate, const Certificate::Condition& condition)
      : certificate_{certificate}, condition_{condition} {
    basis_ = ErrorBasis::apparent;
    if (certificate.of_apparent_power) return;
    if (certificate.quantity == "active power") basis_ = ErrorBasis::reading_cosine;
    if (certificate.quantity == "reactive power") basis_ = ErrorBasis::reading_sine;
  }

  /// Nothing where these points do not cover the condition in this coordinate and those after it.
  std::optional<Interpolated> along(std::size_t axis, const Indices& points) const {
    if (axis == certificate_axes().size()) {
      const auto& p = certificate_.points[points.front()];
      return Interpolated{p.error, p.expanded, 0, {{points.front(), 1.0}}};
    }
    const auto& coordinate = certificate_axes()[axis];
    const auto wanted = coordinate.of(condition_);
    if (!coordinate.of(certificate_.points[points.front()].at)) return along(axis + 1, points);

    std::set<double> values;
    for (const auto i : points) values.insert(*coordinate.of(certificate_.points[i].at));
    // At a value first, and where that does not cover the rest, between its neighbours.
    for (const double value : values)
      if (coordinate.same(*wanted, value))
        if (auto found = along(axis + 1, with(coordinate, points, value))) return found;
    std::optional<double> at_lower, at_upper;
    std::optional<Interpolated> lower, upper;
    for (auto v = values.rbegin(); v != values.rend() && !lower; ++v)
      if (*v < *wanted && (lower = along(axis + 1, with(coordinate, points, *v)))) at_lower = *v;
    for (auto v = values.begin(); v != values.end() && !upper; ++v)
      if (*v > *wanted && (upper = along(axis + 1, with(coordinate, points, *v)))) at_upper = *v;
    if (!lower || !upper) return std::nullopt;
    return mixed(coordinate, *at_lower, *lower, *at_upper, *upper, *wanted);
  }

 private:
  Indices with(const CertificateAxis& coordinate, const Indices& points, double value) const {
    Indices some;
    for (const auto i : points)
      if (*coordinate.of(certificate_.points[i].at) == value) some.push_back(i);
    return some;
  }

  std::optional<Interpolated> mixed(const CertificateAxis& coordinate, double a, const Interpolated& at_a, double b,
                                    const Interpolated& at_b, double x) const {
    std::optional<PairWeights> w;
    if (coordinate.is_angle) {
      w = between_lags(a, b, x, basis_);
    } else {
      const double part = coordinate.logarithmic ? std::log(x / a) / std::log(b / a) : (x - a) / (b - a);
      w = PairWeights{1 - part, part};
    }
    if (!w) return std::nullopt;
    Interpolated m;
    m.error = w->a * at_a.error + w->b * at_b.error;
    m.expanded = std::abs(w->a) * at_a.expanded + std::abs(w->b) * at_b.expanded;
    m.half_width = std::abs(w->a) * at_a.half_width + std::abs(w->b) * at_b.half_width +
                   2 * std::abs(w->a * w->b) * std::abs(at_a.error - at_b.error);
    for (auto share : at_a.from) m.from.push_back({share.point, share.weight * w->a});
    for (auto share : at_b.from) m.from.push_back({share.point, share.weight * w->b});
    return m;
  }

  const Certificate& certificate_;
  const Certificate::Condition& condition_;
  ErrorBasis basis_;
};

/// "voltages 120 V to 230 V, currents 50 mA to 5 A"
std::string certificate_coverage(const Certificate& certificate) {
  std::string text;
  for (const auto& axis : certificate_axes()) {
    if (!axis.of(certificate.points.front().at)) continue;
    const auto [low, high] =
        std::ranges::minmax(certificate.points, {}, [&](const Certificate::Point& p) { return *axis.of(p.at); });
    const double from = *axis.of(low.at), to = *axis.of(high.at);
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", axis.name, axis.show(from));
    if (from != to) text += " to " + axis.show(to);
  }
  return text;
}

}  // namespace

std::string Certificate::Condition::text() const {
  std::string text;
  const auto say = [&](const std::string& part) { text += (text.empty() ? "" : ", ") + part; };
  if (voltage) say(show(*voltage));
  if (current) say(show(*current));
  if (lag) say("lag " + show(*lag));
  if (frequency) say(show(*frequency));
  return text.empty() ? "any condition" : text;
}

Result<Certificate::Correction> Certificate::correction_at(const Certificate::Condition& condition) const {
  if (points.empty()) return fail(Fault::malformed, name(), "has no points");
  for (const auto& axis : certificate_axes())
    if (axis.of(points.front().at) && !axis.of(condition))
      return fail(Fault::malformed, name(),
                  fmt::format("its points state {}, and the condition '{}' does not", axis.name, condition.text()));
  Indices all(points.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  const auto found = Interpolation{*this, condition}.along(0, all);
  if (!found)
    return fail(
        Fault::incapable, name(),
        fmt::format("{} at {} is not between its points, and it may not be taken further: it covers {} in {} "
                    "points ({})",
                    quantity, condition.text(), certificate_coverage(*this), points.size(), points.front().where));
  Correction c;
  c.correction = -found->error;
  c.standard_uncertainty = found->expanded / coverage_factor;
  c.interpolation_half_width = found->half_width;
  c.from = found->from;
  for (const auto& share : c.from) c.text += (c.text.empty() ? "from " : " and ") + points[share.point].at.text();
  return c;
}

Result<double> Certificate::drift_half_width(CalendarDate on) const {
  const int days = days_between(date, on);
  if (days < 0)
    return fail(Fault::refused, name(), fmt::format("is of {}, and the measurement of {}", show(date), show(on)));
  return drift_per_year * days / 365.25;
}

}  // namespace blondel
