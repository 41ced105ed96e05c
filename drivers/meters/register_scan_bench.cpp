// What the Series 4000-K driver adds to a bare loop over libmodbus: register_scan_bench [rounds], 8 by default.
//
// Both read the whole map of one meter in the same blocks from the same pseudo-terminal, turn by turn, in wall time.
// At its other end a thread answers every request with the same registers, at the pace of the line: the answer is
// handed over when its last character would have come, the frame's silence included and no delay of the meter's own.
// That is done at 19200 baud, as the meter is shipped, and at 38400, the fastest that it knows. There is no run without
// the line's time: the driver takes no answer that comes before it could have been sent.
//
// Prints one "name value unit" a line. Ends with 1 when the driver takes more than 1.3 times as long at either speed,
// or when the two do not read the same.

#include <fcntl.h>
#include <fmt/format.h>
#include <modbus/modbus.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <thread>

#include "drivers/meters/meter.hpp"
#include "drivers/modbus/reply.hpp"
#include "drivers/time/wall_clock.hpp"
#include "drivers/transport/system_surroundings.hpp"
#include "references/error.hpp"

namespace blondel {
namespace {

namespace asio = boost::asio;

constexpr double most = 1.3;

struct Block {
  int address{}, count{};
  bool operator==(const Block&) const = default;
};

/// What the register at an address holds. Where the driver looks for scale factors it must find sensible ones.
std::uint16_t content(int address) {
  return address >= 137 && address <= 140 ? 1 : static_cast<std::uint16_t>(address);
}

/// A pseudo-terminal with a meter at its far end that only knows function 03.
class PacedMeter {
 public:
  explicit PacedMeter(SerialSettings port) : port_{port}, master_{posix_openpt(O_RDWR | O_NOCTTY)} {
    if (master_ < 0 || grantpt(master_) != 0 || unlockpt(master_) != 0) throw std::runtime_error{"no pseudo-terminal"};
    path_ = ptsname(master_);
    // Held open, so that the line does not go when a client does.
    held_ = open(path_.c_str(), O_RDWR | O_NOCTTY);
    termios raw{};
    tcgetattr(held_, &raw);
    cfmakeraw(&raw);
    tcsetattr(held_, TCSANOW, &raw);
    thread_ = std::thread{[this] { serve_until_stopped(); }};
  }
  ~PacedMeter() {
    asio::post(clock_.io(), [this] { clock_.cancel(); });
    thread_.join();
    close(held_);
  }
  PacedMeter(const PacedMeter&) = delete;
  PacedMeter& operator=(const PacedMeter&) = delete;

  const std::string& path() const { return path_; }
  /// What was asked for so far. While nobody asks.
  const std::vector<Block>& asked() const { return asked_; }

 private:
  void serve_until_stopped() {
    try {
      clock_.run(serve());
    } catch (const std::exception&) {
      // Cancelled, which is how it ends.
    }
  }

  Task<void> serve() {
    asio::posix::stream_descriptor line{clock_.io(), master_};
    constexpr std::size_t request_length = 8;
    std::string request;
    std::array<char, 256> buffer{};
    for (;;) {
      const auto into = asio::buffer(buffer);
      const auto length = co_await line.async_read_some(into, asio::use_awaitable);
      request.append(buffer.data(), length);
      if (request.size() < request_length) continue;
      const auto answer = answer_to(request);
      request.clear();
      const auto time = character_time(port_) * static_cast<int>(request_length + answer.size()) + frame_silence(port_);
      co_await clock_.pause(time);
      const auto from = asio::buffer(answer);
      co_await asio::async_write(line, from, asio::use_awaitable);
    }
  }

  ModbusBytes answer_to(const std::string& request) {
    const auto at = [&](std::size_t n) { return static_cast<unsigned char>(request[n]); };
    const Block block{at(2) << 8 | at(3), at(4) << 8 | at(5)};
    asked_.push_back(block);
    ModbusBytes data{static_cast<std::uint8_t>(2 * block.count)};
    for (int n = 0; n < block.count; ++n) {
      data.push_back(static_cast<std::uint8_t>(content(block.address + n) >> 8));
      data.push_back(static_cast<std::uint8_t>(content(block.address + n)));
    }
    return rtu_frame(at(0), at(1), data);
  }

  SerialSettings port_;
  int master_, held_ = -1;
  std::string path_;
  std::vector<Block> asked_;
  WallClock clock_;
  std::thread thread_;
};

Task<void> read(Meter& meter, std::vector<std::string> points, std::map<std::string, double>& values) {
  values = co_await meter.read(std::move(points));
}

/// Seconds of one scan through the driver, on a line that is opened before.
double by_driver(const PacedMeter& line, const SerialSettings& port) {
  // The ends of all blocks, so that every readable register is read.
  const std::vector<std::string> map{"real_energy",        "real_energy_c", "command",
                                     "reserved_154",       "real_energy_f", "real_energy_c_f",
                                     "firmware_version_os"};
  WallClock clock;
  SystemSurroundings around{clock};
  const auto at = Settings::parse(fmt::format("{{port: {}, baud: {}}}", line.path(), port.baud), "bench");
  const auto meter = value_or_throw(meters().find("series-4000-k", "bench"))(at, around, Order{1, 1});
  std::map<std::string, double> values;
  const Time start = clock.now();
  clock.run(read(*meter, map, values));
  const double taken = in_seconds(clock.now() - start);
  if (values.at("command") != content(128)) throw std::runtime_error{"the driver reads something else"};
  return taken;
}

/// Seconds of the same blocks by the library alone.
double by_library(const PacedMeter& line, const SerialSettings& port, const std::vector<Block>& blocks) {
  modbus_t* context = modbus_new_rtu(line.path().c_str(), port.baud, port.parity, 8, port.stop_bits);
  modbus_set_slave(context, 1);
  modbus_set_response_timeout(context, 1, 0);
  if (modbus_connect(context) != 0) throw std::runtime_error{"the library cannot open the line"};
  const WallClock clock;
  const Time start = clock.now();
  bool same = true;
  for (const auto& block : blocks) {
    std::array<std::uint16_t, MODBUS_MAX_READ_REGISTERS> words{};
    same = modbus_read_registers(context, block.address, block.count, words.data()) == block.count && same;
    for (int n = 0; n < block.count; ++n)
      same = words[static_cast<std::size_t>(n)] == content(block.address + n) && same;
  }
  const double taken = in_seconds(clock.now() - start);
  modbus_close(context);
  modbus_free(context);
  if (!same) throw std::runtime_error{"the library reads something else"};
  return taken;
}

/// @returns how many times as long the driver takes as the library
double compare(const std::string& name, SerialSettings port, int rounds) {
  const PacedMeter line{port};
  by_driver(line, port);
  const auto blocks = line.asked();
  double driver = 0, library = 0;
  for (int round = 0; round < rounds; ++round) {
    const bool driver_first = round % 2 == 0;
    if (driver_first) driver += by_driver(line, port);
    library += by_library(line, port, blocks);
    if (!driver_first) driver += by_driver(line, port);
  }
  int registers = 0;
  for (const auto& block : blocks) registers += block.count;
  fmt::print("{0}_blocks {1}\n{0}_registers {2}\n{0}_driver {3:.3f} ms\n{0}_library {4:.3f} ms\n{0}_ratio {5:.3f}\n",
             name, blocks.size(), registers, 1e3 * driver / rounds, 1e3 * library / rounds, driver / library);
  fmt::print("{}_added_a_block {:.1f} us\n", name,
             1e6 * (driver - library) / rounds / static_cast<double>(blocks.size()));
  return driver / library;
}

int run(int rounds) {
  const bool shipped = compare("baud_19200", {.baud = 19200}, rounds) <= most;
  const bool fastest = compare("baud_38400", {.baud = 38400}, rounds) <= most;
  return shipped && fastest ? 0 : 1;
}

}  // namespace
}  // namespace blondel

int main(int argc, char** argv) {
  const int rounds = argc > 1 ? std::atoi(argv[1]) : 8;
  if (argc > 2 || rounds < 1) {
    std::fprintf(stderr, "usage: register_scan_bench [rounds]\n");
    return 2;
  }
  try {
    return blondel::run(rounds);
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "register_scan_bench: %s\n", problem.what());
    return 2;
  }
}
