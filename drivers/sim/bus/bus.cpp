#include "drivers/sim/bus/bus.hpp"

#include <algorithm>
#include <stdexcept>

#include "drivers/sim/circuit/circuit.hpp"
#include "drivers/sim/circuit/keyed_random.hpp"

namespace blondel::sim {

namespace {
/// Nobody listens longer back than this before he speaks: 3.5 characters at 1200 baud are 29 ms.
constexpr Duration memory{100'000'000};
/// Random numbers of the line itself, beside those of the members.
constexpr std::uint64_t the_line = 1000;
}  // namespace

struct Bus::Member {
  SerialSettings port;
  SimulatedMeter* meter = nullptr;  ///< of a meter
  Ear on_bytes;                     ///< of a master
  std::function<void()> on_gone;
  LineFaults faults;                  ///< of a meter's wire
  std::uint64_t spoken = 0;           ///< answers of a meter
  std::deque<StampedByte> to_hear{};  ///< of a meter: not yet handed to it
  Time handed{};                      ///< stamp of the last byte that was
};

Bus::Bus(Clock& clock, Order order, std::uint64_t seed)
    : clock_{clock},
      order_{order},
      seed_{seed},
      line_faults_{seed, the_line},
      changed_{clock, "bytes on an RS-485 line", order},
      background_{clock} {
  background_.spawn(serve());
}

Bus::~Bus() {
  for (auto& member : members_)
    if (member->meter) member->meter->on_transmit([](const std::vector<StampedByte>&) {});
}

Bus::Tap Bus::add_meter(SimulatedMeter& meter, SerialSettings port) {
  const auto meters = std::ranges::count_if(members_, [](const auto& m) { return m->meter != nullptr; });
  if (meters == most_meters) throw std::logic_error{"an RS-485 bus takes 63 meters"};
  const auto tap = static_cast<Tap>(members_.size());
  members_.push_back(std::make_unique<Member>(
      Member{.port = port, .meter = &meter, .on_bytes = {}, .on_gone = {}, .faults = {seed_, members_.size()}}));
  meter.on_transmit([this, tap](const std::vector<StampedByte>& bytes) { answered(tap, bytes); });
  return tap;
}

Bus::Tap Bus::add_master(SerialSettings port, Ear on_bytes, std::function<void()> on_gone) {
  members_.push_back(std::make_unique<Member>(Member{.port = port,
                                                     .meter = nullptr,
                                                     .on_bytes = std::move(on_bytes),
                                                     .on_gone = std::move(on_gone),
                                                     .faults = {seed_, members_.size()}}));
  return static_cast<Tap>(members_.size()) - 1;
}

void Bus::remove_master(Tap master) {
  member(master).on_bytes = nullptr;
  member(master).on_gone = nullptr;
}

void Bus::configure(Tap tap, SerialSettings port) {
  member(tap).port = port;
}

SerialSettings Bus::settings(Tap tap) const {
  return member(tap).port;
}

void Bus::set_fault(Tap meter, LineFault fault) {
  line_faults_.set(of_the_line(fault.kind) ? fault : LineFault{});
  member(meter).faults.set(of_the_line(fault.kind) ? LineFault{} : fault);
}

void Bus::add_fault(Tap meter, LineFault fault) {
  (of_the_line(fault.kind) ? line_faults_ : member(meter).faults).add(fault);
}

std::uint64_t Bus::struck() const {
  auto all = line_faults_.struck();
  for (const auto& member : members_) all += member->faults.struck();
  return all;
}

Bus::Talk Bus::talk(Tap by, const std::string& bytes, Time begin) const {
  const auto& port = member(by).port;
  Talk said{.by = by,
            .port = port,
            .bytes = {},
            .begin = begin,
            .end = begin + characters(port, bytes.size()),
            .echoes = false};
  for (std::size_t i = 0; i < bytes.size(); ++i)
    said.bytes.push_back({begin + characters(port, i + 1), static_cast<std::uint8_t>(bytes[i])});
  return said;
}

/// When somebody who listens first may begin. Who is about to speak within the notice is let go first: meters may have
/// been run so far, and have heard it.
Time Bus::free_from(Time now, const SerialSettings& port) const {
  for (const auto& stretch : stretches_) {
    const auto& last = *std::ranges::max_element(stretch.talks, {}, &Talk::end);
    const Time silent = stretch.end + std::max(frame_silence(last.port), frame_silence(port));
    if (stretch.begin <= now + Circuit::notice && now < silent) now = silent;
  }
  return now;
}

Time Bus::say(Tap master, const std::string& bytes) {
  return say_at(master, bytes, free_from(clock_.now(), member(master).port));
}

Time Bus::say_at(Tap master, const std::string& bytes, Time begin) {
  if (bytes.empty()) return clock_.now();
  const auto number = requests_++;
  auto said = talk(master, bytes, begin);
  const Time end = said.end;
  const auto gone = member(master).on_gone;
  if (line_faults_.strikes(LineFaultKind::disconnect, number)) {
    if (gone) gone();
    return end;
  }
  if (line_faults_.strikes(LineFaultKind::stuck, number)) {
    hold_at_space(master, end);
    return end;
  }
  said.echoes = line_faults_.strikes(LineFaultKind::echo, number) != nullptr;
  put_on_line(std::move(said));
  if (line_faults_.strikes(LineFaultKind::no_bias, number)) make_noise(master, end);
  return end;
}

/// Nothing gets through while somebody holds the line at space: an adapter makes a run of 00 of it, and nobody else
/// hears anything but the same.
void Bus::hold_at_space(Tap by, Time request_end) {
  constexpr std::size_t a_while = 32;
  auto held = talk(by, std::string(a_while, '\0'), request_end);
  held.echoes = true;
  put_on_line(std::move(held));
}

/// A receiver without a level to hold on to hears a byte or two before the answer begins.
void Bus::make_noise(Tap by, Time request_end) {
  const auto bits = keyed_bits({seed_, static_cast<std::uint64_t>(Purpose::line_fault), the_line + 1, requests_});
  std::string noise(1 + bits % 2, '\0');
  for (std::size_t i = 0; i < noise.size(); ++i) noise[i] = static_cast<char>(bits >> (8 + 8 * i));
  auto heard = talk(by, noise, request_end + frame_silence(member(by).port) + Duration{100'000});
  heard.echoes = true;
  put_on_line(std::move(heard));
}

void Bus::answered(Tap meter, const std::vector<StampedByte>& bytes) {
  if (bytes.empty()) return;
  ++answers_;
  auto& speaker = member(meter);
  const auto number = ++speaker.spoken;
  std::string frame;
  for (const auto& stamped : bytes) frame += static_cast<char>(stamped.byte);
  using Kind = LineFaultKind;
  const bool lost = speaker.faults.strikes(Kind::drop_answer, number) ||
                    (number % 2 == 0 && speaker.faults.strikes(Kind::lost_frames, number));
  if (lost) return;
  for (const auto kind : {Kind::truncate, Kind::corrupt_bit, Kind::bit_errors, Kind::other_unit})
    if (speaker.faults.strikes(kind, number)) frame = damaged(std::move(frame), kind, seed_, number);
  Talk said{.by = meter, .port = speaker.port, .bytes = bytes, .begin = {}, .end = {}, .echoes = false};
  said.bytes.resize(frame.size());
  for (std::size_t i = 0; i < frame.size(); ++i) said.bytes[i].byte = static_cast<std::uint8_t>(frame[i]);
  Duration later{};
  if (const auto* delay = speaker.faults.strikes(Kind::delay, number)) later = delay->by;
  for (auto& stamped : said.bytes) stamped.at += later;
  said.begin = said.bytes.front().at - characters(speaker.port, 1);
  said.end = said.bytes.back().at;
  const bool twice = speaker.faults.strikes(Kind::doubled, number) != nullptr;
  auto copy = said;
  put_on_line(std::move(said));
  if (!twice) return;
  const Duration apart = copy.end - copy.begin + frame_silence(speaker.port);
  for (auto& stamped : copy.bytes) stamped.at += apart;
  copy.begin += apart;
  copy.end += apart;
  put_on_line(std::move(copy));
}

void Bus::put_on_line(Talk said) {
  Stretch stretch{.talks = {}, .begin = said.begin, .end = said.end};
  stretch.talks.push_back(std::move(said));
  std::erase_if(stretches_, [&](Stretch& other) {
    const bool overlaps = other.begin < stretch.end && stretch.begin < other.end;
    if (overlaps && !other.delivered) {
      stretch.begin = std::min(stretch.begin, other.begin);
      stretch.end = std::max(stretch.end, other.end);
      std::ranges::move(other.talks, std::back_inserter(stretch.talks));
    }
    return (overlaps && !other.delivered) || (other.delivered && other.end + memory < clock_.now());
  });
  if (stretch.talks.size() > 1) ++collisions_;
  const auto after = std::ranges::find_if(stretches_, [&](const Stretch& s) { return s.begin > stretch.begin; });
  meters_hear(*stretches_.insert(after, std::move(stretch)));
  feed_meters();
  changed_.set();
}

namespace {
template <class Talks>
std::vector<Space> level_of(const Talks& talks) {
  std::vector<Space> spaces;
  for (const auto& said : talks) {
    const auto own = spaces_of(said.bytes, said.port);
    spaces.insert(spaces.end(), own.begin(), own.end());
  }
  return together_on_line(std::move(spaces));
}
}  // namespace

/// Puts into every meter's ears what it will hear of a stretch, as far as it has not heard it already.
void Bus::meters_hear(const Stretch& stretch) {
  for (std::size_t tap = 0; tap < members_.size(); ++tap) {
    auto& listener = *members_[tap];
    if (!listener.meter) continue;
    const auto& talks = stretch.talks;
    if (std::ranges::any_of(talks, [&](const Talk& t) { return t.by == static_cast<Tap>(tap); })) continue;
    const bool request = std::ranges::any_of(talks, [&](const Talk& t) { return !member(t.by).meter; });
    const bool deaf =
        request && (listener.faults.strikes(LineFaultKind::drop_request, requests_) ||
                    (requests_ % 2 == 0 && listener.faults.strikes(LineFaultKind::lost_frames, requests_)));
    if (deaf) continue;
    const bool clear = talks.size() == 1 && talks.front().port == listener.port;
    std::erase_if(listener.to_hear, [&](const StampedByte& b) { return b.at > stretch.begin && b.at <= stretch.end; });
    const auto heard = clear ? talks.front().bytes
                             : heard_on_line(level_of(talks), listener.port, std::max(stretch.begin, listener.handed));
    listener.to_hear.insert(listener.to_hear.end(), heard.begin(), heard.end());
    std::ranges::stable_sort(listener.to_hear, {}, &StampedByte::at);
  }
}

// A byte is handed to the meter as soon as it may be, and no sooner: the meter may be run up to `notice` ahead.
void Bus::feed_meters() {
  for (auto& listener : members_) {
    std::vector<StampedByte> bytes;
    while (!listener->to_hear.empty() && listener->to_hear.front().at <= clock_.now() + Circuit::notice) {
      auto byte = listener->to_hear.front();
      listener->to_hear.pop_front();
      // Somebody spoke into what the meter has heard already: it comes late, but in order.
      byte.at = std::max(byte.at, listener->handed + Duration{1});
      listener->handed = byte.at;
      bytes.push_back(byte);
    }
    if (bytes.empty()) continue;
    listener->meter->receive(std::move(bytes));
  }
}

std::string Bus::heard_by(Tap master, const Stretch& stretch) const {
  const auto& port = member(master).port;
  Time own_end = stretch.begin;
  std::string text;
  for (const auto& said : stretch.talks) {
    if (said.by != master) continue;
    if (!said.echoes) own_end = std::max(own_end, said.end);
    if (said.echoes && stretch.talks.size() == 1)
      for (const auto& b : said.bytes) text += static_cast<char>(b.byte);
  }
  if (!text.empty()) return text;
  const bool alone = stretch.talks.size() == 1;
  if (alone && stretch.talks.front().by == master) return {};
  const auto heard = alone && stretch.talks.front().port == port
                         ? stretch.talks.front().bytes
                         : heard_on_line(level_of(stretch.talks), port, own_end);
  for (const auto& b : heard) text += static_cast<char>(b.byte);
  return text;
}

void Bus::deliver(const Stretch& stretch) {
  for (std::size_t tap = 0; tap < members_.size(); ++tap) {
    if (!members_[tap]->on_bytes) continue;
    const auto bytes = heard_by(static_cast<Tap>(tap), stretch);
    // Whoever hears something may speak at once, and so change the list of stretches: not this copy.
    const auto ear = members_[tap]->on_bytes;
    if (!bytes.empty()) ear(bytes);
  }
}

void Bus::deliver_due() {
  for (;;) {
    const auto due =
        std::ranges::find_if(stretches_, [&](const Stretch& s) { return !s.delivered && s.end <= clock_.now(); });
    if (due == stretches_.end()) return;
    due->delivered = true;
    const auto stretch = *due;
    deliver(stretch);
  }
}

Task<void> Bus::serve() {
  for (;;) {
    Time next = never;
    for (const auto& listener : members_)
      if (!listener->to_hear.empty()) next = std::min(next, listener->to_hear.front().at - Circuit::notice);
    for (const auto& stretch : stretches_)
      if (!stretch.delivered) next = std::min(next, stretch.end);
    co_await changed_.wait_until(next);
    feed_meters();
    deliver_due();
  }
}

}  // namespace blondel::sim
