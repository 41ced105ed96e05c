#include "drivers/scpi/scpi_client.hpp"

#include <gmock/gmock.h>

#include <deque>

#include "drivers/time/background.hpp"
#include "drivers/time/together.hpp"
#include "drivers/time/virtual_clock.hpp"
#include "drivers/transport/memory_wire.hpp"

namespace blondel {
namespace {

using namespace std::chrono_literals;

/// The far end, played by hand: what to answer to a line, and how much later.
struct Answer {
  std::string bytes;
  Duration after{};
};
using Script = std::function<std::vector<Answer>(const std::string& line)>;

/// Answers each line after its delay, one line after the other, as an instrument with one parser does.
Task<void> play(Clock& clock, std::shared_ptr<ByteStream> wire, Script script, std::vector<std::string>& heard) {
  std::string received;
  try {
    for (;;) {
      received += co_await wire->read_some(never);
      for (auto end = received.find('\n'); end != std::string::npos; end = received.find('\n')) {
        const auto line = received.substr(0, end);
        received.erase(0, end + 1);
        heard.push_back(line);
        const auto answers = script(line);
        for (const auto& answer : answers) {
          co_await clock.pause(answer.after);
          co_await wire->write(answer.bytes, never);
        }
      }
    }
  } catch (const Failure&) {
  }
}

/// "*ESE 37;*ESE?" is answered 37, as by any instrument.
std::vector<Answer> as_any_instrument(const std::string& line) {
  if (line.starts_with("*ESE ")) return {{line.substr(5, line.find(';') - 5) + "\n"}};
  return {};
}

Task<void> keep(Task<std::string> asking, std::string& answer, std::string& failure) {
  try {
    answer = co_await std::move(asking);
  } catch (const Failure& f) {
    failure = f.what();
  }
}

Task<void> keep_nothing(Task<void> doing, std::string& failure) {
  try {
    co_await std::move(doing);
  } catch (const Failure& f) {
    failure = f.what();
  }
}

class ScpiClientTest : public testing::Test {
 protected:
  void connect(Script script, Framing framing = {}, std::uint64_t seed = 1) {
    auto [here, there] = memory_wire(clock, "wire", seed);
    client = std::make_unique<ScpiClient>(std::move(here), clock, "source/x", std::move(framing));
    background.spawn(play(clock, std::move(there), std::move(script), heard));
  }
  std::string ask(std::string query, Duration limit = 1s) {
    answer.clear();
    failure.clear();
    clock.run(keep(client->ask(std::move(query), limit), answer, failure));
    return answer;
  }
  std::string block(std::string query) {
    answer.clear();
    failure.clear();
    clock.run(keep(client->ask_block(std::move(query), 1s), answer, failure));
    return answer;
  }

  VirtualClock clock;
  std::vector<std::string> heard;
  std::unique_ptr<ScpiClient> client;
  std::string answer, failure;
  Background background{clock};
};

TEST_F(ScpiClientTest, AnAnswerComesWholeInWhateverPiecesItWasSent) {
  for (std::uint64_t seed = 1; seed < 40; ++seed) {
    connect(
        [](const std::string&) {
          return std::vector<Answer>{{"FLUKE,6105A,"}, {"1,2.04\r", 10ms}, {"\n"}};
        },
        {}, seed);
    EXPECT_EQ(ask("*IDN?"), "FLUKE,6105A,1,2.04");
  }
}

TEST_F(ScpiClientTest, AnEmptyLineIsAnAnswer) {
  connect([](const std::string&) { return std::vector<Answer>{{"\n"}}; });
  EXPECT_EQ(ask("NOSUCH?"), "");
  EXPECT_EQ(failure, "");
}

TEST_F(ScpiClientTest, SilenceEndsAtTheLimitWithATimeoutThatNamesTheQuery) {
  connect([](const std::string&) { return std::vector<Answer>{}; });
  ask("VOLT?", 2s);
  EXPECT_THAT(failure, testing::AllOf(testing::HasSubstr("VOLT?"), testing::HasSubstr("(timeout)"),
                                      testing::HasSubstr("source/x")));
  EXPECT_EQ(clock.now(), Time{2s});
}

TEST_F(ScpiClientTest, ALateAnswerIsNeverTakenForTheNextOnes) {
  connect([](const std::string& line) -> std::vector<Answer> {
    if (line == "VOLT?") return {{"230\n", 1500ms}};
    if (line == "CURR?") return {{"5\n"}};
    return as_any_instrument(line);
  });
  ask("VOLT?", 1s);
  EXPECT_THAT(failure, testing::HasSubstr("(timeout)"));
  EXPECT_FALSE(client->in_step());
  EXPECT_EQ(ask("CURR?", 1s), "5");
  EXPECT_TRUE(client->in_step());
  EXPECT_EQ(ask("CURR?", 1s), "5");
}

TEST_F(ScpiClientTest, ALateAnswerThatLooksLikeAMarkIsThrownAwayToo) {
  // Whatever whole number the late answer is: the marks of the first recovery are among them.
  for (int late = 0; late < 256; ++late) {
    connect([late](const std::string& line) -> std::vector<Answer> {
      if (line == "LATE?") return {{fmt::format("{}\n", late), 1500ms}};
      if (line == "CURR?") return {{"-7\n"}};
      return as_any_instrument(line);
    });
    ask("LATE?", 1s);
    EXPECT_EQ(ask("CURR?", 1s), "-7") << late << failure;
  }
}

TEST_F(ScpiClientTest, ACommandAfterATimeoutAlsoGetsIntoStepFirst) {
  connect([](const std::string& line) -> std::vector<Answer> {
    if (line == "LATE?") return {{"1\n", 1500ms}};
    return as_any_instrument(line);
  });
  ask("LATE?", 1s);
  clock.run(client->send("VOLT 5", 1s));
  EXPECT_TRUE(client->in_step());
  clock.run(clock.pause(1s));
  EXPECT_EQ(heard.back(), "VOLT 5");
}

TEST_F(ScpiClientTest, AnInstrumentThatStaysSilentIsGivenUpAndTheConnectionClosed) {
  connect([](const std::string&) { return std::vector<Answer>{}; });
  ask("VOLT?", 1s);
  ask("CURR?", 1s);
  EXPECT_THAT(failure, testing::HasSubstr("(unreachable)"));
  EXPECT_FALSE(client->connected());
  EXPECT_EQ(clock.now(), Time{2s});
  ask("CURR?", 1s);
  EXPECT_THAT(failure, testing::HasSubstr("(unreachable)"));
  EXPECT_THAT(heard, testing::Not(testing::Contains("CURR?")));
}

TEST_F(ScpiClientTest, ACancelledQueryLeavesNothingBehindForTheNext) {
  connect([](const std::string& line) -> std::vector<Answer> {
    if (line == "LATE?") return {{"230\n", 500ms}};
    if (line == "CURR?") return {{"5\n"}};
    return as_any_instrument(line);
  });
  // Named one by one: the first one's cancellation comes from the second one's failure.
  const auto fail_soon = [](Clock& c) -> Task<void> {
    co_await c.pause(100ms);
    throw std::runtime_error{"the step fails"};
  };
  std::string ignored, none;
  std::vector<Task<void>> tasks;
  tasks.push_back(keep(client->ask("LATE?", 1s), ignored, none));
  tasks.push_back(fail_soon(clock));
  EXPECT_THROW(clock.run(together(clock, std::move(tasks))), std::runtime_error);
  EXPECT_EQ(ask("CURR?"), "5");
}

/// A wire on which everything sent in one go also arrives in one piece.
class OnePiece final : public ByteStream {
 public:
  explicit OnePiece(Script script) : script_{std::move(script)} {}
  Task<void> write(std::string bytes, Time) override {
    bytes.pop_back();
    for (const auto& answer : script_(bytes)) waiting_.push_back(answer.bytes);
    co_return;
  }
  Task<std::string> read_some(Time) override {
    if (waiting_.empty()) throw Failure{Fault::timeout, "wire", "nothing"};
    auto bytes = waiting_.front();
    waiting_.pop_front();
    co_return bytes;
  }
  void close() override {}
  std::string peer() const override { return "wire"; }

 private:
  Script script_;
  std::deque<std::string> waiting_;
};

TEST_F(ScpiClientTest, BytesThatNobodyAskedForAreNoAnswer) {
  const auto script = [](const std::string& line) -> std::vector<Answer> {
    if (line == "VOLT?") return {{"230\n231\n"}};
    if (line == "CURR?") return {{"5\n"}};
    return as_any_instrument(line);
  };
  client = std::make_unique<ScpiClient>(std::make_unique<OnePiece>(script), clock, "source/x");
  EXPECT_EQ(ask("VOLT?"), "230");
  EXPECT_EQ(ask("CURR?"), "5");
}

TEST_F(ScpiClientTest, AnEndlessAnswerIsRefused) {
  connect([](const std::string&) { return std::vector<Answer>{{std::string(2'000'000, 'x')}}; });
  ask("VOLT?");
  EXPECT_THAT(failure, testing::AllOf(testing::HasSubstr("1048576 bytes"), testing::HasSubstr("(protocol)")));
  EXPECT_FALSE(client->connected());
}

TEST_F(ScpiClientTest, DefiniteBlocksMayContainAnything) {
  connect([](const std::string&) { return std::vector<Answer>{{std::string("#15a\nb\0c\n", 9)}}; });
  EXPECT_EQ(block("CURV?"), std::string("a\nb\0c", 5));
  EXPECT_EQ(failure, "");
}

TEST_F(ScpiClientTest, IndefiniteBlocksEndWithTheLine) {
  connect([](const std::string&) { return std::vector<Answer>{{"#0some text\n"}}; });
  EXPECT_EQ(block("DEV?"), "some text");
}

TEST_F(ScpiClientTest, WhatIsNoBlockIsRefused) {
  for (const char* bytes : {"123\n", "#A\n", "#2x1y\n", "#13abcd\n"}) {
    connect([bytes](const std::string&) { return std::vector<Answer>{{bytes}}; });
    block("CURV?");
    EXPECT_THAT(failure, testing::HasSubstr("(protocol)")) << bytes;
  }
  connect([](const std::string&) { return std::vector<Answer>{{"#9999999999abc"}}; });
  block("CURV?");
  EXPECT_THAT(failure, testing::HasSubstr("(protocol)")) << "a length beyond the limit";
}

TEST_F(ScpiClientTest, ALostConnectionIsUnreachable) {
  auto [here, there] = memory_wire(clock, "wire", 1);
  client = std::make_unique<ScpiClient>(std::move(here), clock, "source/x");
  there->close();
  ask("VOLT?");
  EXPECT_THAT(failure, testing::HasSubstr("(unreachable)"));
}

TEST_F(ScpiClientTest, AllEntriesOfTheErrorQueueStandInTheMessage) {
  auto queue = std::make_shared<std::deque<std::string>>(
      std::deque<std::string>{"-222,\"Data out of range\"", "-113,\"Undefined header\"", "0,\"No error\""});
  connect([queue](const std::string&) {
    const auto entry = queue->front();
    if (queue->size() > 1) queue->pop_front();
    return std::vector<Answer>{{entry + "\n"}};
  });
  clock.run(keep_nothing(client->expect_no_errors("the point", 1s), failure));
  EXPECT_THAT(failure, testing::AllOf(testing::HasSubstr("the point"), testing::HasSubstr("-222"),
                                      testing::HasSubstr("-113"), testing::HasSubstr("(instrument)")));
  failure.clear();
  clock.run(keep_nothing(client->expect_no_errors("the point", 1s), failure));
  EXPECT_EQ(failure, "");
}

TEST_F(ScpiClientTest, AnErrorQueueThatNeverEmptiesIsNotReadForever) {
  connect([](const std::string&) { return std::vector<Answer>{{"-100,\"Command error\"\n"}}; });
  clock.run(keep_nothing(client->expect_no_errors("the point", 1s), failure));
  EXPECT_THAT(failure, testing::HasSubstr("(protocol)"));
}

}  // namespace
}  // namespace blondel
