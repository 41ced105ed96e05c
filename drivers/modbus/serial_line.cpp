#include "drivers/modbus/serial_line.hpp"

#include <sys/ioctl.h>
#include <termios.h>

#include <boost/asio/write.hpp>
#include <stdexcept>

#include "references/error.hpp"

namespace blondel {

namespace asio = boost::asio;

/// The device and its pending operations, which outlive the line until they have been told that it is closed.
struct SerialLine::Port : std::enable_shared_from_this<Port> {
  Port(asio::io_context& io, LineCall& c) : device{io}, call{&c} {}

  void read() {
    device.async_read_some(asio::buffer(buffer),
                           [self = shared_from_this()](const boost::system::error_code& error, std::size_t n) {
                             if (!self->call) return;
                             if (error) {
                               self->gone = true;
                               self->call->line_gone();
                               return;
                             }
                             // Bytes that no call waits for are noise, or an answer that came too late.
                             self->call->answer(std::string{self->buffer.data(), n});
                             self->read();
                           });
  }

  void write(const std::string& bytes) {
    // An adapter that has not taken the last request must not be given another: it would send both at last, and a
    // command twice.
    if (writing) close();
    if (gone) return call->line_gone();
    writing = true;
    call->sending(true);
    const auto kept = std::make_shared<std::string>(bytes);
    asio::async_write(device, asio::buffer(*kept),
                      [self = shared_from_this(), kept](const boost::system::error_code& error, std::size_t) {
                        self->writing = false;
                        if (!self->call) return;
                        self->call->sending(false);
                        if (error) self->call->line_gone();
                      });
  }

  /// What was not sent yet never is.
  void close() {
    gone = true;
    ::tcflush(device.native_handle(), TCOFLUSH);
    boost::system::error_code ignored;
    device.close(ignored);
  }

  asio::serial_port device;
  LineCall* call;
  std::array<char, 512> buffer{};
  bool writing = false;  // the device has not taken all of a request
  bool gone = false;
};

SerialLine::SerialLine(Clock& clock, std::string device, Order order, SerialSettings settings)
    : device_{std::move(device)},
      clock_{clock},
      turns_{clock, device_},
      call_{clock, order, [this](const std::string& request) { return send(request); }},
      port_{std::make_shared<Port>(clock.io(), call_)} {
  if (clock.is_virtual()) throw std::logic_error{"a serial device knows no virtual time: " + device_};
  boost::system::error_code error;
  port_->device.open(device_, error);
  if (error) throw Failure{Fault::unreachable, device_, "cannot open the serial device: " + error.message()};
  // Two masters on one line would take each other's answers.
  if (::ioctl(port_->device.native_handle(), TIOCEXCL) != 0)
    throw Failure{Fault::unreachable, device_, "is no serial device"};
  configure(settings);
  port_->read();
}

SerialLine::~SerialLine() {
  call_.detach();
  port_->call = nullptr;
  boost::system::error_code ignored;
  port_->device.close(ignored);
}

void SerialLine::configure(SerialSettings settings) {
  using asio::serial_port_base;
  auto& port = port_->device;
  boost::system::error_code error;
  const auto try_option = [&](const auto& option) {
    if (!error) port.set_option(option, error);
  };
  try_option(serial_port_base::baud_rate{static_cast<unsigned>(settings.baud)});
  try_option(serial_port_base::character_size{8});
  try_option(serial_port_base::flow_control{serial_port_base::flow_control::none});
  try_option(serial_port_base::parity{settings.parity == 'E'   ? serial_port_base::parity::even
                                      : settings.parity == 'O' ? serial_port_base::parity::odd
                                                               : serial_port_base::parity::none});
  try_option(serial_port_base::stop_bits{settings.stop_bits == 2 ? serial_port_base::stop_bits::two
                                                                 : serial_port_base::stop_bits::one});
  if (error)
    throw Failure{
        Fault::incapable, device_,
        "cannot do " + std::to_string(settings.baud) + " baud, parity " + settings.parity + ": " + error.message()};
  settings_ = settings;
}

Time SerialLine::send(const std::string& request) {
  const Time over = clock_.now() + character_time(settings_) * static_cast<long>(request.size());
  // What came before the request cannot be its answer.
  if (port_->device.is_open()) ::tcflush(port_->device.native_handle(), TCIFLUSH);
  port_->write(request);
  return over;
}

}  // namespace blondel
