#include "reports/testdata/sample_run.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace blondel {
namespace {

using Json = nlohmann::ordered_json;

struct Point {
  double ratio;
  const char* power_factor;
  double tangent;  ///< of the lag, by which a phase error shows
  double limit;    ///< percent
};

// Class 0.2S, balanced load, as it stands in table 4 of the 2003 edition of IEC 62053-22; the figures are provisional.
constexpr std::array<Point, 12> points{{{0.01, "1", 0, 0.4},
                                        {0.05, "1", 0, 0.2},
                                        {0.2, "1", 0, 0.2},
                                        {1.0, "1", 0, 0.2},
                                        {0.02, "0.5 ind", 1.732, 0.5},
                                        {0.1, "0.5 ind", 1.732, 0.3},
                                        {0.5, "0.5 ind", 1.732, 0.3},
                                        {1.0, "0.5 ind", 1.732, 0.3},
                                        {0.02, "0.8 cap", -0.75, 0.5},
                                        {0.1, "0.8 cap", -0.75, 0.3},
                                        {0.5, "0.8 cap", -0.75, 0.3},
                                        {1.0, "0.8 cap", -0.75, 0.3}}};

struct Meter {
  int position;
  const char* serial;
  double gain_percent;   ///< error at unity power factor
  double phase_percent;  ///< error for each unit of tangent
};

constexpr std::array<Meter, 3> meters{
    {{1, "4KA-0071925", 0.031, 0.012}, {2, "4KA-0071926", -0.062, 0.241}, {3, "4KA-0071931", 0.108, -0.037}}};

std::string text_of(const Point& point) {
  return fmt::format("{} In, PF {}", point.ratio, point.power_factor);
}

class SampleRun {
 public:
  explicit SampleRun(Journal& journal) : journal_{journal} {}

  void write() {
    header();
    identify();
    configure();
    accuracy(3, "registers", 0.018);
    accuracy(4, "pulses", 0.011);
    ending();
    journal_.close();
  }

 private:
  void add(const char* kind, Json fields) { journal_.add(kind, now_, std::move(fields)); }
  void wait(double seconds) { now_ += std::llround(seconds * 1e9); }
  /// Between -1 and 1, the same on every machine.
  double chance() { return static_cast<double>(noise_()) / 2147483648.0 - 1; }

  void begin(int step, const char* name, const char* kind, double predicted) {
    begun_ = now_;
    add("step_begin", {{"step", step}, {"name", name}, {"step_kind", kind}, {"predicted_s", predicted}});
  }
  void end(int step, Json verdicts) {
    add("step_end",
        {{"step", step}, {"verdicts", std::move(verdicts)}, {"duration_s", static_cast<double>(now_ - begun_) * 1e-9}});
    journal_.commit();
  }

  void header() {
    Json positions = Json::array();
    for (const auto& meter : meters) positions.push_back(Json{{"position", meter.position}, {"judged", true}});
    positions.push_back(Json{{"position", 4}, {"judged", false}});
    add("run", {{"plan",
                 {{"name", "Class 0.2S pre-scan, active energy"},
                  {"file", "testplans/class-0.2s.yaml"},
                  {"sha256", "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9"}}},
                {"bench",
                 {{"name", "First bench: 6105A, COM5003, four sockets"},
                  {"file", "testplans/benches/first.yaml"},
                  {"sha256", "03ba204e50d126e4674c005e04d82e84c21366780af1f43bd54a37816b6ab340"}}},
                {"meter", "Series 4000-K"},
                {"seed", 20240611},
                {"version", "0.1.0"},
                {"decision_rule", "guarded acceptance, w = U"},
                {"positions", std::move(positions)},
                {"on_fail", "continue"},
                {"not_covered", {"1.2 In, PF 1: the source gives 21 A at most", "0.001 In, PF 1: below 50 mA"}}});
    wait(0.4);
    const auto instrument = [&](const char* role, const char* driver, const char* address, Json identity) {
      add("instrument", {{"role", role}, {"driver", driver}, {"address", address}, {"identity", std::move(identity)}});
    };
    instrument("ac_source", "fluke-6105a", "GPIB0::16::INSTR",
               {{"maker", "FLUKE"}, {"model", "6105A"}, {"serial", "918273645"}, {"firmware", "5.02"}});
    instrument("reference_meter", "zera-com5003", "TCPIP0::10.0.0.53::6320::SOCKET",
               {{"maker", "ZERA"}, {"model", "COM5003"}, {"serial", "05003217"}, {"firmware", "2.4.1"}});
    instrument("pulse_input", "gate-counter", "pulse0",
               {{"maker", "Blondel"}, {"model", "simulated"}, {"serial", "1"}, {"firmware", "0.1.0"}});
    journal_.commit();
  }

  void identify() {
    begin(1, "identify", "identify", 6);
    wait(2.1);
    for (const auto& meter : meters)
      add("position", {{"position", meter.position},
                       {"serial", meter.serial},
                       {"identity", {{"vendor", "Kilowatt Works"}, {"model", "4000-K"}}},
                       {"firmware_version", "1.42"},
                       {"port", fmt::format("rs485-{}", meter.position)}});
    for (const auto& meter : meters)
      add("fingerprint", {{"step", 1},
                          {"position", meter.position},
                          {"when", "start"},
                          {"values", {{"ct_primary", 5}, {"pulse_constant", 1000}}}});
    end(1, {{"1", "pass"}, {"2", "pass"}, {"3", "pass"}});
  }

  void configure() {
    begin(2, "set the pulse constant", "configure", 4);
    for (const auto& meter : meters) {
      add("change",
          {{"step", 2}, {"position", meter.position}, {"point", "pulse_constant"}, {"old", 1000}, {"new", 10000}});
      wait(0.3);
    }
    end(2, {{"1", "pass"}, {"2", "pass"}, {"3", "pass"}});
  }

  void accuracy(int step, const char* method, double uncertainty) {
    begin(step, fmt::format("accuracy by {}", method).c_str(), "accuracy", 420);
    std::array<std::string, 4> worst{"", "pass", "pass", "pass"};
    for (const auto& point : points) {
      add("applied", {{"step", step},
                      {"load",
                       {{"voltage", "277 V"},
                        {"current", fmt::format("{} A", 5 * point.ratio)},
                        {"power factor", point.power_factor},
                        {"frequency", "60 Hz"}}},
                      {"settle_s", 2.5}});
      wait(2.5 + 0.25 / point.ratio + 20);
      for (const auto& meter : meters) {
        add("reading", {{"step", step},
                        {"position", meter.position},
                        {"what", "energy"},
                        {"values", {{"wh", 11.5 * point.ratio}}}});
        const double u = uncertainty * (1 + 0.02 / point.ratio);
        double error = meter.gain_percent + meter.phase_percent * point.tangent +
                       0.006 * chance() / std::sqrt(point.ratio) + 0.0012 / point.ratio;
        const bool lost = meter.position == 3 && step == 4 && point.ratio == 0.5 && point.tangent < 0;
        if (lost) error = std::numeric_limits<double>::quiet_NaN();
        const char* verdict = lost                                 ? "inconclusive"
                              : std::abs(error) + u <= point.limit ? "pass"
                              : std::abs(error) - u > point.limit  ? "fail"
                                                                   : "inconclusive";
        auto& so_far = worst[static_cast<std::size_t>(meter.position)];
        if (so_far != "fail" && std::string{verdict} != "pass") so_far = verdict;
        add("measurement", {{"step", step},
                            {"position", meter.position},
                            {"name", "percentage_error"},
                            {"point", text_of(point)},
                            {"current_ratio", point.ratio},
                            {"power_factor", point.power_factor},
                            {"method", method},
                            {"value", error},
                            {"unit", "%"},
                            {"expanded_uncertainty", u},
                            {"coverage_factor", 2.0},
                            {"budget",
                             {{{"source", "reference meter"}, {"standard_uncertainty", u * 0.4}, {"evaluation", "B"}},
                              {{"source", "repeatability"}, {"standard_uncertainty", u * 0.3}, {"evaluation", "A"}}}},
                            {"lower", -point.limit},
                            {"upper", point.limit},
                            {"rule", "guarded acceptance"},
                            {"verdict", verdict},
                            {"standard", "IEC 62053-22"},
                            {"edition", "2003"},
                            {"clause", "Table 4"},
                            {"mark", "M"}});
        wait(0.05);
      }
    }
    if (step == 3)
      add("finding", {{"step", 3},
                      {"position", 2},
                      {"verdict", "pass"},
                      {"cause", "phase sequence"},
                      {"text", "L1 L2 L3, as wired"}});
    end(step, {{"1", worst[1]}, {"2", worst[2]}, {"3", worst[3]}});
  }

  void ending() {
    add("event", {{"level", "warning"}, {"text", "position 3: one pulse was lost at 0.5 In, PF 0.8 cap"}});
    add("safe", {{"reason", "end of plan"},
                 {"off", true},
                 {"proof", {{"current_L1", "0.8 mA"}, {"voltage_L1", "0.02 V"}, {"read by", "COM5003"}}},
                 {"stop_to_off_ms", 182.4}});
    for (const auto& meter : meters) {
      add("restored", {{"position", meter.position}, {"point", "pulse_constant"}, {"value", 1000}});
      add("fingerprint", {{"step", 4},
                          {"position", meter.position},
                          {"when", "end"},
                          {"values", {{"ct_primary", 5}, {"pulse_constant", 1000}}}});
    }
    add("event", {{"level", "info"}, {"text", "all meters are configured as they were found"}});
    Json positions = Json::array();
    positions.push_back(Json{{"position", 1}, {"serial", meters[0].serial}, {"verdict", "pass"}, {"cause", ""}});
    positions.push_back(Json{{"position", 2},
                             {"serial", meters[1].serial},
                             {"verdict", "fail"},
                             {"cause", "accuracy: lagging currents over-registered"}});
    positions.push_back(Json{{"position", 3},
                             {"serial", meters[2].serial},
                             {"verdict", "inconclusive"},
                             {"cause", "accuracy: one measurement gave no number"}});
    add("run_end", {{"verdict", "fail"},
                    {"why", "the plan ran to its end"},
                    {"exit_code", 1},
                    {"positions", std::move(positions)}});
  }

  Journal& journal_;
  std::mt19937 noise_{7};
  std::int64_t now_ = 0;
  std::int64_t begun_ = 0;
};

}  // namespace

void write_sample_run(Journal& journal) {
  SampleRun{journal}.write();
}

}  // namespace blondel
