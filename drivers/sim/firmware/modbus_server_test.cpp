#include <sstream>

#include "drivers/sim/firmware/meter_on_bench.hpp"

namespace blondel::sim {
namespace {

using Bytes = MeterOnBench::Bytes;

Bytes hex(const std::string& text) {
  Bytes bytes;
  std::istringstream words{text};
  for (unsigned byte{}; words >> std::hex >> byte;) bytes.push_back(static_cast<std::uint8_t>(byte));
  return bytes;
}

class FirmwareModbus : public testing::Test {
 protected:
  FirmwareModbus() { m.run(2); }
  MeterOnBench m;
};

// The requests with their printed CRCs, and the answers' beginnings and lengths.
TEST_F(FirmwareModbus, ReadFramesAreAnsweredWithTheLengthsOfTheMap) {
  const struct {
    const char* request;
    const char* begins;
    std::size_t length;
  } frames[] = {{"01 03 00 00 00 34 44 1D", "01 03 68", 109},     {"01 03 00 80 00 1A C5 E9", "01 03 34", 57},
                {"01 03 01 00 00 5A C4 0D", "01 03 B4", 185},     {"01 03 00 89 00 04 95 E3", "01 03 08", 13},
                {"01 03 1B 58 00 01 03 3D", "01 03 02 03 FB", 7}, {"01 04 00 02 00 01 90 0A", "01 04 02", 7}};
  for (const auto& frame : frames) {
    const auto answer = m.send(hex(frame.request));
    ASSERT_EQ(answer.size(), frame.length) << frame.request;
    const auto begins = hex(frame.begins);
    EXPECT_TRUE(std::equal(begins.begin(), begins.end(), answer.begin())) << frame.request;
    const Bytes body{answer.begin(), answer.end() - 2};
    EXPECT_EQ(MeterOnBench::crc_of(body), answer[answer.size() - 2] | answer.back() << 8);
  }
}

TEST_F(FirmwareModbus, CommandsAndSingleWritesAreEchoed) {
  for (const auto* frame : {"01 06 00 80 75 7E 2E 92", "01 06 00 80 52 DB F5 19", "01 06 00 80 52 DC B4 DB",
                            "01 06 00 80 40 72 39 C7", "01 06 00 81 00 0C D9 E7"})
    EXPECT_EQ(m.send(hex(frame)), hex(frame)) << frame;
  m.run(1);
  EXPECT_EQ(m.word(130), 12);
  EXPECT_EQ(m.word(129), 0);
}

TEST_F(FirmwareModbus, SeveralRegistersAreWrittenAtOnce) {
  EXPECT_EQ(m.send(hex("01 10 00 84 00 02 04 00 64 01 E0 BB FB")), hex("01 10 00 84 00 02 01 E1"));
  m.run(1);
  EXPECT_EQ(m.word(134), 480);
}

TEST_F(FirmwareModbus, PhaseLossOfPhaseAReadsAsPrinted) {
  m.configure(130, 10);
  EXPECT_EQ(m.send(hex("01 03 00 91 00 01 D5 E7")).size(), 7u);
  // Without any voltage the frequency alert is on too; with the printed frame it is not.
  m.configure(134, 300);
  m.waves[0] = {{1, 250.0}};
  m.run(3);
  EXPECT_EQ(m.send(hex("01 03 00 91 00 01 D5 E7")), hex("01 03 02 01 00 B9 D4"));
}

TEST_F(FirmwareModbus, ReportsItsIdentity) {
  const auto answer = m.send(hex("01 11 C0 2C"));
  ASSERT_EQ(answer.size(), 53u);
  EXPECT_EQ((Bytes{answer.begin(), answer.begin() + 5}), hex("01 11 30 F7 FF"));
  EXPECT_EQ((std::string{answer.begin() + 5, answer.end() - 2}), "Leviton Series 4000K Power Meter Full Data Set");
  EXPECT_EQ((Bytes{answer.end() - 5, answer.end()}), hex("53 65 74 9B D9"));
}

TEST_F(FirmwareModbus, IdentifiesItsDevice) {
  EXPECT_EQ(m.send(hex("01 2B 0E 01 00 70 77")),
            hex("01 2B 0E 01 01 00 00 03 00 07 4C 65 76 69 74 6F 6E 01 0B 53 65 72 69 65 73 20 34 30 30 30 "
                "02 07 56 30 31 2E 30 31 39 54 7D"));
}

TEST_F(FirmwareModbus, RefusalsAreExceptions) {
  EXPECT_EQ(m.ask(hex("01 03 00 34 00 01")), hex("01 83 02 C0 F1"));
  EXPECT_EQ(m.ask(hex("01 06 00 80 00 01")), hex("01 86 03 02 61"));
  EXPECT_EQ(m.ask(hex("01 10 00 81 00 01 02 00 14")), hex("01 90 03 0C 01"));
  EXPECT_EQ(m.ask(hex("01 05 00 00 FF 00"))[2], 1);
  EXPECT_EQ(m.ask(hex("01 03 00 00 00 00"))[2], 3);
  EXPECT_EQ(m.ask(hex("01 03 00 00 00 7E"))[2], 3);
  EXPECT_EQ(m.ask(hex("01 03 00 00 00 7D"))[2], 2);
  EXPECT_EQ(m.ask(hex("01 10 00 84 00 02 04 00 64 01"))[2], 3);
  EXPECT_EQ(m.ask(hex("01 06 00 02 00 01"))[2], 2) << "read-only";
  EXPECT_EQ(m.ask(hex("01 2B 0D 01 00"))[2], 1);
}

TEST_F(FirmwareModbus, WhatIsNotForItStaysUnanswered) {
  EXPECT_TRUE(m.ask(hex("02 03 00 00 00 01")).empty());
  EXPECT_TRUE(m.ask(hex("00 06 00 81 00 0C")).empty());
  EXPECT_TRUE(m.send(hex("01 03 00 00 00 34 44 1E")).empty()) << "wrong CRC";
  EXPECT_TRUE(m.send(hex("01 03")).empty());
  EXPECT_TRUE(m.send(Bytes(300, 0x01)).empty());
  EXPECT_EQ(m.word(130), 40) << "a broadcast is not followed";
}

TEST_F(FirmwareModbus, AnswersAfterTheSilenceAndItsOwnDelay) {
  EXPECT_EQ(m.send(hex("01 04 00 02 00 01 90 0A")).size(), 7u);
  EXPECT_EQ(m.character_ns, 520'833);
  EXPECT_NEAR(static_cast<double>(m.answer_start_ns - m.request_end_ns), 1'822'916 + 8'000'000, 2);
}

TEST(FirmwareModbusPort, ListensToItsOwnAddressOnlyAndNotBeforeItHasBooted) {
  MeterOnBench m{{{"address", "17"}}};
  m.run(1);
  EXPECT_TRUE(m.ask(hex("11 03 00 81 00 01"), 0.05).empty()) << "still booting";
  m.run(1);
  EXPECT_EQ(m.ask(hex("11 03 00 81 00 01")).size(), 7u);
  EXPECT_TRUE(m.ask(hex("01 03 00 81 00 01")).empty());
}

TEST(FirmwareModbusPort, ARefusalCanBeAnEchoThatChangesNothing) {
  MeterOnBench m{{{"refusal", "echo"}}};
  m.run(2);
  EXPECT_EQ(m.write(130, 20), 0);
  m.run(2);
  EXPECT_EQ(m.word(130), 40);
}

}  // namespace
}  // namespace blondel::sim
