#include "drivers/time/crowd.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <memory>
#include <vector>

#include "drivers/time/background.hpp"
#include "drivers/time/outside_hands.hpp"
#include "drivers/time/together.hpp"
#include "drivers/time/virtual_clock.hpp"
#include "drivers/transport/memory_wire.hpp"
#include "references/error.hpp"

namespace blondel {

namespace {

/// Channels of the crowd's kinds, so that a tie at one position has an order too.
enum Kind { sleeper = 3, wire = 1, worker = 2, process = 0 };

class Crowd {
 public:
  explicit Crowd(Clock& clock) : clock_{clock} {}

  Task<void> sleep(int who, std::uint64_t seed, int rounds) {
    SeededNumbers numbers{seed};
    for (int n = 0; n < rounds; ++n) {
      // Whole milliseconds out of few, so that most instants are shared by many.
      const Duration length{numbers.below(50) * 1'000'000};
      const Time due = clock_.now() + length;
      co_await clock_.pause(length, Order{who % 7, sleeper}, "sleeper");
      EXPECT_EQ(clock_.now(), due);
      note("sleeper", who, n);
    }
  }

  /// The far end of a wire: answers each line after a while, and every fourth not at all.
  Task<void> serve(std::unique_ptr<ByteStream> stream, Duration latency, std::uint64_t seed) {
    SeededNumbers numbers{seed};
    for (;;) {
      std::string line;
      try {
        while (line.empty() || line.back() != '\n') line += co_await stream->read_some(never);
      } catch (const Failure&) {
        co_return;  // the near end is gone
      }
      const Time sent{Duration{std::stoll(line)}};
      EXPECT_EQ(clock_.now(), sent + latency) << "time moved while bytes that somebody waits for were unhandled";
      co_await clock_.pause(Duration{1'000'000 * (1 + numbers.below(20))}, {}, "server");
      if (numbers.below(4) == 0) continue;
      auto answer = std::to_string(clock_.now().time_since_epoch().count()) + "\n";
      co_await stream->write(std::move(answer), never);
    }
  }

  Task<void> converse(int who, std::unique_ptr<ByteStream> stream, Duration latency, std::uint64_t seed, int rounds) {
    SeededNumbers numbers{seed};
    for (int n = 0; n < rounds; ++n) {
      const Time deadline = clock_.now() + latency * 2 + Duration{1'000'000 * (22 + numbers.below(5))};
      auto question = std::to_string(clock_.now().time_since_epoch().count()) + "\n";
      co_await stream->write(std::move(question), deadline);
      std::string line;
      bool silent = false;
      try {
        while (line.empty() || line.back() != '\n') line += co_await stream->read_some(deadline);
      } catch (const Failure& failure) {
        EXPECT_EQ(failure.error.fault, Fault::timeout);
        EXPECT_EQ(clock_.now(), deadline);
        silent = true;
      }
      if (!silent) {
        EXPECT_EQ(clock_.now(), Time{Duration{std::stoll(line)}} + latency);
      }
      note(silent ? "wire silent" : "wire", who, n);
    }
  }

  Task<void> work(int who, Worker& hand, std::uint64_t seed, int rounds) {
    SeededNumbers numbers{seed};
    for (int n = 0; n < rounds; ++n) {
      co_await clock_.pause(Duration{numbers.below(30) * 1'000'000}, Order{who % 7, worker}, "worker's break");
      const auto begun = clock_.now();
      const auto start = numbers.below(1000);
      const auto steps = numbers.below(100'000);
      const auto sum = co_await hand.compute(start, steps);
      EXPECT_EQ(sum, Worker::outcome(start, steps));
      EXPECT_EQ(clock_.now(), begun) << "time moved while a worker was busy";
      note("worker", who, n);
    }
  }

  Task<void> consult(int who, Process& other, std::uint64_t seed, int rounds) {
    SeededNumbers numbers{seed};
    for (int n = 0; n < rounds; ++n) {
      co_await clock_.pause(Duration{numbers.below(30) * 1'000'000}, Order{who % 7, process}, "process's break");
      const auto begun = clock_.now();
      const auto start = numbers.below(1000);
      const auto steps = numbers.below(100'000);
      const auto sum = co_await other.compute(start, steps);
      EXPECT_EQ(sum, Worker::outcome(start, steps));
      EXPECT_EQ(clock_.now(), begun) << "time moved while a process was busy";
      note("process", who, n);
    }
  }

  std::string log;

 private:
  void note(const char* what, int who, int round) {
    log += fmt::format("{} {} {} {}\n", clock_.now().time_since_epoch().count(), what, who, round);
  }

  Clock& clock_;
};

}  // namespace

std::string run_crowd(std::uint64_t seed, CrowdSize size) {
  VirtualClock clock;
  SeededNumbers numbers{seed};
  Crowd crowd{clock};
  std::vector<std::unique_ptr<Process>> processes;  // first: forked while this thread is alone, or nearly so
  for (int n = 0; n < size.processes; ++n)
    processes.push_back(std::make_unique<Process>(clock, Order{n % 7, process}, fmt::format("process {}", n)));
  std::vector<std::unique_ptr<Worker>> workers;
  for (int n = 0; n < size.workers; ++n)
    workers.push_back(std::make_unique<Worker>(clock, Order{n % 7, worker}, fmt::format("worker {}", n)));
  Background servers{clock};

  std::vector<Task<void>> tasks;
  for (int n = 0; n < size.sleepers; ++n) tasks.push_back(crowd.sleep(n, numbers.below(~0ULL), size.rounds));
  for (int n = 0; n < size.wires; ++n) {
    const Duration latency{1'000 * numbers.below(3000)};
    auto [near, far] = memory_wire(clock, fmt::format("wire {}", n), numbers.below(1000), Order{n % 7, wire}, latency);
    servers.spawn(crowd.serve(std::move(far), latency, numbers.below(~0ULL)));
    tasks.push_back(crowd.converse(n, std::move(near), latency, numbers.below(~0ULL), size.rounds));
  }
  for (int n = 0; n < size.workers; ++n)
    tasks.push_back(crowd.work(n, *workers[static_cast<std::size_t>(n)], numbers.below(~0ULL), size.rounds));
  for (int n = 0; n < size.processes; ++n)
    tasks.push_back(crowd.consult(n, *processes[static_cast<std::size_t>(n)], numbers.below(~0ULL), size.rounds));
  clock.run(together(clock, std::move(tasks)));
  if (const auto failure = servers.failure()) std::rethrow_exception(failure);
  return std::move(crowd.log);
}

}  // namespace blondel
