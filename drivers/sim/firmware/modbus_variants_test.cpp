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

Bytes read_request(int number, int count) {
  return {1,
          3,
          static_cast<std::uint8_t>((number - 1) >> 8),
          static_cast<std::uint8_t>(number - 1),
          0,
          static_cast<std::uint8_t>(count)};
}

std::string text_of(const Bytes& answer) {
  return answer.size() < 7 ? std::string{} : std::string{answer.begin() + 5, answer.end() - 2};
}

TEST(FirmwareModbusVariants, GapsAndWhatOldFirmwareLacksAnswerInThreeWays) {
  for (const auto& [way, value] : {std::pair{"exception", -1}, {"zero", 0}, {"qnan", 0x8000}}) {
    for (const auto* version : {"1019", "1018"}) {
      SCOPED_TRACE(std::string{way} + " " + version);
      MeterOnBench m{{{"gap_answer", way}, {"version", version}}};
      m.run(1.6);
      const bool old = std::string{version} == "1018";
      for (const auto& [number, gap] : {std::pair{53, true},
                                        {128, true},
                                        {256, true},
                                        {347, true},
                                        {7000, true},
                                        {43, old},
                                        {52, old},
                                        {337, old},
                                        {346, old},
                                        {42, false},
                                        {336, false}}) {
        const auto answer = m.ask(read_request(number, 1));
        if (gap && value < 0)
          EXPECT_EQ(answer, (m.ask(read_request(53, 1)))) << number;
        else
          ASSERT_EQ(answer.size(), 7u) << number;
        if (gap && value >= 0) {
          EXPECT_EQ(answer[3] << 8 | answer[4], value) << number;
        }
      }
      // A block across a gap.
      EXPECT_EQ(m.ask(read_request(50, 6)).size(), value < 0 ? 5u : 17u);
      EXPECT_EQ(m.ask(read_request(7002, 1)), hex("01 83 02 C0 F1")) << "beyond the map it stays an exception";
    }
  }
}

TEST(FirmwareModbusVariants, OldFirmwareCanLackOnlyTheFloats) {
  MeterOnBench m{{{"version", "1018"}, {"old_firmware_lacks", "floats"}}};
  m.run(1.6);
  EXPECT_EQ(m.read(1, 52).size(), 52u);
  EXPECT_EQ(m.ask(read_request(337, 2)), hex("01 83 02 C0 F1"));
}

TEST(FirmwareModbusVariants, ReadsAreLimitedToSoManyRegisters) {
  for (const auto& [most, fits, too_many] : {std::tuple{"54", 54, 55}, {"90", 90, 91}, {"32", 32, 33}}) {
    MeterOnBench m{{{"max_registers", most}}};
    m.run(1.6);
    EXPECT_EQ(m.ask(read_request(257, fits)).size(), 5u + 2u * static_cast<unsigned>(fits));
    EXPECT_EQ(m.ask(read_request(257, too_many))[2], 3) << most;
  }
}

TEST(FirmwareModbusVariants, ABroadcastWriteIsIgnoredOrObeyedInSilence) {
  for (const auto& [way, type] : {std::pair{"ignored", 40}, {"obeyed", 12}}) {
    MeterOnBench m{{{"broadcast", way}}};
    m.run(1.6);
    EXPECT_TRUE(m.ask(hex("00 06 00 81 00 0C")).empty()) << way;
    EXPECT_TRUE(m.ask(hex("00 03 00 81 00 01")).empty()) << way;
    m.run(1);
    EXPECT_EQ(m.word(130), type) << way;
  }
}

TEST(FirmwareModbusVariants, DeviceIdentificationCanBeNumberedAsPrintedAndSpeltShort) {
  MeterOnBench m{{{"device_id_objects", "1-3"}, {"version_text", "short"}, {"version", "1018"}}};
  m.run(1.6);
  auto expected =
      hex("01 2B 0E 01 01 00 00 03 01 07 4C 65 76 69 74 6F 6E 02 0B 53 65 72 69 65 73 20 34 30 30 30 03 06");
  for (const char c : std::string{"V1.018"}) expected.push_back(static_cast<std::uint8_t>(c));
  auto answer = m.send(hex("01 2B 0E 01 00 70 77"));
  answer.resize(answer.size() - 2);
  EXPECT_EQ(answer, expected);
  MeterOnBench printed{{{"version", "12345"}}};
  printed.run(1.6);
  const auto whole = printed.send(hex("01 2B 0E 01 00 70 77"));
  EXPECT_EQ((std::string{whole.end() - 9, whole.end() - 2}), "V12.345") << "the guide's example";
  EXPECT_EQ(printed.word(7001), 12345);
}

TEST(FirmwareModbusVariants, TheResetSystemSaysWhoItIsAndNothingElse) {
  MeterOnBench m{{{"running_system", "reset"}, {"reset_system_version", "1007"}, {"serial", "K-9"}}};
  m.balance(346, 0.5, 0);
  m.run(3);
  const auto answer = m.send(hex("01 11 C0 2C"));
  ASSERT_GT(answer.size(), 7u);
  EXPECT_EQ(answer[2], answer.size() - 5);
  EXPECT_EQ(answer[3], 0xF7);
  EXPECT_EQ(answer[4], 0x00);
  EXPECT_EQ(text_of(answer), "Leviton Series 4000K Power Meter - RESET SYSTEM RUNNING RS Version 1.007");
  EXPECT_GT(m.send(hex("01 2B 0E 01 00 70 77")).size(), 30u);
  for (const auto* frame : {"01 03 00 00 00 34", "01 04 00 02 00 01", "01 06 00 80 75 7E", "01 03 1B 58 00 01"})
    EXPECT_EQ(m.ask(hex(frame))[2], 1) << frame;
  EXPECT_TRUE(m.pulses.empty());
  EXPECT_TRUE(m.alarm_closed()) << "not a healthy meter";
  EXPECT_NE(m.lcd.find("RESET SYSTEM RUNNING\nMODEL 4000-K\nRS 1.007\nSN K-9"), std::string::npos);
  EXPECT_EQ(m.store(), Bytes(4096, 0xFF)) << "it leaves the store alone";
}

TEST(FirmwareModbusVariants, TheReportCanRunBothTextsTogetherAsPrinted) {
  MeterOnBench m{{{"report_id_text", "joined"}}};
  m.run(1.6);
  const auto answer = m.send(hex("01 11 C0 2C"));
  EXPECT_EQ(answer[4], 0xFF);
  EXPECT_EQ(text_of(answer), "Leviton Series 4000K Power Meter Full Data Set - RESET SYSTEM RUNNING RS Version 1.0020");
}

TEST(FirmwareModbusVariants, BootTimeAndAnswerDelayCanBeChosen) {
  MeterOnBench m{{{"boot_ms", "400"}, {"answer_delay_us", "50000"}}};
  m.run(0.3);
  EXPECT_TRUE(m.ask(read_request(130, 1), 0.01).empty());
  EXPECT_EQ(m.ask(read_request(130, 1)).size(), 7u);
  EXPECT_NEAR(static_cast<double>(m.answer_start_ns - m.request_end_ns), 1'822'916 + 50'000'000, 2);
}

TEST(FirmwareModbusVariants, CharactersGetLongerWithParityAndStopBits) {
  for (const auto& [parity, stop_bits, bits] :
       {std::tuple{"none", "1", 10}, {"even", "1", 11}, {"odd", "2", 12}, {"none", "2", 11}}) {
    for (const int baud : {1200, 19200, 38400}) {
      MeterOnBench m{{{"parity", parity}, {"stop_bits", stop_bits}, {"baud", std::to_string(baud)}}};
      m.run(1.6);
      m.read(130, 1);
      EXPECT_EQ(m.character_ns, 1'000'000'000ll * bits / baud) << parity << " " << baud;
    }
  }
}

TEST(FirmwareModbusPort, EveryOtherFunctionIsUnknown) {
  MeterOnBench m;
  m.run(1.6);
  for (int function = 1; function < 0x80; ++function) {
    if (function == 3 || function == 4 || function == 6 || function == 0x10 || function == 0x11 || function == 0x2B)
      continue;
    const auto answer = m.ask({1, static_cast<std::uint8_t>(function), 0, 0, 0, 1}, 0.02);
    ASSERT_EQ(answer.size(), 5u) << function;
    EXPECT_EQ(answer[1], function | 0x80);
    EXPECT_EQ(answer[2], 1);
  }
}

TEST(FirmwareModbusPort, Functions3And4ServeTheSameRegisters) {
  MeterOnBench m;
  m.run(1.6);
  m.balance(300, 0.4, 30);
  m.run(3);
  for (const int number : {1, 129, 257}) {
    auto request = read_request(number, 20);
    const auto by_3 = m.ask(request);
    request[1] = 4;
    const auto by_4 = m.ask(request);
    ASSERT_EQ(by_3.size(), by_4.size());
    EXPECT_TRUE(std::equal(by_3.begin() + 2, by_3.end() - 2, by_4.begin() + 2)) << number;
  }
}

}  // namespace
}  // namespace blondel::sim
