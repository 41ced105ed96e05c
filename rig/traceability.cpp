#include "rig/traceability.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "drivers/time/wall_stamp.hpp"
#include "references/quantity_text.hpp"

namespace blondel {

namespace {

constexpr const char* traceability_where = "traceability";

/// An uncertainty as bench files state it in a word: expanded, k = 2.
PointInputs::Certified in_a_word(double expanded) {
  PointInputs::Certified c;
  c.standard_uncertainty = expanded / 2;
  return c;
}

/// The element whose load stands for all that are loaded.
Result<std::size_t> loaded_element(const LoadPoint& point) {
  std::optional<std::size_t> first;
  for (std::size_t k = 0; k < point.phases.size(); ++k) {
    const auto& p = point.phases[k];
    if (!(p.current.si() > 0)) continue;
    if (!first) {
      first = k;
      continue;
    }
    const auto& a = point.phases[*first];
    if (p.voltage != a.voltage || p.current != a.current || p.lag != a.lag)
      return fail(
          Fault::malformed, traceability_where,
          fmt::format("elements {} and {} are loaded unalike, and certificates speak of one load", *first + 1, k + 1));
  }
  if (!first) return fail(Fault::malformed, traceability_where, "no element is loaded");
  return *first;
}

Result<Certificate::Condition> condition_of(const LoadPoint& point, std::size_t element) {
  const auto& p = point.phases.at(element);
  if (!p.voltage_harmonics.empty() || !p.current_harmonics.empty())
    return fail(Fault::incapable, traceability_where,
                "the load has harmonics, and certificates are of sinusoidal ones");
  return Certificate::Condition{p.voltage, p.current, p.lag, point.frequency};
}

/// How far the bench may be from the temperature of calibration, the middle of the certificate's.
double kelvins_away(const Environment& environment, const BenchCertificate* certificate) {
  if (!certificate) return environment.within;
  const auto& c = certificate->certificate;
  const double middle = (c.coldest.si() + c.warmest.si()) / 2;
  return std::abs(environment.temperature.si() - middle) + environment.within;
}

/// What is looked up for one load.
class PointTrace {
 public:
  PointTrace(const Bench& bench, CalendarDate today, const LoadPoint& point, std::size_t element)
      : bench_{bench}, file_{bench.file()}, today_{today}, point_{point}, element_{element} {}

  Result<PointInputs::Certified> from(const BenchCertificate& c) const {
    const auto condition = condition_of(point_, element_);
    if (!condition) return tl::unexpected<Error>{condition.error()};
    return certified(c.certificate, *condition, today_);
  }

  std::optional<Error> reference(PointInputs& in) const {
    const bool active = in.energy == PointInputs::Energy::active;
    const auto* power = find_certificate(file_.reference_certificates, active ? "active power" : "reactive power");
    warm(in.reference_warmth, power, file_.environment ? file_.environment->reference_per_kelvin : std::nullopt);
    if (!power) {
      in.reference = in_a_word(bench_.reference().expanded_uncertainty(point_).si());
      in.reference_of_apparent_power = true;
      return std::nullopt;
    }
    auto found = from(*power);
    if (!found && found.error().fault == Fault::incapable)
      if (const auto* phase = find_certificate(file_.reference_certificates, "phase"))
        return by_phase(in, *power, *phase, found.error());
    if (!found) return found.error();
    in.reference = std::move(*found);
    in.reference_of_apparent_power = power->certificate.of_apparent_power;
    return std::nullopt;
  }

  std::optional<Error> ct_substitute(PointInputs& in, int position) const {
    const auto& all = file_.ct_certificates_of(position);
    const auto* ratio = find_certificate(all, "ratio");
    const auto* phase = find_certificate(all, "phase");
    in.ct_ratio = in_a_word(file_.ct_substitute.ratio_uncertainty.si());
    in.ct_phase = in_a_word(file_.ct_substitute.phase_uncertainty.si());
    warm(in.ct_warmth, ratio, file_.environment ? file_.environment->ct_per_kelvin : std::nullopt);
    if (ratio) {
      auto found = from(*ratio);
      if (!found) return found.error();
      // The ratio itself is wanted, and its error is what the certificate states.
      found->value = -found->value;
      in.ct_ratio = std::move(*found);
    }
    if (phase) {
      auto found = from(*phase);
      if (!found) return found.error();
      // Certificates count a secondary that leads as positive; the correction is what it lags.
      in.ct_phase = std::move(*found);
    }
    return std::nullopt;
  }

 private:
  void warm(std::optional<PointInputs::Warmth>& to, const BenchCertificate* certificate,
            const std::optional<Ratio>& per_kelvin) const {
    if (per_kelvin) to = PointInputs::Warmth{per_kelvin->si(), kelvins_away(*file_.environment, certificate)};
  }

  /// The gain from where the power is all there is (unity, or a quarter of a circle), the rest from the phase.
  std::optional<Error> by_phase(PointInputs& in, const BenchCertificate& power, const BenchCertificate& phase,
                                const Error& why_not) const {
    auto condition = *condition_of(point_, element_);
    const auto leading = certified(phase.certificate, condition, today_);
    if (!leading) return leading.error();
    const bool active = in.energy == PointInputs::Energy::active;
    condition.lag = Angle{active ? 0 : std::copysign(std::numbers::pi / 2, in.lag.si())};
    auto gain = certified(power.certificate, condition, today_);
    if (!gain) return why_not;
    // There, relative to apparent power is relative to the reading, but for the sign of reactive power.
    if (power.certificate.of_apparent_power && !active && in.lag.si() < 0) gain->value = -gain->value;
    in.reference = std::move(*gain);
    in.reference_phase = *leading;
    // A current seen ahead is one that truly lags more.
    in.reference_phase->value = -in.reference_phase->value;
    return std::nullopt;
  }

  const Bench& bench_;
  const BenchFile& file_;
  CalendarDate today_;
  const LoadPoint& point_;
  std::size_t element_;
};

}  // namespace

CalendarDate day_of(const BenchFile& bench) {
  using namespace std::chrono_literals;
  // Where no certificate is, no day is asked for; a simulated bench's time begins at the epoch.
  if (bench.simulation) return bench.simulated_day.value_or(1970y / 1 / 1);
  return value_or_throw(parse_date(wall_stamp().substr(0, 10), "the wall clock"));
}

std::string Overdue::text() const {
  return fmt::format("certificate {} of {} {} was due on {}", number, instrument, serial, show(due));
}

Result<PointInputs> Traceability::at(const LoadPoint& point, PointInputs::Energy energy, int position) const {
  const auto element = loaded_element(point);
  if (!element) return tl::unexpected<Error>{element.error()};
  PointInputs in;
  in.energy = energy;
  in.lag = point.phases[*element].lag;
  const double own = energy == PointInputs::Energy::active ? std::cos(in.lag.si()) : std::sin(in.lag.si());
  if (std::abs(own) < 1e-6)
    return fail(Fault::malformed, traceability_where,
                fmt::format("at a lag of {} there is no power of this kind", show(in.lag)));
  const PointTrace trace{bench_, today_, point, *element};
  if (auto error = trace.reference(in)) return tl::unexpected<Error>{std::move(*error)};
  if (auto error = trace.ct_substitute(in, position)) return tl::unexpected<Error>{std::move(*error)};
  const auto& environment = bench_.file().environment;
  if (environment && environment->leads) in.leads_half_width = environment->leads->si();
  return in;
}

Result<PointInputs::Certified> Traceability::of(Reading reading, const LoadPoint& point, int element) const {
  constexpr std::array<const char*, 3> quantities = {"voltage", "current", "frequency"};
  const char* quantity = quantities[static_cast<std::size_t>(reading)];
  if (const auto* c = find_certificate(bench_.file().reference_certificates, quantity))
    return PointTrace{bench_, today_, point, static_cast<std::size_t>(element) - 1}.from(*c);
  if (reading == Reading::frequency)
    return fail(Fault::incapable, traceability_where,
                fmt::format("the bench {} has no certificate of the reference's frequency", bench_.file().path));
  return in_a_word(bench_.reference().expanded_uncertainty(point).si());
}

std::vector<const BenchCertificate*> Traceability::all() const {
  std::vector<const BenchCertificate*> all;
  const auto take = [&](const std::vector<BenchCertificate>& some) {
    for (const auto& c : some) all.push_back(&c);
  };
  const auto& file = bench_.file();
  take(file.reference_certificates);
  take(file.ct_certificates);
  for (const auto& socket : file.sockets) take(socket.ct_certificates);
  return all;
}

std::vector<Overdue> Traceability::overdue() const {
  std::vector<Overdue> found;
  for (const auto* one : all()) {
    const auto& c = one->certificate;
    if (c.overdue(today_)) found.push_back({c.number, c.instrument, c.serial, c.due, one->where});
  }
  return found;
}

Error Traceability::refused(const BenchCertificate& c, std::string what) const {
  return Error{
      Fault::refused, c.where,
      fmt::format("{} of {} {} {}", c.certificate.name(), c.certificate.instrument, c.certificate.serial, what)};
}

std::vector<Error> Traceability::refusals(bool overdue_allowed) const {
  std::vector<Error> found;
  if (!overdue_allowed)
    for (const auto& o : overdue())
      found.push_back({Fault::refused, o.where, fmt::format("{}, and this run is of {}", o.text(), show(today_))});
  for (const auto* one : all()) {
    const auto& c = one->certificate;
    if (days_between(c.date, today_) < 0)
      found.push_back(refused(*one, fmt::format("is of {}, and this run of {}", show(c.date), show(today_))));
    const auto& e = *bench_.file().environment;
    if (!c.covers(Temperature{e.temperature.si() - e.within}) || !c.covers(Temperature{e.temperature.si() + e.within}))
      found.push_back(refused(*one, fmt::format("holds from {} to {}, and the bench is at {} within {:g} K",
                                                show(c.coldest), show(c.warmest), show(e.temperature), e.within)));
  }
  return found;
}

std::optional<Error> Traceability::mistaken(const Identity& reference) const {
  for (const auto& one : bench_.file().reference_certificates)
    if (one.certificate.serial != reference.serial)
      return Error{
          Fault::refused, one.where,
          fmt::format("{} is of the {} with serial number {}, and the reference says that its own is '{}'",
                      one.certificate.name(), one.certificate.instrument, one.certificate.serial, reference.serial)};
  return std::nullopt;
}

std::optional<nlohmann::ordered_json> Traceability::record() const {
  const auto certificates = all();
  if (certificates.empty()) return std::nullopt;
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const auto* one : certificates) {
    const auto& c = one->certificate;
    list.push_back({{"number", c.number},
                    {"instrument", c.instrument},
                    {"serial", c.serial},
                    {"quantity", c.quantity},
                    {"laboratory", c.laboratory},
                    {"date", show(c.date)},
                    {"due", show(c.due)},
                    {"overdue", c.overdue(today_)},
                    {"coverage_factor", c.coverage_factor},
                    {"file", one->file},
                    {"sha256", one->sha256}});
  }
  return nlohmann::ordered_json{{"date", show(today_)}, {"certificates", std::move(list)}};
}

}  // namespace blondel
