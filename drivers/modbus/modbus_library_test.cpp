#include "drivers/modbus/modbus_library.hpp"

#include <gtest/gtest.h>
#include <modbus/modbus.h>

#include <array>
#include <string>

#include "drivers/modbus/printed_frames.hpp"

namespace blondel {
namespace {

struct ModbusLibraryTest : testing::Test {
  LibraryResult after(const std::string& heard) { return library.result(read_alerts, heard); }

  ModbusLibrary library{1};
  std::array<std::uint16_t, 125> words{};
  ModbusLibrary::Call read_alerts = [this](modbus_t* context) {
    return modbus_read_registers(context, 0x91, 1, words.data());
  };
  LibraryResult refusal;
};

TEST_F(ModbusLibraryTest, AsksWithThePrintedFrameAsOftenAsItIsAsked) {
  EXPECT_EQ(library.request(read_alerts, refusal), ask_alerts);
  EXPECT_TRUE(after(phase_a_lost).returned == 1);
  EXPECT_EQ(library.request(read_alerts, refusal), ask_alerts);
}

TEST_F(ModbusLibraryTest, WantsMoreUntilTheAnswerIsWhole) {
  ASSERT_EQ(library.request(read_alerts, refusal), ask_alerts);
  for (std::size_t length = 0; length < phase_a_lost.size(); ++length)
    EXPECT_TRUE(after(phase_a_lost.substr(0, length)).wants_more()) << length;
  const auto whole = after(phase_a_lost);
  EXPECT_FALSE(whole.wants_more());
  EXPECT_EQ(whole.returned, 1);
  EXPECT_EQ(words[0], 0x0100);
}

TEST_F(ModbusLibraryTest, CountsWhatIsLeftBehindAnAnswer) {
  ASSERT_EQ(library.request(read_alerts, refusal), ask_alerts);
  const auto result = after(phase_a_lost + "xyz");
  EXPECT_EQ(result.returned, 1);
  EXPECT_EQ(result.left_over, 3);
  EXPECT_EQ(after(phase_a_lost).left_over, 0) << "of this answer, not of the one before";
}

TEST_F(ModbusLibraryTest, SaysWhatIsWrongWithAnAnswer) {
  ASSERT_EQ(library.request(read_alerts, refusal), ask_alerts);
  const auto refused = after(no_such_register);
  EXPECT_EQ(refused.returned, -1);
  EXPECT_EQ(refused.error, EMBXILADD);
  EXPECT_FALSE(refused.wants_more());
  auto spoiled = phase_a_lost;
  spoiled.back() = static_cast<char>(spoiled.back() ^ 1);
  EXPECT_EQ(after(spoiled).error, EMBBADCRC);
  EXPECT_EQ(after(phase_a_lost).returned, 1) << "none of this is remembered";
}

TEST_F(ModbusLibraryTest, DoesNotAskForMoreThanAFrameHoldsAndSaysSo) {
  const ModbusLibrary::Call too_many = [this](modbus_t* context) {
    return modbus_read_registers(context, 0, 126, words.data());
  };
  EXPECT_EQ(library.request(too_many, refusal), "");
  EXPECT_EQ(refusal.returned, -1);
  EXPECT_EQ(refusal.error, EMBMDATA);
}

TEST_F(ModbusLibraryTest, ALongRequestIsWholeAndDoesNotHideAShortAnswer) {
  // 123 registers: 9 + 2 * 123 bytes of request, and the eight bytes that function 10 hex answers.
  std::array<std::uint16_t, 123> values{};
  const ModbusLibrary::Call write = [&](modbus_t* context) {
    return modbus_write_registers(context, 0x80, 123, values.data());
  };
  EXPECT_EQ(library.request(write, refusal).size(), 9u + 2 * 123);
  EXPECT_TRUE(library.result(write, {}).wants_more());
}

}  // namespace
}  // namespace blondel
