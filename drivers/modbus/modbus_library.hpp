#pragma once

#include <functional>
#include <memory>
#include <string>

struct _modbus;

namespace blondel {

/// How a library call ended.
struct LibraryResult {
  int returned = -1;  ///< what the library's function returned
  int error = 0;      ///< errno, when that is -1
  int left_over = 0;  ///< bytes behind an answer that was accepted

  /// Nothing is wrong with what it was given but that it goes on.
  bool wants_more() const;
};

/// libmodbus without its waits: what it would send, and what it makes of what came back. A library call blocks until
/// the answer is there; here it is made twice, once to learn its request and once, or more often, on the answer as far
/// as it has come. For a line it gets a file in memory, into which it writes its request and behind which it finds the
/// answer; at the end of that file, where a line would have it wait, it returns. So nothing blocks, no thread is
/// needed, and the time an answer takes is whoever's who waits for it.
class ModbusLibrary {
 public:
  /// A library function with all its arguments. It is called several times, each time with the same effect.
  using Call = std::function<int(_modbus*)>;

  /// @throws std::logic_error when the library refuses the unit; Failure(unreachable) without a file in memory.
  explicit ModbusLibrary(int unit);
  ~ModbusLibrary();
  ModbusLibrary(const ModbusLibrary&) = delete;
  ModbusLibrary& operator=(const ModbusLibrary&) = delete;

  /// The bytes it sends; none when it refuses to ask, of which `refusal` then tells.
  std::string request(const Call& call, LibraryResult& refusal);
  /// What it makes of the answer as far as it has come.
  LibraryResult result(const Call& call, const std::string& heard);

 private:
  LibraryResult make(const Call& call);

  struct Context;
  std::unique_ptr<Context> context_;
};

}  // namespace blondel
