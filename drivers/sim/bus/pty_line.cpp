#include "drivers/sim/bus/pty_line.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <functional>

#include "references/error.hpp"

namespace blondel::sim {

namespace asio = boost::asio;
namespace fs = std::filesystem;

/// The master side, and the slave side held open: without it the terminal would hang up whenever a program leaves.
struct PtyLine::Terminal : std::enable_shared_from_this<Terminal> {
  explicit Terminal(asio::io_context& io) : master{io} {}
  ~Terminal() {
    if (slave >= 0) ::close(slave);
  }

  void read() {
    master.async_read_some(asio::buffer(buffer),
                           [self = shared_from_this()](const boost::system::error_code& error, std::size_t n) {
                             if (error || !self->on_request) return;
                             self->on_request(std::string{self->buffer.data(), n});
                             self->read();
                           });
  }

  // The terminal's buffer holds several thousand bytes and an answer has at most 256; a program that does not fetch
  // them loses them, as it would on a real line.
  void write(const std::string& bytes) {
    boost::system::error_code ignored;
    master.write_some(asio::buffer(bytes), ignored);
  }

  asio::posix::stream_descriptor master;
  int slave = -1;
  std::array<char, 512> buffer{};
  std::function<void(const std::string&)> on_request;
};

namespace {

[[noreturn]] void refuse(const std::string& where, const std::string& what) {
  throw Failure{Fault::unreachable, where, what + ": " + std::strerror(errno)};
}

}  // namespace

PtyLine::PtyLine(Clock& clock, Bus& bus, SerialSettings port, std::string link)
    : terminal_{std::make_shared<Terminal>(clock.io())},
      bus_{bus},
      tap_{bus.add_master(port, [terminal = terminal_.get()](const std::string& bytes) { terminal->write(bytes); })} {
  const int master = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC | O_NONBLOCK);
  if (master < 0) refuse("pseudo-terminal", "cannot be opened");
  terminal_->master.assign(master);
  terminal_->master.non_blocking(true);
  std::array<char, 128> name{};
  if (::grantpt(master) != 0 || ::unlockpt(master) != 0 || ::ptsname_r(master, name.data(), name.size()) != 0)
    refuse("pseudo-terminal", "has no other side");
  path_ = name.data();
  terminal_->slave = ::open(path_.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC);
  termios raw{};
  if (terminal_->slave < 0 || ::tcgetattr(terminal_->slave, &raw) != 0) refuse(path_, "cannot be opened");
  ::cfmakeraw(&raw);
  if (::tcsetattr(terminal_->slave, TCSANOW, &raw) != 0) refuse(path_, "cannot be set to raw bytes");

  if (!link.empty()) {
    std::error_code error;
    if (fs::is_symlink(fs::symlink_status(link, error))) fs::remove(link, error);
    fs::create_symlink(path_, link, error);
    if (error) throw Failure{Fault::unreachable, link, "cannot be made a link to " + path_ + ": " + error.message()};
    link_ = std::move(link);
  }

  terminal_->on_request = [this](const std::string& bytes) { bus_.say(tap_, bytes); };
  terminal_->read();
}

PtyLine::~PtyLine() {
  bus_.remove_master(tap_);
  terminal_->on_request = nullptr;
  boost::system::error_code ignored;
  terminal_->master.close(ignored);
  std::error_code error;
  // Another bench may have taken the name over in the meantime.
  if (!link_.empty() && fs::read_symlink(link_, error) == path_) fs::remove(link_, error);
}

}  // namespace blondel::sim
