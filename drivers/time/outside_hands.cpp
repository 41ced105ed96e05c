#include "drivers/time/outside_hands.hpp"

#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <system_error>
#include <utility>

#include "drivers/time/event.hpp"

namespace blondel {

namespace asio = boost::asio;

std::uint64_t SeededNumbers::below(std::uint64_t below) {
  state_ += 0x9e3779b97f4a7c15U;
  auto z = state_;
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
  return (z ^ (z >> 31U)) % below;
}

struct Worker::Desk {
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<std::function<void()>> jobs;
  bool closed = false;
};

Worker::Worker(Clock& clock, Order order, std::string name)
    : clock_{clock}, order_{order}, name_{std::move(name)}, desk_{std::make_shared<Desk>()} {
  thread_ = std::thread{[desk = desk_] {
    for (;;) {
      std::function<void()> job;
      {
        std::unique_lock lock{desk->mutex};
        desk->changed.wait(lock, [&] { return desk->closed || !desk->jobs.empty(); });
        if (desk->jobs.empty()) return;
        job = std::move(desk->jobs.front());
        desk->jobs.pop_front();
      }
      job();
    }
  }};
}

Worker::~Worker() {
  {
    const std::lock_guard lock{desk_->mutex};
    desk_->closed = true;
  }
  desk_->changed.notify_one();
  thread_.join();
}

std::uint64_t Worker::outcome(std::uint64_t start, std::uint64_t rounds) {
  SeededNumbers numbers{start};
  std::uint64_t sum = 0;
  for (std::uint64_t n = 0; n < rounds; ++n) sum += numbers.below(1U << 20U);
  return sum;
}

Task<std::uint64_t> Worker::compute(std::uint64_t start, std::uint64_t rounds) {
  // Shared with the job: the task that asked may be cancelled before the job is done.
  struct Answer {
    Answer(Clock& clock, const std::string& name, Order order) : arrived{clock, name, order} {}
    Event arrived;
    std::uint64_t sum = 0;
    Work work;
  };
  const auto answer = std::make_shared<Answer>(clock_, name_, order_);
  answer->work = clock_.begin_work(order_, name_);
  {
    const std::lock_guard lock{desk_->mutex};
    desk_->jobs.emplace_back([answer = answer, start, rounds]() mutable {
      const auto sum = outcome(start, rounds);
      auto work = std::move(answer->work);
      // The answer travels along and is let go on the executive's thread, where its Event belongs.
      work.finish([answer = std::exchange(answer, {}), sum] {
        answer->sum = sum;
        answer->arrived.set();
      });
    });
  }
  desk_->changed.notify_one();
  co_await answer->arrived.wait();
  co_return answer->sum;
}

struct Process::Link {
  explicit Link(Clock& clock) : socket{clock.io()} {}
  asio::local::stream_protocol::socket socket;
  pid_t child = -1;
};

Process::Process(Clock& clock, Order order, std::string name)
    : clock_{clock}, order_{order}, name_{std::move(name)}, link_{std::make_unique<Link>(clock)} {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
    throw std::system_error{errno, std::generic_category(), "socketpair"};
  link_->child = ::fork();
  if (link_->child < 0) throw std::system_error{errno, std::generic_category(), "fork"};
  if (link_->child == 0) {
    // Other threads may have held locks at the fork: system calls and arithmetic only.
    ::close(ends[0]);
    std::array<std::uint64_t, 2> question{};
    while (::recv(ends[1], question.data(), sizeof question, MSG_WAITALL) == sizeof question) {
      const auto sum = Worker::outcome(question[0], question[1]);
      if (::send(ends[1], &sum, sizeof sum, MSG_NOSIGNAL) != sizeof sum) break;
    }
    ::_exit(0);
  }
  ::close(ends[1]);
  link_->socket.assign(asio::local::stream_protocol{}, ends[0]);
}

Process::~Process() {
  // A child that was forked later holds a copy of this end, so closing it would not end the conversation.
  boost::system::error_code ignored;
  link_->socket.shutdown(asio::socket_base::shutdown_both, ignored);
  link_->socket.close(ignored);
  ::waitpid(link_->child, nullptr, 0);
}

Task<std::uint64_t> Process::compute(std::uint64_t start, std::uint64_t rounds) {
  auto work = clock_.begin_work(order_, name_);
  const std::array<std::uint64_t, 2> question{start, rounds};
  co_await asio::async_write(link_->socket, asio::buffer(question), asio::use_awaitable);
  std::uint64_t sum = 0;
  const auto into = asio::buffer(&sum, sizeof sum);
  co_await asio::async_read(link_->socket, into, asio::use_awaitable);
  // The bytes came when the machine saw fit. What follows from them comes in its Order.
  const auto arrived = std::make_shared<Event>(clock_, name_, order_);
  work.finish([arrived] { arrived->set(); });
  co_await arrived->wait();
  co_return sum;
}

Spinners::Spinners(int count) {
  for (int n = 0; n < count; ++n)
    threads_.emplace_back([this] {
      while (!stop_.load(std::memory_order_relaxed)) {
      }
    });
}

Spinners::~Spinners() {
  stop_ = true;
  for (auto& thread : threads_) thread.join();
}

}  // namespace blondel
