#include "drivers/time/background.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/system/system_error.hpp>

namespace blondel {

namespace asio = boost::asio;

struct Background::Running {
  asio::cancellation_signal stop;
};

Background::Background(Clock& clock) : clock_{clock} {}

void Background::spawn(Task<void> task) {
  tasks_.push_back(std::make_unique<Running>());
  const auto self = std::prev(tasks_.end());
  auto on_end = [this, self](std::exception_ptr e) {
    if (e && !failure_) {
      try {
        std::rethrow_exception(e);
      } catch (const boost::system::system_error& error) {
        if (error.code() != asio::error::operation_aborted) failure_ = e;
      } catch (...) {
        failure_ = e;
      }
    }
    tasks_.erase(self);
  };
  asio::co_spawn(clock_.io(), std::move(task),
                 asio::bind_cancellation_slot((*self)->stop.slot(), std::move(on_end)));
}

Background::~Background() {
  // A task may start or end others on its way down, so the list is walked afresh each time.
  for (int rounds = 0; !tasks_.empty() && rounds < 1000; ++rounds) {
    std::vector<Running*> now;
    for (const auto& task : tasks_) now.push_back(task.get());
    for (auto* task : now) task->stop.emit(asio::cancellation_type::terminal);
    clock_.io().restart();
    while (clock_.io().poll() != 0) {
    }
  }
}

}  // namespace blondel
