#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "drivers/reference_meters/reference_meter.hpp"
#include "drivers/reference_meters/zera_answer.hpp"
#include "drivers/reference_meters/zera_error_calculator.hpp"
#include "drivers/scpi/scpi_client.hpp"

namespace blondel {

namespace {

using namespace std::chrono_literals;

constexpr const char* where = "reference/zera-com5003";

/// What the type can measure at all, while its catalogue has not been asked for. Unverified: no data sheet was at hand.
constexpr double most_volts = 480, most_amperes = 100;
constexpr double lowest_hz = 15, highest_hz = 70;
/// Between the end of an interval and its value on the wire, and for everything that travels meanwhile.
constexpr Duration slack = 20ms;

constexpr const char* set_up[] = {"*CLS;", "CONF:RNG1:RNGAUTO 0;", "CONF:RNG1:GROUPING 0;", "CONF:POW1:MMODE 4LW;"};
constexpr const char* averaging_modules[] = {"RMS1", "POW1", "POW2", "POW3", "DFT1", "FFT1"};
constexpr const char* modules[] = {"RMS1", "POW1", "POW2", "POW3", "DFT1", "FFT1", "RNG1"};

/// The units in which a module may answer.
using Units = std::vector<std::string>;
const Units volts_and_amperes{"V", "A"}, watts{"W"}, vars{"Var", "var", "VAr"}, volt_amperes{"VA"}, hertz{"Hz"};

/// rms of a channel with its harmonics.
double rms(double fundamental, const std::vector<HarmonicShare>& harmonics) {
  double squares = 1;
  for (const auto& h : harmonics) squares += h.of_fundamental.si() * h.of_fundamental.si();
  return fundamental * std::sqrt(squares);
}

/// The one number of a phase, whatever the instrument calls the quantity: "UL2", "U2", "P2" end in it.
double of_phase(const std::map<std::string, std::vector<double>>& values, char first, std::size_t phase,
                const std::string& query) {
  for (const auto& [name, numbers] : values)
    if (name.size() >= 2 && name.front() == first && name.back() == static_cast<char>('1' + phase) &&
        name.find('-') == std::string::npos && numbers.size() == 1)
      return numbers.front();
  throw Failure{Fault::protocol, where, fmt::format("'{}' was answered without phase {}", query, phase + 1)};
}

/// A ZERA COM5003 (or MT310s2, which speaks the same language) on TCP port 6320.
///
/// Its modules average over intervals of TINTEGRATION, one after the other, whenever they were started. INIT asks for
/// the interval under way, FETC answers it once it has ended. So next() lets one integration time pass before it asks:
/// then whatever interval is under way began after the call.
/// Angles come as degrees that count lag as positive (0, 120, 240 for a positive sequence; unverified, and proved on
/// a bench by its wiring check).
/// FFT1 answers a pair of numbers per order, from DC on: taken as the amplitude's parts in phase and, as DFT1 counts
/// angles, in lagging quadrature. That, the number of orders and that FFT1 takes a TINTEGRATION are unverified; the
/// comparison with the powers of the same interval would show a wrong reading of them.
/// Source: the maker's published instrument software and its recorded answers (zera-classes, module scpimodule).
class ZeraCom5003 final : public ReferenceMeter {
 public:
  ZeraCom5003(Surroundings& around, Order order, std::string address, Duration timeout, Ratio uncertainty)
      : around_{around},
        clock_{around.clock()},
        order_{order},
        address_{std::move(address)},
        timeout_{timeout},
        uncertainty_{uncertainty},
        calculator_{clock_, where, [this]() -> ScpiClient& { return client(); }, [this] { return limit(); }} {}

  Task<Identity> open(Time deadline) override {
    auto wire = co_await around_.connect(address_, order_, deadline);
    client_ = std::make_unique<ScpiClient>(std::move(wire), clock_, where);
    deadline_ = deadline;
    const auto fields = split(co_await ask("*IDN?"), ',');
    if (fields.size() != 4) throw Failure{Fault::protocol, where, "'*IDN?' was answered without four fields"};
    Identity identity{.maker = fields[0], .model = fields[1], .serial = fields[2], .firmware = fields[3]};
    if (identity.model != "COM5003" && identity.model != "MT310s2")
      throw Failure{Fault::instrument, where,
                    "expected a COM5003 or MT310s2; there is a '" + shown(identity.model) + "'"};
    for (const char* command : set_up) co_await send(command);
    voltage_ranges_ = co_await catalogue("UL1", 'V');
    current_ranges_ = co_await catalogue("IL1", 'A');
    co_await integrate_over(1s);
    co_await client().expect_no_errors("opening", limit());
    deadline_ = never;
    co_return identity;
  }

  std::optional<std::string> cannot(const LoadPoint& point) const override {
    const double hz = point.frequency.si();
    if (!(hz >= lowest_hz && hz <= highest_hz))
      return fmt::format("asked for {:g} Hz, can do {:g} to {:g} Hz", hz, lowest_hz, highest_hz);
    const double volts = voltage_ranges_.empty() ? most_volts : voltage_ranges_.back().full_scale;
    const double amperes = current_ranges_.empty() ? most_amperes : current_ranges_.back().full_scale;
    for (const auto& p : point.phases) {
      if (const double u = rms(p.voltage.si(), p.voltage_harmonics); !(u <= volts))
        return fmt::format("asked for {:g} V, can do {:g} V", u, volts);
      if (const double i = rms(p.current.si(), p.current_harmonics); !(i <= amperes))
        return fmt::format("asked for {:g} A, can do {:g} A", i, amperes);
    }
    return std::nullopt;
  }

  Task<void> prepare(LoadPoint point, Duration integration) override {
    if (integration <= Duration{}) throw Failure{Fault::incapable, where, "an integration time is more than nothing"};
    if (const auto why = cannot(point)) throw Failure{Fault::incapable, where, *why};
    double most_u = 0, most_i = 0;
    for (const auto& p : point.phases) {
      most_u = std::max(most_u, rms(p.voltage.si(), p.voltage_harmonics));
      most_i = std::max(most_i, rms(p.current.si(), p.current_harmonics));
    }
    for (std::size_t k = 0; k < 3; ++k) {
      const auto& p = point.phases[k];
      const double u = rms(p.voltage.si(), p.voltage_harmonics), i = rms(p.current.si(), p.current_harmonics);
      // A phase without voltage or current is measured in the range of the others: what is there by mistake shall fit.
      co_await choose(fmt::format("UL{}", k + 1), voltage_ranges_, u > 0 ? u : most_u);
      co_await choose(fmt::format("IL{}", k + 1), current_ranges_, i > 0 ? i : most_i);
    }
    if (integration != integration_) co_await integrate_over(integration);
    co_await client().expect_no_errors("choosing ranges", limit());
  }

  Task<ReferenceReading> next() override {
    co_await clock_.pause(integration_ + slack, order_, "the reference meter's interval that began before");
    co_return co_await read();
  }

  Task<std::array<double, 3>> next_power(PowerKind kind) override {
    co_await clock_.pause(integration_ + slack, order_, "the reference meter's interval that began before");
    const bool active = kind == PowerKind::active;
    const std::string module = active ? "POW1" : "POW2";
    co_await send("INIT:" + module + ";");
    const auto values = co_await fetch(module, module, active ? watts : vars);
    std::array<double, 3> powers{};
    for (std::size_t k = 0; k < 3; ++k)
      powers[k] = of_phase(values, active ? 'P' : values.begin()->first.front(), k, "FETC:" + module + "?");
    co_await expect_no_overload();
    co_return powers;
  }

  /// Takes up to one integration time: the instrument has no way to answer an interval that nobody asked for.
  Task<ReferenceReading> latest() override { co_return co_await read(); }

  /// FETC answers the interval that the last reading asked for, until somebody asks for another.
  Task<std::optional<ReferenceSpectrum>> spectrum() override {
    const auto fft = co_await fetch("FFT1", "FFT1", volts_and_amperes);
    ReferenceSpectrum spectrum;
    const double zero = std::arg(component(of_channel(fft, 'U', 0), 1));
    for (std::size_t k = 0; k < 3; ++k) {
      spectrum.voltage[k] = turned(of_channel(fft, 'U', k), zero);
      spectrum.current[k] = turned(of_channel(fft, 'I', k), zero);
    }
    co_return spectrum;
  }

  Ratio expanded_uncertainty(const LoadPoint&) const override { return uncertainty_; }

  ErrorCalculator* calculator() override { return &calculator_; }

 private:
  ScpiClient& client() {
    if (!client_) throw Failure{Fault::unreachable, where, "not connected"};
    return *client_;
  }
  Duration limit() const { return std::min<Duration>(timeout_, std::max(Duration{}, deadline_ - clock_.now())); }
  Task<std::string> ask(std::string query) { co_return co_await client().ask(std::move(query), limit()); }
  Task<void> send(std::string command) { co_await client().send(std::move(command), limit()); }

  Task<std::vector<ZeraRange>> catalogue(std::string channel, char unit) {
    const Asked asked{where, fmt::format("SENS:RNG1:{}:RANG:CAT?", channel)};
    const auto answer = co_await ask(asked.query);
    co_return value_or_throw(parse_zera_catalogue(answer, unit, asked));
  }

  Task<void> choose(std::string channel, const std::vector<ZeraRange>& ranges, double value) {
    const auto found = std::ranges::find_if(ranges, [&](const ZeraRange& r) { return value <= r.full_scale; });
    if (found == ranges.end())
      throw Failure{Fault::incapable, where, fmt::format("no range of {} holds {:g}", channel, value)};
    auto& present = chosen_[channel];
    if (present == found->name) co_return;
    if (const auto inputs = calculator_.under_way(); !inputs.empty())
      throw Failure{Fault::refused, where,
                    fmt::format("another range of {} would spoil the error calculation at {}", channel, inputs)};
    present.clear();
    co_await send(fmt::format("SENS:RNG1:{}:RANG {};", channel, found->name));
    const auto query = fmt::format("SENS:RNG1:{}:RANG?", channel);
    const auto answer = co_await ask(query);
    if (answer != found->name)
      throw Failure{Fault::instrument, where,
                    fmt::format("'{}' was answered '{}' where {} was chosen", query, shown(answer), found->name)};
    present = found->name;
  }

  Task<void> integrate_over(Duration integration) {
    for (const char* module : averaging_modules)
      co_await send(fmt::format("CONF:{}:TINTEGRATION {:g};", module, in_seconds(integration)));
    integration_ = integration;
  }

  /// All modules of the interval under way.
  Task<ReferenceReading> read() {
    for (const char* module : modules) co_await send(fmt::format("INIT:{};", module));
    const auto u_i = co_await fetch("RMS1", "RMS1", volts_and_amperes);
    ReferenceReading reading;
    reading.to = clock_.now();
    reading.from = reading.to - integration_;
    const auto p = co_await fetch("POW1", "POW1", watts);
    const auto q = co_await fetch("POW2", "POW2", vars);
    const auto s = co_await fetch("POW3", "POW3", volt_amperes);
    const auto dft = co_await fetch("DFT1", "DFT1", volts_and_amperes);
    const auto f = co_await fetch("RNG1:F", "RNG1", hertz);
    if (f.size() != 1 || f.begin()->second.size() != 1)
      throw Failure{Fault::protocol, where, "'FETC:RNG1:F?' was answered without one frequency"};
    reading.frequency = Frequency{f.begin()->second.front()};
    double sum = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      reading.voltage[k] = Voltage{of_phase(u_i, 'U', k, "FETC:RMS1?")};
      reading.current[k] = Current{of_phase(u_i, 'I', k, "FETC:RMS1?")};
      reading.active[k] = ActivePower{of_phase(p, 'P', k, "FETC:POW1?")};
      reading.reactive[k] = ReactivePower{of_phase(q, q.begin()->first.front(), k, "FETC:POW2?")};
      reading.apparent[k] = ApparentPower{of_phase(s, s.begin()->first.front(), k, "FETC:POW3?")};
      sum += reading.active[k].si();
    }
    reading.active_total = ActivePower{sum};
    const double zero = lag_of(dft, 'U', 0);
    for (std::size_t k = 0; k < 3; ++k) {
      const double u = lag_of(dft, 'U', k);
      reading.voltage_angle[k] = folded(zero - u);
      reading.lag[k] = folded(lag_of(dft, 'I', k) - u);
    }
    co_await expect_no_overload();
    co_return reading;
  }

  Task<void> expect_no_overload() {
    const auto overloaded = co_await client().ask_integer("SENS:RNG1:OVERLOAD?", limit());
    if (overloaded != 0)
      throw Failure{Fault::instrument, where, "an input is overloaded: the values are not to be trusted"};
  }

  Task<std::map<std::string, std::vector<double>>> fetch(std::string path, std::string module, const Units& units) {
    const Asked asked{where, fmt::format("FETC:{}?", path)};
    // The interval that was asked for may have only just begun.
    const auto answer = co_await client().ask(asked.query, limit() + integration_);
    if (answer.empty()) {
      co_await client().expect_no_errors("'" + asked.query + "'", limit());
      throw Failure{Fault::protocol, where, "'" + asked.query + "' was answered with an empty line"};
    }
    co_return value_or_throw(parse_zera_values(answer, module, units, asked));
  }

  /// The angle of a fundamental in radians, lag positive: amplitude, radians, degrees is what the module answers.
  static double lag_of(const std::map<std::string, std::vector<double>>& dft, char first, std::size_t phase) {
    for (const auto& [name, numbers] : dft)
      if (name.front() == first && name.back() == static_cast<char>('1' + phase) && numbers.size() == 3)
        return degrees(numbers[2]).si();
    throw Failure{Fault::protocol, where,
                  fmt::format("'FETC:DFT1?' was answered without {} of phase {}", first, phase + 1)};
  }

  static const std::vector<double>& of_channel(const std::map<std::string, std::vector<double>>& fft, char first,
                                               std::size_t phase) {
    for (const auto& [name, numbers] : fft)
      if (name.front() == first && name.back() == static_cast<char>('1' + phase) &&
          name.find('-') == std::string::npos && numbers.size() >= 4 && numbers.size() % 2 == 0)
        return numbers;
    throw Failure{Fault::protocol, where,
                  fmt::format("'FETC:FFT1?' was answered without pairs for {} of phase {}", first, phase + 1)};
  }

  /// Complex rms, leading angles positive; DC as it is.
  static std::complex<double> component(const std::vector<double>& pairs, int order) {
    const auto at = 2 * static_cast<std::size_t>(order);
    if (order == 0) return pairs[0];
    return std::complex<double>{pairs[at], -pairs[at + 1]} / std::numbers::sqrt2;
  }

  static std::map<int, std::complex<double>> turned(const std::vector<double>& pairs, double zero) {
    std::map<int, std::complex<double>> spectrum;
    for (int order = 0; 2 * order < static_cast<int>(pairs.size()); ++order)
      if (const auto z = component(pairs, order); z != 0.0) spectrum[order] = z * std::polar(1.0, -order * zero);
    return spectrum;
  }

  static Angle folded(double radians) { return Angle{std::remainder(radians, 2 * std::numbers::pi)}; }

  Surroundings& around_;
  Clock& clock_;
  Order order_;
  std::string address_;
  Duration timeout_;
  Ratio uncertainty_;
  Time deadline_ = never;
  Duration integration_{1s};
  std::unique_ptr<ScpiClient> client_;
  std::vector<ZeraRange> voltage_ranges_, current_ranges_;
  std::map<std::string, std::string> chosen_;  ///< range by channel
  ZeraErrorCalculator calculator_;
};

/// Where the bench names none: the class figure that calibration laboratories give for this type, 0.01 %.
constexpr Ratio class_uncertainty{100e-6};

[[maybe_unused]] const bool listed = reference_meters().add(
    "zera-com5003", "ZERA COM5003 or MT310s2, three phases, SCPI on TCP port 6320",
    [](const Settings& at, Surroundings& around, Order order) -> std::unique_ptr<ReferenceMeter> {
      const auto timeout = at.find("timeout");
      const auto uncertainty = at.find("uncertainty");
      if (uncertainty && !(uncertainty->ratio().si() > 0)) throw uncertainty->failure("expected more than 0");
      return std::make_unique<ZeraCom5003>(around, order, at.at("address").text(),
                                           timeout ? timeout->duration() : Duration{3s},
                                           uncertainty ? uncertainty->ratio() : class_uncertainty);
    });

}  // namespace

}  // namespace blondel
