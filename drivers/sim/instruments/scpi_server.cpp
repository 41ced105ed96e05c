#include "drivers/sim/instruments/scpi_server.hpp"

#include <fmt/format.h>

#include "references/error.hpp"

namespace blondel::sim {

using namespace std::chrono_literals;

ScpiServer::ScpiServer(Clock& clock, Order order, ScpiSpelling spelling)
    : clock_{clock}, order_{order}, spelling_{std::move(spelling)} {
  add_common_commands();
}

std::string ScpiServer::signed_number(int value) const {
  return spelling_.plus_signs ? fmt::format("{:+d}", value) : fmt::format("{}", value);
}

std::string ScpiServer::error_line(const StatusRegisters::Entry& entry) const {
  const char* quote = spelling_.quoted_errors ? "\"" : "";
  return fmt::format("{},{}{}{}", entry.code == 0 ? signed_number(0) : fmt::format("{}", entry.code), quote, entry.text,
                     quote);
}

void ScpiServer::add_common_commands() {
  const auto set = [this](std::string pattern, std::size_t parameters, Duration time, auto act) {
    add({.pattern = std::move(pattern),
         .fewest = parameters,
         .most = parameters,
         .processing = time,
         .execute = [act](const Call& call) {
           act(call);
           return std::string{};
         }});
  };
  const auto query = [this](std::string pattern, Duration time, auto answer) {
    add({.pattern = std::move(pattern), .processing = time, .execute = [answer](const Call&) { return answer(); }});
  };
  const auto register_value = [](const Call& call) {
    const double value = call.number(0);
    if (!(value >= 0 && value <= 255)) throw Refusal{-222, "0 to 255"};
    return static_cast<std::uint8_t>(value);
  };

  set("*CLS", 0, 2ms, [this](const Call&) { status_.clear(); });
  set("*ESE", 1, 1ms, [this, register_value](const Call& call) { status_.event_enable = register_value(call); });
  set("*SRE", 1, 1ms, [this, register_value](const Call& call) {
    status_.service_enable = static_cast<std::uint8_t>(register_value(call) & ~64u);
  });
  set("*OPC", 0, 1ms, [this](const Call&) { status_.raise(StatusRegisters::operation_complete); });
  set("*WAI", 0, 1ms, [](const Call&) {});
  set("*RST", 0, 100ms, [this](const Call&) {
    if (reset_) reset_();
  });
  query("*ESE?", 1ms, [this] { return signed_number(status_.event_enable); });
  query("*SRE?", 1ms, [this] { return signed_number(status_.service_enable); });
  query("*ESR?", 1ms, [this] { return signed_number(status_.take_events()); });
  query("*STB?", 1ms, [this] { return signed_number(status_.status_byte()); });
  query("*OPC?", 1ms, [this] { return signed_number(1); });
  query("*TST?", 50ms, [this] { return spelling_.self_test; });
  query("*IDN?", 2ms, [this] { return spelling_.identity; });
  query("SYSTem:ERRor?", 2ms, [this] { return error_line(status_.next()); });
  query("SYSTem:ERRor:NEXT?", 2ms, [this] { return error_line(status_.next()); });
  query("SYSTem:ERRor:COUNt?", 2ms, [this] { return fmt::format("{}", status_.count()); });
}

std::string ScpiServer::garbage_line() {
  // SplitMix64: every line differs and all of them follow from the seed.
  std::string line;
  for (int n = 0; n < 12; ++n) {
    std::uint64_t z = (faults.seed += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    const auto byte = static_cast<char>((z ^ (z >> 27)) & 0xFF);
    line += byte == '\n' ? '?' : byte;
  }
  return line;
}

Task<bool> ScpiServer::next_line(Session& session, std::string& line) {
  for (;;) {
    while (session.taken < session.received.size()) {
      const auto step = session.framing.take(session.received[session.taken++]);
      if (step == MessageFraming::Step::too_long) status_.report(-363);
      if (step != MessageFraming::Step::complete) continue;
      line = session.framing.message();
      co_return true;
    }
    session.taken = 0;
    try {
      session.received = co_await session.wire->read_some(never);
    } catch (const Failure&) {
      co_return false;
    }
  }
}

Task<void> ScpiServer::obey(Session& session, std::string message) {
  std::string answers;
  bool answered = false;
  bool executed = false;
  const auto answer = [&](const std::string& text) {
    answers += (answered ? ";" : "") + text;
    answered = true;
  };
  const auto units = parse_message(message);
  for (const auto& unit : units) {
    std::string text;
    int code = unit.error;
    std::string detail;
    CommandTable::Match match;
    if (code == 0) {
      try {
        match = commands_.find(unit);
      } catch (const Refusal& refusal) {
        code = refusal.code;
        detail = refusal.detail;
      }
    }
    if (code == 0) {
      const auto& command = *match.command;
      Time due = clock_.now() + command.processing;
      if (command.due) {
        try {
          due = std::max(due, command.due(match.call));
        } catch (const Refusal&) {
          // The command itself will say so when it is executed.
        }
      }
      if (!faults.slow_query.empty() && command.pattern == faults.slow_query) due += faults.slow_by;
      co_await clock_.pause_until(due, order_, "an instrument at work");
      if (command.before) {
        auto found_out = command.before();
        co_await std::move(found_out);
      }
      try {
        text = command.execute(match.call);
        executed = true;
      } catch (const Refusal& refusal) {
        code = refusal.code;
        detail = refusal.detail;
      }
    }
    if (code != 0) status_.report(code, detail);
    if (unit.query && (code == 0 || spelling_.empty_line_when_refused)) answer(text);
    // What follows an error in the same message is thrown away with it: IEEE 488.2 section 6.1.6.1.1.
    if (code <= -100 && code > -200) break;
  }
  if (executed && after_message_) after_message_();
  if (!answered || faults.silent) co_return;
  if (faults.garbage) answers = garbage_line();
  co_await session.wire->write(answers + "\n", clock_.now() + 10s);
}

Task<void> ScpiServer::serve(std::unique_ptr<ByteStream> wire) {
  Session session{.wire = std::move(wire), .framing = MessageFraming{longest_line}, .received = {}, .taken = 0};
  std::string line;
  while (co_await next_line(session, line)) {
    if (faults.dead) continue;
    try {
      co_await obey(session, line);
    } catch (const Failure&) {
      break;  // the other end is gone; the instrument stays as it is
    }
  }
  session.wire->close();
}

}  // namespace blondel::sim
