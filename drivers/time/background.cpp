#include "drivers/time/background.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>

#include <iterator>
#include <list>
#include <vector>

#include "drivers/time/cancellation.hpp"

namespace blondel {

namespace asio = boost::asio;

/// Held by every task's last handler too: a task that outlives the Background must find it.
struct Background::Running {
  std::list<asio::cancellation_signal> stops;  // one a task
  std::list<asio::cancellation_signal> ended;  // of tasks that ended while they were being stopped
  bool stopping = false;
  std::exception_ptr failure;
};

Background::Background(Clock& clock) : clock_{clock}, running_{std::make_shared<Running>()} {}

std::exception_ptr Background::failure() const {
  return running_->failure;
}

std::size_t Background::running() const {
  return running_->stops.size();
}

void Background::spawn(Task<void> task) {
  running_->stops.emplace_back();
  const auto self = std::prev(running_->stops.end());
  auto on_end = [running = running_, self](const std::exception_ptr& e) {
    if (e && !running->failure && !is_cancellation(e)) running->failure = e;
    // Stopped from outside, asio emits later and through a bare pointer into the signal: a task that ends before
    // that, because its wire was closed already, must leave its signal behind.
    auto& ended = running->ended;
    ended.splice(ended.end(), running->stops, self);
    if (!running->stopping) ended.clear();
  };
  asio::co_spawn(clock_.io(), std::move(task), asio::bind_cancellation_slot(self->slot(), std::move(on_end)));
}

Background::~Background() {
  if (clock_.closing()) return;  // the clock destroys what is left
  // A task may start others on its way down, so the list is walked afresh each time. What is emitted runs later, in
  // poll: nothing leaves the list during the walk.
  running_->stopping = true;
  for (int rounds = 0; !running_->stops.empty() && rounds < 1000; ++rounds) {
    for (auto& stop : running_->stops) stop.emit(asio::cancellation_type::terminal);
    clock_.io().restart();
    while (clock_.io().poll() != 0) {
    }
  }
}

}  // namespace blondel
