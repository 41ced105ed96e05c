#include "references/uncertainty/point_budget.hpp"

#include <cmath>
#include <utility>
#include <vector>

namespace blondel {
namespace {

enum class Falls { not_at_all, as_time, as_root_of_time };

struct PointLine {
  Contribution contribution;
  Falls falls;
};

/// Collects the lines of a point.
class PointLines {
 public:
  explicit PointLines(const PointInputs& in) : in_{in} {
    const double c = std::cos(in.lag.si()), s = std::sin(in.lag.si());
    const bool active = in.energy == PointInputs::Energy::active;
    own_ = active ? c : s;
    by_phase_ = 100 * (active ? s / c : -c / s);
  }

  bool has_power() const { return std::abs(own_) > 1e-6; }

  std::vector<PointLine> all() {
    reference();
    substitute();
    source();
    meter();
    return std::move(lines_);
  }

 private:
  void add(Contribution c, Falls falls = Falls::not_at_all) { lines_.push_back({std::move(c), falls}); }

  /// The lines of what a certificate says; without half-widths where there are none.
  void add_certified(const std::string& source, const PointInputs::Certified& x, const std::string& unit, double by) {
    Contribution c = certificate(source + ", certificate", x.standard_uncertainty, 1);
    c.degrees_of_freedom = x.degrees_of_freedom;
    c.group = x.group;
    add(std::move(c).of_input(x.value, unit, by));
    if (x.interpolation_half_width > 0)
      add(rectangular(source + ", between the certificate's points", x.interpolation_half_width).of_input(0, unit, by));
    if (x.drift_half_width > 0)
      add(rectangular(source + ", drift since calibration", x.drift_half_width).of_input(0, unit, by));
  }

  void add_warmth(const std::string& source, const PointInputs::Warmth& w) {
    add(rectangular(source + ", temperature", w.kelvins).of_input(0, "K", 100 * w.per_kelvin));
  }

  void add_readings(const std::string& source, const Repeatability& spread) {
    add(spread.contribution(source).of_input(0, "1", 100), Falls::as_root_of_time);
  }

  void reference() {
    if (in_.reference)
      add_certified("reference meter", *in_.reference, "1", in_.reference_of_apparent_power ? -100 / own_ : -100.0);
    if (in_.reference_phase) add_certified("reference meter, phase", *in_.reference_phase, "rad", by_phase_);
    if (in_.reference_warmth) add_warmth("reference meter", *in_.reference_warmth);
    if (in_.reference_readings) add_readings("repeatability of the reference's readings", *in_.reference_readings);
  }

  void substitute() {
    if (in_.ct_ratio) add_certified("CT substitute, ratio", *in_.ct_ratio, "1", 100);
    // Displaced on the meter's side, where the reference does not see it.
    if (in_.ct_phase) add_certified("CT substitute, phase", *in_.ct_phase, "rad", -by_phase_);
    if (in_.ct_warmth) add_warmth("CT substitute", *in_.ct_warmth);
  }

  void source() {
    if (const auto& m = in_.mismatch) {
      Contribution c = certificate("source instability, windows apart", m->instability, 1);
      add(std::move(c).of_input(0, "1", 100 * std::sqrt(2.0) * m->apart.si() / m->window.si()), Falls::as_time);
    }
    if (in_.leads_half_width) add(rectangular("leads to the meter", *in_.leads_half_width).of_input(0, "1", 100));
  }

  void meter() {
    if (in_.pulses)
      for (auto& c : pulse_contributions(*in_.pulses)) add(std::move(c), Falls::as_time);
    if (in_.whole_pulses_half_width)
      add(rectangular("whole pulses at the meter's updates", *in_.whole_pulses_half_width).of_input(0, "1", 100),
          Falls::as_time);
    if (const auto& r = in_.registers) {
      // Each of the two readings of a difference is rounded by half a step: two rectangles make a triangle.
      if (r->difference)
        add(triangular("register resolution", r->step).of_input(0, "1", 100), Falls::as_time);
      else
        add(rectangular("register resolution", r->step / 2).of_input(0, "1", 100));
      if (r->update_period.si() > 0)
        add(triangular("age of the register", r->update_period.si()).of_input(0, "s", 100 / r->window.si()),
            Falls::as_time);
    }
    if (in_.meter_readings) add_readings("repeatability of the meter's readings", *in_.meter_readings);
  }

  const PointInputs& in_;
  double own_{};       // power of this kind by apparent power
  double by_phase_{};  // % of e by rad of the reference's side
  std::vector<PointLine> lines_;
};

Result<std::vector<PointLine>> point_lines_of(const PointInputs& in) {
  const auto refused = [](const char* what) { return fail(Fault::malformed, "uncertainty budget", what); };
  PointLines lines{in};
  if (!lines.has_power()) return refused("at this lag there is no power of this kind to be wrong about");
  const auto longer_than_nothing = [](Seconds t) { return std::isfinite(t.si()) && t.si() > 0; };
  if ((in.mismatch && !longer_than_nothing(in.mismatch->window)) ||
      (in.pulses && !longer_than_nothing(in.pulses->window)) ||
      (in.registers && in.registers->update_period.si() > 0 && !longer_than_nothing(in.registers->window)))
    return refused("expected a window longer than nothing");
  return lines.all();
}

}  // namespace

Result<PointInputs::Certified> certified(const Certificate& certificate, const Certificate::Condition& condition,
                                         CalendarDate on) {
  const auto found = certificate.correction_at(condition);
  if (!found) return tl::unexpected<Error>{found.error()};
  const auto drift = certificate.drift_half_width(on);
  if (!drift) return tl::unexpected<Error>{drift.error()};
  PointInputs::Certified c;
  c.value = found->correction;
  c.standard_uncertainty = found->standard_uncertainty;
  c.degrees_of_freedom = certificate.degrees_of_freedom;
  c.interpolation_half_width = found->interpolation_half_width;
  c.drift_half_width = *drift;
  return c;
}

Result<Budget> point_budget(const PointInputs& inputs) {
  auto lines = point_lines_of(inputs);
  if (!lines) return tl::unexpected<Error>{std::move(lines.error())};
  Budget budget{"%"};
  for (auto& line : *lines) budget.add(std::move(line.contribution));
  return budget;
}

double corrected_percentage_error(double raw_percent, const PointInputs& in) {
  const auto own = [&](double lag) { return in.energy == PointInputs::Energy::active ? std::cos(lag) : std::sin(lag); };
  const double lag = in.lag.si();
  const auto value = [](const std::optional<PointInputs::Certified>& c) { return c ? c->value : 0.0; };
  const auto turned_by = [&](const std::optional<PointInputs::Certified>& phase) {
    return own(lag + value(phase)) / own(lag);
  };
  const double gain = value(in.reference) / (in.reference_of_apparent_power ? own(lag) : 1);
  const double truth_by_reading = (1 + gain) * turned_by(in.reference_phase);
  const double given_by_truth = (1 + value(in.ct_ratio)) * turned_by(in.ct_phase);
  return 100 * ((1 + raw_percent / 100) / (truth_by_reading * given_by_truth) - 1);
}

double TimeDependence::at(double seconds) const {
  return std::hypot(systematic, quantisation / seconds, noise / std::sqrt(seconds));
}

Result<TimeDependence> time_dependence(const PointInputs& inputs, Seconds measured) {
  auto lines = point_lines_of(inputs);
  if (!lines) return tl::unexpected<Error>{std::move(lines.error())};
  const double t = measured.si();
  if (!std::isfinite(t) || t <= 0)
    return fail(Fault::malformed, "uncertainty budget", "expected a measured window longer than nothing");
  const auto part = [&](Falls falls) {
    Budget of{"%"};
    for (const auto& line : *lines)
      if (line.falls == falls) of.add(line.contribution);
    return of.combined();
  };
  return TimeDependence{part(Falls::not_at_all), part(Falls::as_time) * t, part(Falls::as_root_of_time) * std::sqrt(t)};
}

}  // namespace blondel
