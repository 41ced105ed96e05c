#include "references/metering/spectrum_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numbers>

namespace blondel {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

SpectrumFile read(const std::string& text) {
  return read_spectrum(Settings::parse(text, "load.yaml"));
}

/// "where: what" of the refusal, or "accepted".
std::string refusal(const std::string& text) {
  try {
    read(text);
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.error.fault, Fault::malformed) << text;
    return failure.error.where + ": " + failure.error.what;
  }
  return "accepted";
}

/// A one-phase file with this list of va.
std::string with_va(const std::string& lines) {
  return "frequency: 60 Hz\nconnection: one-phase\nva: " + lines + "\nia: []\n";
}

TEST(SpectrumFileTest, ReadsLinesAsRmsPhasorsByOrder) {
  const auto file = read(
      "frequency: 50 Hz\n"
      "connection: 10\n"
      "va:\n"
      "  - {order: 1, rms: 0.23 kV, angle: 90 deg}\n"
      "  - {order: 0, rms: -5 V}\n"
      "ia: [{order: 3, rms: 200 mA, angle: -1 rad}]\n");
  EXPECT_EQ(file.service, Service::one_phase);
  EXPECT_EQ(file.set.frequency.si(), 50);
  ASSERT_EQ(file.set.voltage[0].size(), 2u);
  EXPECT_NEAR(file.set.voltage[0].at(1).real(), 0, 1e-12);
  EXPECT_NEAR(file.set.voltage[0].at(1).imag(), 230, 1e-12);
  EXPECT_EQ(file.set.voltage[0].at(0), std::complex<double>(-5, 0));
  EXPECT_NEAR(std::abs(file.set.current[0].at(3)), 0.2, 1e-15);
  EXPECT_NEAR(std::arg(file.set.current[0].at(3)), -1, 1e-15);
  EXPECT_TRUE(file.set.voltage[1].empty() && file.set.current[2].empty());
}

TEST(SpectrumFileTest, AnEmptyListIsADeadChannel) {
  EXPECT_TRUE(read(with_va("[]")).set.voltage[0].empty());
}

TEST(SpectrumFileTest, KnowsConnectionsByNameAndBySystemNumber) {
  const std::string all = "\nfrequency: 60 Hz\nva: []\nvb: []\nvc: []\nia: []\nib: []\nic: []\n";
  EXPECT_EQ(read("connection: wye" + all).service, Service::four_wire);
  EXPECT_EQ(read("connection: 40" + all).service, Service::four_wire);
  EXPECT_EQ(read("connection: 31" + all).service, Service::virtual_neutral);
  EXPECT_THAT(refusal("connection: star" + all),
              AllOf(StartsWith("load.yaml:1:13: "), HasSubstr("'wye'"), HasSubstr("found 'star'")));
  EXPECT_THAT(refusal("connection: 13" + all), AllOf(StartsWith("load.yaml:1:13: "), HasSubstr("found '13'")));
}

TEST(SpectrumFileTest, RefusesEachSlipWithItsPlace) {
  const auto wrong = [](const std::string& lines) { return refusal(with_va(lines)); };
  EXPECT_THAT(wrong("[{order: 1, rms: 5 A, angle: 0 deg}]"), AllOf(StartsWith("load.yaml:3:22: "), HasSubstr("5 A")));
  EXPECT_THAT(wrong("[{order: 1, rms: 5, angle: 0 deg}]"), StartsWith("load.yaml:3:22: "));
  EXPECT_THAT(wrong("[{order: 1, rms: .nan, angle: 0 deg}]"), StartsWith("load.yaml:3:22: "));
  EXPECT_THAT(wrong("[{order: 1, rms: nan V, angle: 0 deg}]"), StartsWith("load.yaml:3:22: "));
  EXPECT_THAT(wrong("[{order: 1, rms: 1e400 V, angle: 0 deg}]"), StartsWith("load.yaml:3:22: "));
  EXPECT_THAT(wrong("[{order: 1, rms: 2e9 V, angle: 0 deg}]"), HasSubstr("expected at most 1e9 V, found '2e9 V'"));
  EXPECT_THAT(wrong("[{order: 1, rms: -5 V, angle: 0 deg}]"), HasSubstr("not negative, found '-5 V'"));
  EXPECT_THAT(wrong("[{order: 1, rms: 5 V, angle: 30}]"), StartsWith("load.yaml:3:34: "));
  EXPECT_THAT(wrong("[{order: 1, rms: 5 V, angle: 30 V}]"), StartsWith("load.yaml:3:34: "));
  EXPECT_THAT(wrong("[{order: 1, rms: 5 V}]"), AllOf(StartsWith("load.yaml:3:6: "), HasSubstr("'angle' is missing")));
  EXPECT_THAT(wrong("[{rms: 5 V, angle: 0 deg}]"), HasSubstr("'order' is missing"));
  EXPECT_THAT(wrong("[{order: -1, rms: 5 V, angle: 0 deg}]"),
              AllOf(StartsWith("load.yaml:3:14: "), HasSubstr("found -1")));
  EXPECT_THAT(wrong("[{order: 1001, rms: 5 V, angle: 0 deg}]"), HasSubstr("found 1001"));
  EXPECT_THAT(wrong("[{order: 4294967297, rms: 5 V, angle: 0 deg}]"), HasSubstr("found 4294967297"));
  EXPECT_THAT(wrong("[{order: 1.5, rms: 5 V, angle: 0 deg}]"), StartsWith("load.yaml:3:14: "));
  EXPECT_THAT(wrong("[{order: 0, rms: 5 V, angle: 0 deg}]"),
              AllOf(StartsWith("load.yaml:3:34: "), HasSubstr("has no angle")));
  EXPECT_THAT(wrong("[{order: 3, rms: 5 V, angle: 0 deg}, {order: 3, rms: 1 V, angle: 9 deg}]"),
              AllOf(StartsWith("load.yaml:3:50: "), HasSubstr("order 3 stands twice")));
  EXPECT_THAT(wrong("[{order: 1, rms: 5 V, angel: 0 deg, angle: 0 deg}]"), HasSubstr("unknown key 'angel'"));
  EXPECT_THAT(wrong("{order: 1, rms: 5 V, angle: 0 deg}"), HasSubstr("expected a list"));
  EXPECT_THAT(wrong("[5]"), HasSubstr("expected a map"));
}

TEST(SpectrumFileTest, RefusesAFrequencyThatNoLineHas) {
  const auto at = [](const std::string& f) {
    return refusal("frequency: " + f + "\nconnection: 10\nva: []\nia: []\n");
  };
  EXPECT_THAT(at("9.99 Hz"), AllOf(StartsWith("load.yaml:1:12: "), HasSubstr("10 Hz to 1000 Hz, found '9.99 Hz'")));
  EXPECT_THAT(at("1.001 kHz"), HasSubstr("found '1.001 kHz'"));
  EXPECT_THAT(at("-60 Hz"), HasSubstr("found '-60 Hz'"));
  EXPECT_THAT(at("60"), StartsWith("load.yaml:1:12: "));
  EXPECT_EQ(at("16.7 Hz"), "accepted");
  EXPECT_EQ(at("0.4 kHz"), "accepted");
}

TEST(SpectrumFileTest, RefusesChannelsThatAreMissingOrOfNoUse) {
  EXPECT_THAT(refusal("frequency: 60 Hz\nconnection: one-phase\nva: []\n"),
              HasSubstr("'ia' is missing; the connection 'one-phase' needs it"));
  EXPECT_THAT(refusal("frequency: 60 Hz\nconnection: one-phase\nva: []\nia: []\nib: []\n"),
              AllOf(StartsWith("load.yaml:5:5: "), HasSubstr("has no channel 'ib'")));
  EXPECT_THAT(refusal(with_va("[]") + "power: 5\n"), AllOf(StartsWith("load.yaml:5:1: "), HasSubstr("'power'")));
  EXPECT_THAT(refusal("connection: one-phase\nva: []\nia: []\n"), HasSubstr("'frequency' is missing"));
  EXPECT_THAT(refusal("frequency: 60 Hz\nva: []\nia: []\n"), HasSubstr("'connection' is missing"));
}

}  // namespace
}  // namespace blondel
