#include "drivers/sim/bus/pty_line.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "drivers/modbus/modbus_client.hpp"
#include "drivers/modbus/serial_line.hpp"
#include "drivers/sim/bus/fake_meter.hpp"
#include "drivers/time/wall_clock.hpp"

namespace blondel::sim {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

// These run in wall time, on a real terminal of the operating system, with the library's own master outside.
struct PtyLineTest : testing::Test {
  PtyLineTest() {
    meter.baud = 38400;
    bus.add_meter(meter, fast);
  }
  ~PtyLineTest() override { fs::remove(link); }
  WallClock clock;
  FakeMeter meter;
  const SerialSettings fast{.baud = 38400};
  Bus bus{clock, {1, 1}, 1};
  const fs::path link = fs::temp_directory_path() / ("blondel_pty_" + std::to_string(::getpid()));
};

Task<void> converse(ModbusClient& client, std::vector<std::uint16_t>& words, std::vector<std::uint8_t>& id) {
  co_await client.write_single(130, 200, 2s);
  words = co_await client.read_holding(128, 26, 2s);
  id = co_await client.report_id(2s);
}

TEST_F(PtyLineTest, ProgramOutsideReadsAndWritesTheMeter) {
  PtyLine pty{clock, bus, fast, link};
  ModbusClient client{clock, std::make_unique<SerialLine>(clock, link, Order{1, 1}, fast), {1, 1}, "meter 1"};
  std::vector<std::uint16_t> words;
  std::vector<std::uint8_t> id;
  clock.run(converse(client, words, id));
  ASSERT_EQ(words.size(), 26u);
  EXPECT_EQ(words[0], 128 * 7);
  EXPECT_EQ(words[2], 200);
  EXPECT_EQ(id.size(), 48u);
}

Task<void> ask_nobody(ModbusClient& client, std::string& fault) {
  try {
    co_await client.read_holding(0, 1, 50ms);
  } catch (const Failure& failure) {
    fault = name(failure.error.fault);
  }
}

TEST_F(PtyLineTest, SilentMeterIsATimeoutInWallTimeToo) {
  PtyLine pty{clock, bus, fast};
  meter.silent = true;
  ModbusClient client{clock, std::make_unique<SerialLine>(clock, pty.path(), Order{1, 1}, fast), {1, 1}, "meter 1"};
  std::string fault;
  const Time begin = clock.now();
  clock.run(ask_nobody(client, fault));
  EXPECT_EQ(fault, "timeout");
  EXPECT_GE(clock.now() - begin, 50ms);
}

/// A pseudo-terminal whose far end reads nothing until it is drained, filled up to the last byte.
struct StalledPort {
  StalledPort() {
    if (::openpty(&far, &near, path, nullptr, nullptr) != 0) throw std::runtime_error{"no pseudo-terminal"};
    termios raw{};
    ::cfmakeraw(&raw);
    ::tcsetattr(near, TCSANOW, &raw);
    ::fcntl(near, F_SETFL, O_NONBLOCK);
    ::fcntl(far, F_SETFL, O_NONBLOCK);
    while (::write(near, "#", 1) == 1) {
    }
  }
  ~StalledPort() {
    ::close(near);
    ::close(far);
  }
  /// What comes out besides the filling.
  std::string drained() const {
    std::string all;
    std::array<char, 4096> some{};
    for (ssize_t n = 0; (n = ::read(far, some.data(), some.size())) > 0;)
      all.append(some.data(), static_cast<std::size_t>(n));
    std::erase(all, '#');
    return all;
  }
  int far = -1, near = -1;
  char path[64] = {};
};

Task<void> read_then_command(ModbusClient& client, std::string& first, std::string& second) {
  co_await ask_nobody(client, first);
  try {
    co_await client.write_single(130, 200, 50ms);
  } catch (const Failure& failure) {
    second = name(failure.error.fault);
  }
}

// An adapter that stalls and goes on later must not send a command with the bytes of another request, nor twice.
TEST_F(PtyLineTest, APortThatTakesNoBytesIsGoneAndSendsNothingLater) {
  StalledPort port;
  ModbusClient client{clock, std::make_unique<SerialLine>(clock, port.path, Order{1, 1}, fast), {1, 1}, "meter 1"};
  std::string first, second;
  clock.run(read_then_command(client, first, second));
  EXPECT_EQ(first, "unreachable");
  EXPECT_EQ(second, "unreachable");
  EXPECT_TRUE(client.record().gone);
  EXPECT_EQ(port.drained(), "");
}

TEST_F(PtyLineTest, LinkIsRemovedAtTheEndAndAFileIsNeverReplaced) {
  {
    PtyLine pty{clock, bus, fast, link};
    EXPECT_EQ(fs::read_symlink(link), pty.path());
  }
  EXPECT_FALSE(fs::exists(fs::symlink_status(link)));
  std::ofstream{link} << "somebody's file";
  EXPECT_THROW((PtyLine{clock, bus, fast, link}), Failure);
  EXPECT_TRUE(fs::is_regular_file(link));
}

TEST_F(PtyLineTest, DeviceThatIsNotThereIsUnreachable) {
  EXPECT_THROW((SerialLine{clock, "/dev/no_such_tty", Order{1, 1}}), Failure);
  EXPECT_THROW((SerialLine{clock, "/dev/null", Order{1, 1}}), Failure);
}

}  // namespace
}  // namespace blondel::sim
