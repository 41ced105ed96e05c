#include "drivers/time/clock.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>

#include <stdexcept>

#include "drivers/time/event.hpp"

namespace blondel {

namespace asio = boost::asio;

Work& Work::operator=(Work&& other) noexcept {
  if (this != &other) {
    if (clock_) clock_->end_work(id_, {});
    clock_ = std::exchange(other.clock_, nullptr);
    id_ = other.id_;
  }
  return *this;
}

Work::~Work() {
  if (clock_) clock_->end_work(id_, {});
}

void Work::finish(std::function<void()> deliver) {
  if (auto* clock = std::exchange(clock_, nullptr)) clock->end_work(id_, std::move(deliver));
}

/// Held by the task's last handler too: a task that outlives run() must find it.
struct Clock::Main {
  asio::cancellation_signal stop;
  bool done = false;
  std::exception_ptr failed;
};

Clock::Clock() : io_{std::make_unique<asio::io_context>(1)} {}

Clock::~Clock() = default;

void Clock::destroy_tasks() {
  closing_ = true;
  // Not reset(), which would take the pointer away before the tasks are gone.
  delete io_.get();
  static_cast<void>(io_.release());
}

Task<void> Clock::pause_until(Time due, Order order, std::string what) {
  Event nobody{*this, std::move(what), order};
  co_await nobody.wait_until(due);
}

Task<void> Clock::pause(Duration d, Order order, std::string what) {
  Event nobody{*this, std::move(what), order};
  const Time start = now();
  co_await nobody.wait_until(d < never - start ? start + d : never);
}

void Clock::run(Task<void> task) {
  if (main_) throw std::logic_error{"a clock runs one main task at a time"};
  const auto main = std::make_shared<Main>();
  auto on_end = [main](std::exception_ptr e) {
    main->failed = std::move(e);
    main->done = true;
  };
  asio::co_spawn(*io_, std::move(task), asio::bind_cancellation_slot(main->stop.slot(), std::move(on_end)));
  main_ = main;
  std::exception_ptr broken;
  try {
    drive(main->done);
  } catch (...) {
    broken = std::current_exception();
  }
  if (!main->done) {
    // The clock itself gave up (deadlock, or foreign code that hangs). Let the task take its way down, so that
    // nothing it refers to is left behind.
    main->stop.emit(asio::cancellation_type::terminal);
    try {
      drive(main->done);
    } catch (...) {
      // The first reason is the one to tell.
    }
  }
  main_.reset();
  if (broken) std::rethrow_exception(broken);
  if (main->failed) std::rethrow_exception(main->failed);
}

void Clock::cancel() {
  if (const auto main = main_) main->stop.emit(asio::cancellation_type::terminal);
}

}  // namespace blondel
