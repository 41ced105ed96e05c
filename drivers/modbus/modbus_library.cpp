#include "drivers/modbus/modbus_library.hpp"

#include <modbus/modbus.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <stdexcept>

#include "references/error.hpp"

namespace blondel {

bool LibraryResult::wants_more() const {
  return returned < 0 && error == ECONNRESET;  // what it says at the end of the file
}

struct ModbusLibrary::Context {
  // Device and speed are the line's: the library opens nothing.
  modbus_t* modbus = modbus_new_rtu("line", 19200, 'N', 8, 1);
  int file = ::memfd_create("modbus", MFD_CLOEXEC);
  /// So long the library's last request was.
  off_t asked = 0;

  ~Context() {
    if (modbus) modbus_free(modbus);
    if (file >= 0) ::close(file);
  }
};

ModbusLibrary::ModbusLibrary(int unit) : context_{std::make_unique<Context>()} {
  auto* modbus = context_->modbus;
  if (!modbus) throw std::logic_error{"libmodbus: no context"};
  if (context_->file < 0)
    throw Failure{Fault::unreachable, "modbus", std::string{"no file in memory: "} + std::strerror(errno)};
  if (modbus_set_slave(modbus, unit) != 0) throw std::logic_error{"libmodbus: no unit " + std::to_string(unit)};
  modbus_set_error_recovery(modbus, MODBUS_ERROR_RECOVERY_NONE);
  modbus_set_socket(modbus, context_->file);
}

ModbusLibrary::~ModbusLibrary() = default;

LibraryResult ModbusLibrary::make(const Call& call) {
  LibraryResult result;
  ::lseek(context_->file, 0, SEEK_SET);
  errno = 0;
  result.returned = call(context_->modbus);
  result.error = errno;
  if (result.returned >= 0) ::ioctl(context_->file, FIONREAD, &result.left_over);
  return result;
}

std::string ModbusLibrary::request(const Call& call, LibraryResult& refusal) {
  if (::ftruncate(context_->file, 0) != 0) throw std::logic_error{"a file in memory cannot be emptied"};
  const auto result = make(call);
  context_->asked = ::lseek(context_->file, 0, SEEK_END);
  std::string bytes(static_cast<std::size_t>(context_->asked), '\0');
  if (bytes.empty()) {
    refusal = result;
  } else if (::pread(context_->file, bytes.data(), bytes.size(), 0) != context_->asked) {
    throw std::logic_error{"a file in memory cannot be read"};
  }
  return bytes;
}

LibraryResult ModbusLibrary::result(const Call& call, const std::string& heard) {
  const auto size = static_cast<ssize_t>(heard.size());
  if (::ftruncate(context_->file, context_->asked) != 0 ||
      ::pwrite(context_->file, heard.data(), heard.size(), context_->asked) != size)
    throw std::logic_error{"a file in memory cannot be written"};
  return make(call);
}

}  // namespace blondel
