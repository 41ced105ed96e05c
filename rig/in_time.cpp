#include "rig/in_time.hpp"

#include <vector>

#include "drivers/time/event.hpp"
#include "drivers/time/together.hpp"

namespace blondel {

namespace {

struct Late {};

Task<void> to_its_end(Task<void> task, Event& ended) {
  co_await std::move(task);
  ended.set();
}

Task<void> watch(Event& ended, Time by) {
  const bool in_time = co_await ended.wait_until(by);
  if (!in_time) throw Late{};
}

}  // namespace

Task<bool> in_time(Clock& clock, Task<void> task, Time by, Order order) {
  if (by == never) {
    co_await std::move(task);
    co_return true;
  }
  Event ended{clock, "the end of a slot", order};
  std::vector<Task<void>> both;
  both.push_back(to_its_end(std::move(task), ended));
  both.push_back(watch(ended, by));
  try {
    co_await together(clock, std::move(both));
  } catch (const Late&) {
    co_return false;
  }
  co_return true;
}

}  // namespace blondel
