#include "rig/stop_signals.hpp"

#include <csignal>
#include <cstring>

namespace blondel {

StopSignals::StopSignals(Clock& clock, std::function<void(std::string)> stop)
    : signals_{clock.io(), SIGINT, SIGTERM, SIGHUP}, stop_{std::move(stop)} {
  signals_.add(SIGQUIT);
  listen();
}

void StopSignals::listen() {
  signals_.async_wait([this](const boost::system::error_code& error, int number) {
    if (error) return;
    stop_(number == SIGINT ? "stopped by the operator" : std::string{"stopped by signal "} + strsignal(number));
    listen();
  });
}

}  // namespace blondel
