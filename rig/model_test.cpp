#include "rig/model.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <numbers>

#include "references/error.hpp"
#include "references/metering/testdata/hdf5_sample.hpp"

namespace blondel {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

using Values = std::map<std::string, double>;

const std::string examples = "references/metering/examples/";

class ModelTest : public ::testing::Test {
 protected:
  ModelTest() { std::filesystem::create_directories(folder_); }
  ~ModelTest() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::string file(const std::string& name, const std::string& text) const {
    std::ofstream{path(name), std::ios::binary} << text;
    return path(name);
  }

  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / ("blondel_model_" + std::to_string(getpid()));
};

ModelRequest asked(const std::string& file) {
  ModelRequest request;
  request.file = file;
  return request;
}

/// One-phase, at this rate, unless the file says it.
ModelRequest one_phase(const std::string& file, const std::string& rate = "") {
  auto request = asked(file);
  request.connection = "one-phase";
  request.rate = rate;
  return request;
}

Values overall(const ModelResult& result) {
  Values values;
  for (const auto& q : result.overall)
    if (q.mean.value) values[q.mean.name] = *q.mean.value;
  return values;
}

/// What is withheld, and why.
std::map<std::string, std::string> withheld(const ModelResult& result) {
  std::map<std::string, std::string> reasons;
  for (const auto& q : result.overall)
    if (!q.mean.value) reasons[q.mean.name] = q.mean.withheld;
  return reasons;
}

/// Each expected value within half a unit of its last printed decimal.
void expect_printed(const ModelResult& result, const Values& expected, int decimals) {
  const auto values = overall(result);
  for (const auto& [name, value] : expected) {
    ASSERT_TRUE(values.contains(name)) << name;
    EXPECT_NEAR(values.at(name), value, 0.5 * std::pow(10, -decimals) * (1 + 1e-6)) << name;
  }
}

struct Line {
  int order;
  double rms, degrees;
};
const std::vector<Line> annex_b_voltage{{1, 100, 0}, {3, 8, -70}, {5, 15, 140}, {7, 5, 20}};
const std::vector<Line> annex_b_current{{1, 100, -30}, {3, 20, -165}, {5, 15, 233}, {7, 10, 288}};

std::vector<double> samples(const std::vector<Line>& lines, double frequency, double rate, std::size_t rows) {
  std::vector<double> values;
  for (std::size_t k = 0; k < rows; ++k) {
    double sum = 0;
    for (const auto& line : lines)
      sum += std::sqrt(2.0) * line.rms *
             std::cos(line.order * 2 * std::numbers::pi * frequency * static_cast<double>(k) / rate +
                      line.degrees * std::numbers::pi / 180);
    values.push_back(sum);
  }
  return values;
}

std::string csv(const std::vector<double>& va, const std::vector<double>& ia) {
  std::string text = "va,ia\n";
  for (std::size_t k = 0; k < va.size(); ++k) text += fmt::format("{},{}\n", va[k], ia[k]);
  return text;
}

/// The refusal of a request as "where: what (fault)", or "accepted".
std::string refusal(const ModelRequest& request) {
  try {
    model(request);
  } catch (const Failure& failure) {
    return failure.what();
  }
  return "accepted";
}

const Values annex_b{{"voltage_an", 101.557865},
                     {"current_a", 103.561576},
                     {"active_power_a", 8632.788554},
                     {"active_power_total", 8632.788554},
                     {"harmonic_active_power_a", -27.465484},
                     {"reactive_power_total", 5000},
                     {"reactive_power_budeanu_a", 4984.669048},
                     {"apparent_power_arithmetic", 10517.492572},
                     {"fundamental_apparent_power_a", 10000},
                     {"nonfundamental_apparent_power_a", 3258.473569},
                     {"current_distortion_power_a", 2692.582404},
                     {"voltage_distortion_power_a", 1772.004515},
                     {"harmonic_apparent_power_a", 477.126818},
                     {"harmonic_distortion_power_a", 476.335646},
                     {"nonactive_power_a", 6007.712691},
                     {"voltage_distortion_a", 0.177200},
                     {"current_distortion_a", 0.269258},
                     {"power_factor_a", 0.820803},
                     {"displacement_power_factor_a", 0.866025}};

TEST_F(ModelTest, AnnexBOfIeee1459ComesOutToAllPrintedDigits) {
  const auto result = model(asked(examples + "annex_b.yaml"));
  expect_printed(result, annex_b, 6);
  expect_printed(result,
                 {{"reactive_power_quarter_period_a", 4565.95},
                  {"reactive_power_integrator_a", 5015.33},
                  {"reactive_power_differentiator_a", 4704.50},
                  {"reactive_power_fryze_total", 6007.71}},
                 2);
  EXPECT_FALSE(result.rate_hz);
  EXPECT_TRUE(result.seconds.empty() && result.energies.empty());
}

TEST_F(ModelTest, TheFifthHarmonicTestComesOutToAllPrintedDigits) {
  expect_printed(model(asked(examples + "fifth_harmonic.yaml")),
                 {{"fundamental_active_power_a", 2300},
                  {"harmonic_active_power_a", 92},
                  {"active_power_total", 2392},
                  {"voltage_an", 231.147139},
                  {"current_a", 10.770330},
                  {"apparent_power_a", 2489.530880},
                  {"power_factor_a", 0.960824},
                  {"reactive_power_total", 0},
                  {"reactive_power_budeanu_a", 0},
                  {"nonactive_power_a", 690},
                  {"current_distortion_power_a", 920},
                  {"voltage_distortion_power_a", 230},
                  {"harmonic_apparent_power_a", 92}},
                 6);
}

TEST_F(ModelTest, TwoWattmetersReadWhatTheTextbookSays) {
  expect_printed(model(asked(examples + "two_wattmeters.yaml")),
                 {{"current_a", 12.008886},
                  {"active_power_ab", 981.205539},
                  {"reactive_power_ab", 2297.059282},
                  {"active_power_cb", 2479.914461},
                  {"reactive_power_cb", 298.780718},
                  {"active_power_total", 3461.12},
                  {"reactive_power_total", 2595.84},
                  {"apparent_power_vector", 4326.40},
                  {"apparent_power_effective", 4326.40}},
                 6);
}

TEST_F(ModelTest, OneResistorBetweenTwoLinesPartsTheApparentPowers) {
  expect_printed(model(asked(examples + "one_resistor.yaml")),
                 {{"current_a", 190.525589},
                  {"active_power_total", 72600},
                  {"reactive_power_total", 0},
                  {"reactive_power_a", -20957.814772},
                  {"reactive_power_b", 20957.814772},
                  {"apparent_power_arithmetic", 83831.259086},
                  {"apparent_power_vector", 72600},
                  {"apparent_power_effective", 102671.904628},
                  {"current_positive_sequence", 110},
                  {"current_negative_sequence", 110}},
                 6);
}

TEST_F(ModelTest, ADistortedLoadReadsTheSameAtEveryFrequency) {
  const Values truth{{"voltage_an", 230.175308},
                     {"current_a", 5.146115},
                     {"active_power_total", 572.844036},
                     {"fundamental_active_power_a", 575},
                     {"harmonic_active_power_a", -2.155964},
                     {"reactive_power_total", 995.929214},
                     {"reactive_power_budeanu_a", 997.493111},
                     {"apparent_power_a", 1184.508615},
                     {"nonactive_power_a", 1036.778843},
                     {"power_factor_a", 0.483613},
                     {"voltage_distortion_a", 0.039051},
                     {"current_distortion_a", 0.243516},
                     {"nonfundamental_apparent_power_a", 283.832097}};
  expect_printed(model(asked(examples + "off_nominal.yaml")), truth, 6);
  std::ifstream example{examples + "off_nominal.yaml"};
  std::string text{std::istreambuf_iterator<char>{example}, {}};
  const auto at = text.find("49.37");
  ASSERT_NE(at, std::string::npos);
  expect_printed(model(asked(file("load.yaml", text.replace(at, 5, "61.83")))), truth, 6);
  // And as a recording, in windows that no whole number of periods fits.
  const auto va = samples({{1, 230, 0}, {3, 4.6, 40}, {5, 6.9, -60}, {7, 3.45, 110}}, 61.83, 2520, 3200);
  const auto ia = samples({{1, 5, -60}, {3, 1, -25}, {5, 0.6, 100}, {7, 0.35, -150}}, 61.83, 2520, 3200);
  expect_printed(model(one_phase(file("load.csv", csv(va, ia)), "2520")), truth, 6);
}

TEST_F(ModelTest, TheRecordingOfAnnexBReadsAsItsSpectrum) {
  // Written with nine digits.
  const auto result = model(one_phase(examples + "annex_b.csv", "1000"));
  expect_printed(result, annex_b, 5);
  EXPECT_EQ(result.seconds.size(), 1u);
  EXPECT_THAT(withheld(result), IsEmpty());
}

TEST_F(ModelTest, TheSameSignalReadsTheSameInEveryKindOfFile) {
  constexpr std::size_t rows = 2 * 2520 + 600;
  const auto va = samples(annex_b_voltage, 60, 2520, rows), ia = samples(annex_b_current, 60, 2520, rows);
  const double v_step = 2e-7, i_step = 2e-7;  // of a converter of 32 bits
  std::vector<double> v_code, i_code;
  for (std::size_t k = 0; k < rows; ++k) {
    v_code.push_back(std::round(va[k] / v_step) + 1000);
    i_code.push_back(std::round(ia[k] / i_step));
  }
  const auto write = [&](const std::string& name, hid_t type, const std::vector<double>& v,
                         const std::vector<double>& i, double v_gain, double i_gain, double offset) {
    Hdf5Sample h5{path(name)};
    h5.add_number("/", "rate_hz", 2520);
    h5.add({"va", v, type, v_gain, offset, "V"});
    h5.add({"ia", i, type, i_gain, 0.0, "A"});
    return path(name);
  };
  const auto as_csv = model(one_phase(file("wave.csv", csv(va, ia)), "2520"));
  const auto as_double = model(one_phase(write("double.h5", H5T_IEEE_F64LE, va, ia, 1, 1, 0)));
  const auto as_int32 = model(one_phase(write("int32.h5", H5T_STD_I32LE, v_code, i_code, v_step, i_step, 1000)));
  EXPECT_EQ(overall(as_csv), overall(as_double)) << "both hold the same doubles";
  EXPECT_EQ(as_csv.seconds.size(), 2u);
  expect_printed(as_double, annex_b, 6);
  expect_printed(as_int32, annex_b, 5);
  EXPECT_THAT(withheld(as_int32), IsEmpty());

  // Sixteen bits: what is rounded is no longer annex B. It repeats every 42 samples, so the plain mean over those is
  // the truth about it.
  double v_square = 0, i_square = 0, power = 0;
  for (std::size_t k = 0; k < rows; ++k) {
    v_code[k] = std::round(va[k % 42] / 0.01);
    i_code[k] = std::round(ia[k % 42] / 0.01);
    if (k >= 42) continue;
    v_square += v_code[k] * v_code[k] * 1e-4 / 42;
    i_square += i_code[k] * i_code[k] * 1e-4 / 42;
    power += v_code[k] * i_code[k] * 1e-4 / 42;
  }
  const auto as_int16 = overall(model(one_phase(write("int16.h5", H5T_STD_I16LE, v_code, i_code, 0.01, 0.01, 0))));
  EXPECT_NEAR(as_int16.at("voltage_an"), std::sqrt(v_square), 1e-9);
  EXPECT_NEAR(as_int16.at("current_a"), std::sqrt(i_square), 1e-9);
  EXPECT_NEAR(as_int16.at("active_power_total"), power, 1e-7);
}

TEST_F(ModelTest, EnergiesAreThePowerOverTheMeteredSeconds) {
  const auto result = model(one_phase(
      file("wave.csv", csv(samples({{1, 230, 0}}, 50, 1000, 3300), samples({{1, 10, -60}}, 50, 1000, 3300))), "1000"));
  ASSERT_EQ(result.seconds.size(), 3u);
  Values energy;
  for (const auto& q : result.energies) energy[q.name] = q.value.value_or(NAN);
  EXPECT_NEAR(energy.at("active_energy_import"), 3 * 1150 / 3600.0, 1e-9);
  EXPECT_EQ(energy.at("active_energy_export"), 0);
  EXPECT_NEAR(energy.at("reactive_energy_q1"), 3 * 2300 * std::sqrt(0.75) / 3600, 1e-9);
  EXPECT_NEAR(energy.at("apparent_energy"), 3 * 2300 / 3600.0, 1e-9);
}

TEST_F(ModelTest, TheReactivePowerIsTheOneThatWasAskedFor) {
  auto request = asked(examples + "annex_b.yaml");
  expect_printed(model(request), {{"chosen_reactive_power", 5000}}, 6);
  request.reactive = "budeanu";
  expect_printed(model(request), {{"chosen_reactive_power", 4984.669048}}, 6);
  request.reactive = "fixed_delay";
  EXPECT_THAT(refusal(request), AllOf(StartsWith("--reactive: "), HasSubstr("--nominal"), HasSubstr("(usage)")));
  request.nominal = "60";
  expect_printed(model(request), {{"chosen_reactive_power", 4565.95}}, 2);
  request.reactive = "best";
  EXPECT_THAT(refusal(request), HasSubstr("found 'best'"));
}

TEST_F(ModelTest, WhatAnUnsteadySecondCannotTellIsWithheldWithItsReason) {
  // The current steps up in the middle of the second.
  const auto va = samples({{1, 230, 0}}, 50, 2520, 3200);
  auto ia = samples({{1, 5, -60}}, 50, 2520, 3200);
  for (std::size_t k = 1600; k < ia.size(); ++k) ia[k] *= 2;
  const auto result = model(one_phase(file("step.csv", csv(va, ia)), "2520"));
  EXPECT_TRUE(overall(result).contains("active_power_total"));
  const auto reasons = withheld(result);
  ASSERT_TRUE(reasons.contains("reactive_power_total"));
  ASSERT_TRUE(reasons.contains("chosen_reactive_power"));
  EXPECT_THAT(reasons.at("reactive_power_total"), HasSubstr("ia"));
  ASSERT_EQ(result.seconds.size(), 1u);
  EXPECT_FALSE(result.seconds[0].flags.empty());
  EXPECT_THAT(model_text(result), AllOf(HasSubstr("not steady in the second from 0.1 s: "), HasSubstr("withheld")));
  const auto json = nlohmann::json::parse(model_json(result));
  EXPECT_TRUE(json["quantities"]["reactive_power_total"]["value"].is_null());
  EXPECT_FALSE(json["quantities"]["reactive_power_total"]["withheld"].get<std::string>().empty());
  EXPECT_FALSE(json["readings"][0]["steady"].get<bool>());
}

TEST_F(ModelTest, TableAndJsonSayTheSameInTwelveDigits) {
  const auto result = model(asked(examples + "annex_b.yaml"));
  const auto json = nlohmann::json::parse(model_json(result));
  EXPECT_EQ(json["kind"], "spectrum");
  EXPECT_EQ(json["connection"], "one-phase");
  EXPECT_EQ(json["harmonics"]["va_h5"]["value"], 15);
  EXPECT_EQ(json["harmonics"]["va_h5_angle"]["unit"], "deg");
  EXPECT_EQ(json["quantities"]["active_power_total"]["unit"], "W");
  const auto text = model_text(result);
  for (const auto& [name, q] : json["quantities"].items()) {
    if (q["value"].is_null()) continue;
    const auto digits = fmt::format("{:.12g}", q["value"].get<double>());
    EXPECT_EQ(std::stod(digits), q["value"].get<double>()) << name;
    EXPECT_THAT(text, HasSubstr(" " + digits)) << name;
  }
  EXPECT_THAT(text, HasSubstr("8632.78855"));
}

TEST_F(ModelTest, ThePictureShowsTwoCyclesOfEveryChannel) {
  auto request = asked(examples + "annex_b.yaml");
  request.with_picture = true;
  const auto spectrum = *model(request).picture;
  EXPECT_NEAR(spectrum.span_s, 2 / 60.0, 1e-15);
  ASSERT_EQ(spectrum.traces.size(), 2u);
  // At t = 0 the samples are the sums of the lines' real parts.
  double sum = 0;
  for (const auto& line : annex_b_voltage)
    sum += std::sqrt(2.0) * line.rms * std::cos(line.degrees * std::numbers::pi / 180);
  EXPECT_NEAR(spectrum.traces[0].samples.front(), sum, 1e-9);
  EXPECT_NEAR(spectrum.traces[0].samples.back(), sum, 1e-9);
  EXPECT_NEAR(std::arg(spectrum.traces[1].phasor), -std::numbers::pi / 6, 1e-12);

  auto recording = one_phase(examples + "annex_b.csv", "1000");
  recording.with_picture = true;
  const auto seen = *model(recording).picture;
  EXPECT_NEAR(seen.span_s, 2 / 60.0, 1e-3) << "to a sample";
  EXPECT_NEAR(std::arg(seen.traces[0].phasor), 0, 1e-9);
  EXPECT_NEAR(std::arg(seen.traces[1].phasor), -std::numbers::pi / 6, 1e-6);
  EXPECT_NEAR(std::abs(seen.traces[1].phasor), 100, 1e-4);
  EXPECT_EQ(model(asked(examples + "annex_b.yaml")).picture.has_value(), false);
}

TEST_F(ModelTest, RefusesWithOneReasonAndNoNumber) {
  EXPECT_THAT(refusal(asked("load.txt")), AllOf(StartsWith("load.txt: "), HasSubstr(".hdf5, found '.txt' (usage)")));
  EXPECT_THAT(refusal(asked(path("none.yaml"))), HasSubstr("there is no such file"));
  EXPECT_THAT(refusal(asked(examples + "annex_b.csv")), StartsWith("--connection: is missing"));
  EXPECT_THAT(refusal(one_phase(examples + "annex_b.csv")), HasSubstr("the sampling rate must be given"));
  EXPECT_THAT(refusal(one_phase(examples + "annex_b.csv", "fast")), StartsWith("--rate: "));
  EXPECT_THAT(refusal(one_phase(examples + "annex_b.csv", "nan")), StartsWith("--rate: "));
  EXPECT_THAT(refusal(one_phase(examples + "annex_b.csv", "-1000")), StartsWith("--rate: "));
  EXPECT_THAT(refusal(one_phase(examples + "annex_b.yaml")), StartsWith("--connection: has no meaning here"));
  auto request = one_phase(examples + "annex_b.csv", "1000");
  request.connection = "wye";
  EXPECT_THAT(refusal(request), HasSubstr("the column 'vb' is missing; the connection needs it"));
  request.connection = "star";
  EXPECT_THAT(refusal(request), AllOf(StartsWith("--connection: "), HasSubstr("found 'star'")));
  request = one_phase(examples + "annex_b.csv", "1000");
  request.group = "waveforms";
  EXPECT_THAT(refusal(request), StartsWith("--group: has no meaning here"));
  request = one_phase(examples + "annex_b.csv", "1000");
  request.frequency_channel = "vb";
  EXPECT_THAT(refusal(request), HasSubstr("expected one of va, ia; found 'vb'"));
  for (const char* rate : {"499", "1000001"})
    EXPECT_THAT(refusal(one_phase(examples + "annex_b.csv", rate)), HasSubstr("from 500 to 1000000 samples a second"));
  std::string fast = "va,ia\n";
  for (int k = 0; k < 3200; ++k) fast += k % 10 < 5 ? "1,1\n" : "-1,-1\n";
  EXPECT_THAT(refusal(one_phase(file("fast.csv", fast), "2520")),
              AllOf(HasSubstr("between 40 and 70 Hz on channel va"), HasSubstr("strongest component at 252.0 Hz")));
  // Too short for one reading, and nothing that has a frequency.
  EXPECT_THAT(refusal(one_phase(file("short.csv", "va,ia\n1,2\n3,4\n5,6\n"), "2520")), HasSubstr("short.csv"));
  std::string flat = "va,ia\n";
  for (int k = 0; k < 3200; ++k) flat += "0,0\n";
  EXPECT_THAT(refusal(one_phase(file("flat.csv", flat), "2520")), HasSubstr("flat.csv"));
  EXPECT_THAT(refusal(one_phase(file("junk.h5", "\x89HDF\r\n\x1a\nnothing else"), "2520")),
              AllOf(HasSubstr("junk.h5: cannot be opened as an HDF5 file"), HasSubstr("(malformed)")));
  EXPECT_THAT(refusal(one_phase(folder_.string() + "/..csv", "2520")), HasSubstr("there is no such file"));
}

}  // namespace
}  // namespace blondel
