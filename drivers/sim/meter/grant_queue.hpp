#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <string>
#include <vector>

#include "drivers/sim/meter/link_memory.hpp"
#include "drivers/sim/meter/link_messages.hpp"
#include "drivers/sim/meter/meter_inputs.hpp"
#include "drivers/sim/meter/meter_process.hpp"

namespace blondel::sim {

/// What a meter's process has been given to do and nobody has taken back yet, in order. The process goes on from one
/// grant to the next by itself, on a core of its own, while the bench does something else. What comes of it counts only
/// when it is taken, so nothing depends on how fast the process is.
///
/// The samples of a grant are computed when it is given, and stay here until the process gets to it.
class GrantQueue {
 public:
  GrantQueue(MeterInputs& inputs, LinkMemory& memory) : inputs_{inputs}, memory_{memory} {}

  /// A process that has said hello and is told `welcome` ahead of its first grant. It outlives what is given to it.
  void serve(MeterProcess& process, std::string welcome);
  /// Wall time that a grant may take.
  void guard(std::chrono::milliseconds most) { guard_ = most; }

  bool empty() const { return given_.empty(); }
  std::size_t size() const { return given_.size(); }
  const Grant& front() const { return given_.front().grant; }
  const Grant& back() const { return given_.back().grant; }
  /// The first sample behind the last grant.
  std::int64_t next_sample() const { return given_.back().first_sample + given_.back().grant.samples; }

  /// At most as many samples as the memory holds.
  void give(Grant grant, std::int64_t first_sample);
  /// Calls once, perhaps at once, when the first grant has been answered.
  void when_answered(std::function<void()> then);
  /// What came of the first grant, which is answered; it stays the first until it is dropped.
  const Decoded<Done>& answer() const { return *given_.front().answer; }
  /// After the answer: the first is over. Where it broke off, because the meter began to send or ended, so are the
  /// others.
  void drop_first();
  void clear();

 private:
  struct Given {
    Grant grant;
    std::int64_t first_sample = 0;
    std::vector<std::int32_t> codes{};  ///< six a sample; none where they stand in the memory already
    std::optional<Decoded<Done>> answer{};
  };

  static bool broke_off(const Given& given);
  /// The process waits for the next one.
  bool next_is_its_turn() const;
  void hand_over();
  void answered(const MeterProcess::Answer& answer);

  MeterInputs& inputs_;
  LinkMemory& memory_;
  MeterProcess* process_ = nullptr;
  std::chrono::milliseconds guard_{};
  std::string welcome_;
  std::deque<Given> given_;
  std::size_t handed_over_ = 0;  ///< of those given
  bool at_work_ = false;         ///< the last of these is not answered
  std::function<void()> then_;
  std::vector<std::vector<std::int32_t>> spare_;  ///< memory for codes
};

}  // namespace blondel::sim
