#pragma once

#include <fmt/format.h>

#include <stdexcept>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <utility>

namespace blondel {

/// What a caller may branch on when something could not be done.
enum class Fault {
  usage,        ///< the command line is wrong
  malformed,    ///< a plan, bench or data file is wrong where it stands
  refused,      ///< understood, and not permitted: envelope, interlock, calibration overdue
  incapable,    ///< understood, and beyond what this instrument or bench can do
  unreachable,  ///< no connection, or the connection is gone
  timeout,      ///< no answer before the deadline
  protocol,     ///< an answer that makes no sense (garbage, wrong length, 9.91E37)
  instrument,   ///< the instrument itself reports an error
  tripped,      ///< an output went off by itself
  wiring,       ///< phases, signs or positions are not what the bench file says
  rejected,     ///< the meter is at fault: it refused a request, or is not what it should be
  storage,      ///< the record could not be written
  cancelled,    ///< somebody stopped the run
};

/// The fault's name as it stands in messages and records, e.g. "timeout".
std::string_view name(Fault fault);

/// Why something could not be done.
struct Error {
  Fault fault;
  std::string where;  ///< who says so: "source/fluke-6105a", "plan.yaml:14:7"
  std::string what;   ///< for the technician: "asked for 480 V, can do 300 V"

  bool operator==(const Error&) const = default;
};

/// Road one, for pure code (parsing, look-up, decoding): the value or the reason.
template <class T>
using Result = tl::expected<T, Error>;

/// Short for the unexpected branch of a Result.
inline tl::unexpected<Error> fail(Fault fault, std::string where, std::string what) {
  return tl::unexpected<Error>{Error{fault, std::move(where), std::move(what)}};
}

/// Road two, for devices and steps: the same reason, thrown.
class Failure : public std::runtime_error {
 public:
  explicit Failure(Error e)
      : std::runtime_error{fmt::format("{}: {} ({})", e.where, e.what, name(e.fault))}, error{std::move(e)} {}
  Failure(Fault fault, std::string where, std::string what)
      : Failure{Error{fault, std::move(where), std::move(what)}} {}
  const Error error;
};

/// The value, or the reason thrown as a Failure.
template <class T>
T value_or_throw(Result<T> result) {
  if (!result) throw Failure{std::move(result.error())};
  return std::move(*result);
}

}  // namespace blondel
