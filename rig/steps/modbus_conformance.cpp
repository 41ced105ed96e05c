#include <fmt/format.h>

#include "rig/run.hpp"
#include "rig/step.hpp"
#include "rig/steps/modbus_requests.hpp"

namespace blondel {

using namespace std::chrono_literals;

namespace {

/// What one meter replied to one request.
struct Replied {
  std::string request, seen, objection;
  int attempts{};
  int spoilt{};  ///< replies that were none: a wrong checksum, or broken off
};

/// Asks every meter's Modbus server what it must answer, what it must refuse and what it must not hear.
class ModbusConformance final : public Step {
 public:
  explicit ModbusConformance(const Settings& at) : where_{at.where()} {
    if (at.is_map())
      if (const auto name = at.find("name")) name_ = name->text();
  }

  std::string kind() const override { return "modbus_conformance"; }
  std::string name() const override { return name_; }
  std::vector<std::string> promises() const override { return {}; }
  bool leaves_the_load() const override { return true; }

  void check(const Bench& bench, Outlook& outlook, Findings& findings) const override {
    if (!outlook.identified)
      findings.refusals.push_back(
          {Fault::malformed, where_, "expected an identify step first: it gives the meters control power"});
    if (bench.file().meter != "series-4000-k")
      findings.refusals.push_back(
          {Fault::incapable, where_, "the requests are written for series-4000-k, not for " + bench.file().meter});
  }

  Duration predict(const Bench&, Outlook&) const override {
    return request_slot_ * static_cast<int>(conformance_requests(0).size());
  }

  Task<void> run(Run& run) const override {
    run.progress.now_doing(name_);
    const auto count = conformance_requests(0).size();
    const Time end = run.clock.now() + request_slot_ * static_cast<int>(count);
    std::vector<std::vector<Replied>> replies(run.positions.size());
    const Run::Body body = [&run, &replies](Position& position) {
      return ask_all(position, replies[static_cast<std::size_t>(&position - run.positions.data())]);
    };
    co_await run.each(name_, body);
    for (std::size_t i = 0; i < replies.size(); ++i) judge(run, run.positions[i], replies[i], count);
    run.record.commit();
    co_await run.until(end, name_);
  }

 private:
  static Task<void> ask_all(Position& position, std::vector<Replied>& replies) {
    for (const auto& request : conformance_requests(position.firmware)) {
      const auto frame = request.frame(position.meter->unit());
      Replied replied{request.name, "", "", 0, 0};
      // A disturbed line may spoil an answer, so one that is missing or spoilt is asked for again; the record has it.
      for (bool again = true; again && replied.attempts < 3;) {
        ++replied.attempts;
        const auto reply = co_await position.meter->exchange(frame, position.meter->answer_limit());
        replied.seen = ModbusRequest::word(reply);
        replied.objection = request.objection(reply);
        replied.spoilt += reply.kind == Reply::Kind::malformed ? 1 : 0;
        const bool lost = reply.kind == Reply::Kind::silence || reply.kind == Reply::Kind::malformed;
        again = lost && !replied.objection.empty();
      }
      replies.push_back(replied);
    }
  }

  void judge(Run& run, Position& position, const std::vector<Replied>& replies, std::size_t count) const {
    nlohmann::ordered_json values = nlohmann::ordered_json::object();
    for (const auto& r : replies)
      values[r.request] = r.attempts == 1 ? r.seen : fmt::format("{} at attempt {}", r.seen, r.attempts);
    run.record.add("reading", {{"position", position.number}, {"what", name_}, {"values", std::move(values)}});
    for (const auto& r : replies)
      if (!r.objection.empty())
        run.judge(position, Verdict::fail, fmt::format("{}: {}: {}", name_, r.request, r.objection));
    int spoilt = 0;
    for (const auto& r : replies) spoilt += r.spoilt;
    // Meter or line: from here both look the same. That the repeats helped must not hide it.
    if (spoilt >= most_spoilt_)
      run.judge(position, Verdict::inconclusive,
                fmt::format("{}: {} replies to {} requests were spoilt: the meter, or its line", name_, spoilt, count));
    if (replies.size() < count && !position.lost)
      run.judge(position, Verdict::inconclusive, name_ + ": not every request was made");
  }

  // A request at 1200 baud without an answer, and the rest after it.
  static constexpr Duration request_slot_ = 4s;
  // A disturbance or two happen on a good line; every tenth reply is more than that.
  static constexpr int most_spoilt_ = 3;

  std::string where_;
  std::string name_ = "modbus_conformance";
};

const bool modbus_conformance_listed =
    steps().add("modbus_conformance", "what the meter's Modbus server must answer, must refuse and must not hear",
                [](const Settings& at) { return std::make_unique<ModbusConformance>(at); });

}  // namespace

}  // namespace blondel
