#include <fmt/format.h>

#include <algorithm>

#include "rig/port_time.hpp"
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
  int spoilt{};   ///< replies that were none: a wrong checksum, or broken off
  int foreign{};  ///< replies that were not to this request
  bool plain{};   ///< whether every meter must answer
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
  std::vector<std::string> promises(const Bench&) const override { return {}; }
  bool leaves_the_load() const override { return true; }

  void check(const Bench& bench, Outlook& outlook, Findings& findings) const override {
    if (!outlook.identified)
      findings.refusals.push_back(
          {Fault::malformed, where_, "expected an identify step first: it gives the meters control power"});
    if (bench.file().meter != "series-4000-k")
      findings.refusals.push_back(
          {Fault::incapable, where_, "the requests are written for series-4000-k, not for " + bench.file().meter});
  }

  Duration predict(const Bench& bench, Outlook&) const override { return slot(bench.file()); }

  Task<void> run(Run& run) const override {
    run.progress.now_doing(name_);
    const auto count = conformance_requests(0).size();
    const Time end = run.clock.now() + slot(run.bench.file());
    std::vector<std::vector<Replied>> replies(run.positions.size());
    const Run::Body body = [&run, &replies](Position& position) {
      return ask_all(run, position, replies[static_cast<std::size_t>(&position - run.positions.data())]);
    };
    co_await run.each(name_, body, end);
    for (std::size_t i = 0; i < replies.size(); ++i) judge(run, run.positions[i], replies[i], count);
    run.record.commit();
    co_await run.until(end, name_);
  }

 private:
  /// As long as a request may take, and as long as those take that a meter answers and those that none does.
  static Duration slot(const BenchFile& bench) {
    const auto requests = conformance_requests(0);
    const auto all = static_cast<int>(requests.size());
    const auto unheard =
        static_cast<int>(std::ranges::count(requests, std::vector<std::string>{"silence"}, &ModbusRequest::permitted));
    constexpr int block = 64;
    return std::max<Duration>(
        request_slot_ * all,
        std::chrono::ceil<std::chrono::seconds>(PortTime{bench}.asking(all - unheard, block, unheard) + Run::settling));
  }

  /// The addresses of all meters at the position's port, judged or not.
  static std::vector<int> units_at_port_of(Run& run, const Position& position) {
    const auto& sockets = run.bench.file().sockets;
    const auto& port = sockets[static_cast<std::size_t>(position.number) - 1].port;
    std::vector<int> units;
    for (const auto& socket : sockets) {
      const auto unit = socket.settings.find("unit");
      if (socket.port == port) units.push_back(unit ? static_cast<int>(unit->integer()) : 1);
    }
    return units;
  }

  static Task<void> ask_all(Run& run, Position& position, std::vector<Replied>& replies) {
    const int nobody = address_of_nobody(position.meter->unit(), units_at_port_of(run, position));
    for (const auto& request : conformance_requests(position.firmware)) {
      const auto frame = request.frame(position.meter->unit(), nobody);
      Replied replied{request.name, "", "", 0, 0, 0, request.plain()};
      // A disturbed line may spoil an answer, so one that is missing or spoilt is asked for again; the record has it.
      for (bool again = true; again && replied.attempts < 3;) {
        ++replied.attempts;
        const auto reply = co_await position.meter->exchange(frame, position.meter->answer_limit());
        replied.seen = ModbusRequest::word(reply);
        replied.objection = request.objection(reply);
        replied.spoilt += reply.kind == Reply::Kind::malformed ? 1 : 0;
        const bool foreign = reply.kind == Reply::Kind::foreign;
        replied.foreign += foreign ? 1 : 0;
        const bool lost = foreign || reply.kind == Reply::Kind::silence || reply.kind == Reply::Kind::malformed;
        again = lost && !replied.objection.empty();
      }
      // Who does not answer the plainest question is asked no others: they would only take the line's time.
      if (replies.empty() && (replied.seen == "silence" || replied.seen == "malformed" || replied.seen == "foreign"))
        throw Failure{replied.seen == "silence" ? Fault::timeout : Fault::protocol,
                      fmt::format("position {}", position.number),
                      fmt::format("{}: {}", replied.request, replied.objection)};
      replies.push_back(replied);
    }
  }

  void judge(Run& run, Position& position, const std::vector<Replied>& replies, std::size_t count) const {
    nlohmann::ordered_json values = nlohmann::ordered_json::object();
    for (const auto& r : replies)
      values[r.request] = r.attempts == 1 ? r.seen : fmt::format("{} at attempt {}", r.seen, r.attempts);
    run.record.add("reading", {{"position", position.number}, {"what", name_}, {"values", std::move(values)}});
    // Where answers are spoiled that the meter gives well at other times, nobody can tell what it said to the rest.
    const auto struck =
        std::ranges::count_if(replies, [](const Replied& r) { return r.plain && r.spoilt + r.foreign; });
    const auto link = struck > 1 || position.meter->link().late > 1 ? run.link_fault(position) : std::string{};
    for (const auto& r : replies)
      if (!r.objection.empty()) {
        const bool said = r.spoilt + r.foreign == 0 && r.seen != "silence";
        const bool by_link = !link.empty() && !said;
        run.judge(position, by_link ? Verdict::error : Verdict::fail,
                  fmt::format("{}{}: {}: {}{}", by_link ? "link: " : "", name_, r.request, r.objection,
                              by_link ? "; " + link : std::string{}));
      }
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
