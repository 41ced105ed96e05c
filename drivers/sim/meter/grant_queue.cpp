#include "drivers/sim/meter/grant_queue.hpp"

#include <algorithm>
#include <utility>

namespace blondel::sim {

void GrantQueue::serve(MeterProcess& process, std::string welcome) {
  clear();
  process_ = &process;
  welcome_ = std::move(welcome);
}

void GrantQueue::give(Grant grant, std::int64_t first_sample) {
  const auto codes = 6 * static_cast<std::size_t>(grant.samples);
  Given given{.grant = std::move(grant), .first_sample = first_sample};
  if (next_is_its_turn()) {
    inputs_.samples(first_sample, memory_.codes().first(codes));
  } else {
    // What is at work already goes on meanwhile.
    if (!spare_.empty()) {
      given.codes = std::move(spare_.back());
      spare_.pop_back();
    }
    given.codes.resize(codes);
    inputs_.samples(first_sample, given.codes);
  }
  given_.push_back(std::move(given));
  hand_over();
}

bool GrantQueue::next_is_its_turn() const {
  return !at_work_ && handed_over_ == given_.size() && (handed_over_ == 0 || !broke_off(given_.back()));
}

bool GrantQueue::broke_off(const Given& given) {
  const auto& answer = *given.answer;
  return !answer || answer->reached != given.grant.until || !answer->sent.empty();
}

void GrantQueue::hand_over() {
  if (at_work_ || handed_over_ == given_.size()) return;
  if (handed_over_ > 0 && broke_off(given_[handed_over_ - 1])) return;
  auto& next = given_[handed_over_++];
  inputs_.instants(next.first_sample, memory_.instants().first(next.grant.samples));
  if (!next.codes.empty()) {
    std::ranges::copy(next.codes, memory_.codes().begin());
    spare_.push_back(std::move(next.codes));
  }
  if (!welcome_.empty()) process_->tell(std::exchange(welcome_, {}));
  at_work_ = true;
  process_->exchange(encode_grant(next.grant), guard_,
                     [this](const MeterProcess::Answer& answer) { answered(answer); });
}

void GrantQueue::answered(const MeterProcess::Answer& answer) {
  at_work_ = false;
  auto& given = given_[handed_over_ - 1];
  if (answer)
    given.answer = decode_done(*answer, given.grant);
  else
    given.answer = tl::unexpected{answer.error()};
  hand_over();
  if (then_ && given_.front().answer) std::exchange(then_, {})();
}

void GrantQueue::when_answered(std::function<void()> then) {
  if (given_.front().answer) return then();
  then_ = std::move(then);
}

void GrantQueue::drop_first() {
  if (broke_off(given_.front())) return clear();
  given_.pop_front();
  --handed_over_;
}

void GrantQueue::clear() {
  for (auto& given : given_)
    if (spare_.size() < 2) spare_.push_back(std::move(given.codes));
  given_.clear();
  handed_over_ = 0;
  at_work_ = false;
  then_ = {};
}

}  // namespace blondel::sim
