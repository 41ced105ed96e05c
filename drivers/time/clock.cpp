#include "drivers/time/clock.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>

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

struct Clock::Main {
  asio::cancellation_signal stop;
};

Clock::Clock() : io_{std::make_unique<asio::io_context>(1)} {}

Clock::~Clock() = default;

Task<void> Clock::pause_until(Time due, Order order, std::string what) {
  Event nobody{*this, std::move(what), order};
  co_await nobody.wait_until(due);
}

Task<void> Clock::pause(Duration d, Order order, std::string what) {
  Event nobody{*this, std::move(what), order};
  co_await nobody.wait_until(now() + d);
}

void Clock::run(Task<void> task) {
  Main main;
  bool done = false;
  std::exception_ptr failed;
  auto on_end = [&](std::exception_ptr e) {
    failed = std::move(e);
    done = true;
  };
  asio::co_spawn(*io_, std::move(task), asio::bind_cancellation_slot(main.stop.slot(), std::move(on_end)));
  main_ = &main;
  std::exception_ptr broken;
  try {
    drive(done);
  } catch (...) {
    broken = std::current_exception();
  }
  if (!done) {
    // The clock itself gave up (deadlock, or foreign code that hangs). Let the task take its way down, so that
    // nothing it refers to is left behind.
    main.stop.emit(asio::cancellation_type::terminal);
    try {
      drive(done);
    } catch (...) {
      // The first reason is the one to tell.
    }
  }
  main_ = nullptr;
  if (broken) std::rethrow_exception(broken);
  if (failed) std::rethrow_exception(failed);
}

void Clock::cancel() {
  if (main_) main_->stop.emit(asio::cancellation_type::terminal);
}

}  // namespace blondel
