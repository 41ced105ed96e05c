#pragma once

#include <boost/asio/signal_set.hpp>

#include <functional>
#include <string>

#include "drivers/time/clock.hpp"

namespace blondel {

/// Turns Ctrl-C, Ctrl-\, a polite kill and a closed terminal into one call of `stop` on the executive's thread. Further
/// ones change nothing: the way down is already being taken.
class StopSignals {
 public:
  /// Listens while this lives. `stop` is called on the thread that runs the clock.
  StopSignals(Clock& clock, std::function<void(std::string)> stop);

 private:
  void listen();

  boost::asio::signal_set signals_;
  std::function<void(std::string)> stop_;
};

}  // namespace blondel
