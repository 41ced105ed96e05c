// What waiting costs: a pause, a wire's round trip, and handing a job to a thread or a process and back.
#include <benchmark/benchmark.h>

#include "drivers/time/background.hpp"
#include "drivers/time/outside_hands.hpp"
#include "drivers/time/together.hpp"
#include "drivers/time/virtual_clock.hpp"
#include "drivers/transport/memory_wire.hpp"

namespace blondel {
namespace {

using namespace std::chrono_literals;

Task<void> pause_often(Clock& clock, benchmark::State& state) {
  for (auto _ : state) co_await clock.pause(1ms);
}

void a_pause(benchmark::State& state) {
  VirtualClock clock;
  clock.run(pause_often(clock, state));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(a_pause);

Task<void> sleep_on(Clock& clock, Duration each) {
  for (;;) co_await clock.pause(each);
}

/// As a_pause, while others sleep too: an iteration is a millisecond of bench time in which all of them wake once.
void a_millisecond_of_sleepers(benchmark::State& state) {
  VirtualClock clock;
  Background others{clock};
  for (std::int64_t n = 1; n < state.range(0); ++n) others.spawn(sleep_on(clock, 1ms));
  clock.run(pause_often(clock, state));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(a_millisecond_of_sleepers)->Arg(10)->Arg(1000);

Task<void> echo(std::unique_ptr<ByteStream> stream) {
  for (;;) {
    auto bytes = co_await stream->read_some(never);
    co_await stream->write(std::move(bytes), never);
  }
}

Task<void> talk(std::unique_ptr<ByteStream> stream, benchmark::State& state) {
  for (auto _ : state) {
    co_await stream->write("x", never);
    co_await stream->read_some(never);
  }
}

void a_round_trip_on_a_wire(benchmark::State& state) {
  VirtualClock clock;
  Background far{clock};
  auto [near, other] = memory_wire(clock, "wire", 1, {}, 1us);
  far.spawn(echo(std::move(other)));
  clock.run(talk(std::move(near), state));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(a_round_trip_on_a_wire);

template <class Hand>
Task<void> hand_over(Hand& hand, benchmark::State& state) {
  for (auto _ : state) co_await hand.compute(1, 1);
}

template <class Hand>
void a_hand_over(benchmark::State& state) {
  VirtualClock clock;
  Hand hand{clock, {}, "hand"};
  clock.run(hand_over(hand, state));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(a_hand_over<Worker>)->UseRealTime();
BENCHMARK(a_hand_over<Process>)->UseRealTime();

}  // namespace
}  // namespace blondel

BENCHMARK_MAIN();
