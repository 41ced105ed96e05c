#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "drivers/time/clock.hpp"

// What the tests let work outside the executive's thread.

namespace blondel {

/// Numbers that follow from a seed alone, on every machine.
class SeededNumbers {
 public:
  explicit SeededNumbers(std::uint64_t seed) : state_{seed} {}
  /// 0 <= number < below. Source: Steele, Lea, Flood, "Fast splittable pseudorandom number generators" (splitmix64).
  std::uint64_t below(std::uint64_t below);

 private:
  std::uint64_t state_;
};

/// A thread of its own that does one job after the other, each under a Work: the shape of a library that blocks.
class Worker {
 public:
  Worker(Clock& clock, Order order, std::string name);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// Lets the thread compute `rounds` steps of a generator, starting from `start`. @returns what came out.
  Task<std::uint64_t> compute(std::uint64_t start, std::uint64_t rounds);
  /// What compute must return.
  static std::uint64_t outcome(std::uint64_t start, std::uint64_t rounds);

 private:
  struct Desk;
  Clock& clock_;
  Order order_;
  std::string name_;
  std::shared_ptr<Desk> desk_;
  std::thread thread_;
};

/// A process of its own that computes the same, asked and answering over a socket: the shape of a firmware host.
class Process {
 public:
  Process(Clock& clock, Order order, std::string name);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  Task<std::uint64_t> compute(std::uint64_t start, std::uint64_t rounds);

 private:
  struct Link;
  Clock& clock_;
  Order order_;
  std::string name_;
  std::unique_ptr<Link> link_;
};

/// Threads that do nothing but take time from everybody else, for as long as they live.
class Spinners {
 public:
  explicit Spinners(int count);
  ~Spinners();
  Spinners(const Spinners&) = delete;
  Spinners& operator=(const Spinners&) = delete;

 private:
  std::atomic<bool> stop_{false};
  std::vector<std::thread> threads_;
};

}  // namespace blondel
