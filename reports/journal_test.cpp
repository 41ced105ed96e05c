#include "reports/journal.hpp"

#include <gmock/gmock.h>

#include <limits>

#include "reports/sha256.hpp"

namespace blondel {
namespace {

using testing::HasSubstr;

std::string no_stamp() {
  return "2024-01-01T00:00:00Z";
}

Journal journal_into(std::string& text) {
  return {std::make_unique<MemorySink>(text), nullptr, no_stamp};
}

TEST(Sha256, GivesTheExampleOfTheStandard) {
  // FIPS 180-2, appendix B.1.
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Journal, WritesLinesWhoseHashesAnyoneCanCompute) {
  std::string text;
  auto journal = journal_into(text);
  journal.add("run", 0, {{"seed", 7}});
  journal.add("measurement", 1'500'000'000, {{"value", 0.1}, {"unit", "%"}, {"lower", nullptr}});
  journal.close();

  // Each hash was made with `printf '%s' '{...}' | sha256sum` over the line without its hash member.
  const std::string h0 = "00b9a71e4cb62ffa1e99b695a7d0b3f3b22320a761917a59cd7f62354b453b52";
  const std::string h1 = "a0333866b226915afdd84954f3da96b31467b65ae7266cad6c8d3e25e3ee0ef4";
  const std::string h2 = "af43d87606e5b552f48c227914e4531807514f0436919ea7ad88baf0c841bda8";
  const std::string zeros(64, '0');
  EXPECT_EQ(text, R"({"n":0,"t":0,"kind":"run","seed":7,"prev":")" + zeros + R"(","hash":")" + h0 + "\"}\n" +
                      R"({"n":1,"t":1500000000,"kind":"measurement","value":0.1,"unit":"%","lower":null,"prev":")" +
                      h0 + R"(","hash":")" + h1 + "\"}\n" +
                      R"({"n":2,"t":1500000000,"kind":"closed","count":2,"last_hash":")" + h1 + R"(","prev":")" + h1 +
                      R"(","hash":")" + h2 + "\"}\n");
  EXPECT_EQ(journal.count(), 3u);
  EXPECT_EQ(journal.last_hash(), h2);
}

TEST(Journal, KeepsTheNumbersItWasGivenToTheLastBit) {
  std::string text;
  auto journal = journal_into(text);
  for (const double value : {1.0 / 3.0, 5e-324, 1.7976931348623157e308, -0.1, 123456789.12345678}) {
    text.clear();
    journal.add("reading", 0, {{"value", value}});
    EXPECT_EQ(nlohmann::json::parse(text)["value"].get<double>(), value);
  }
}

TEST(Journal, WritesWhatIsNotANumberAsNullAndSaysWhere) {
  std::string text;
  auto journal = journal_into(text);
  const double nan = std::numeric_limits<double>::quiet_NaN();
  journal.add("reading", 0, {{"values", {{"wh", nan}, {"list", {1.0, -std::numeric_limits<double>::infinity()}}}}});
  EXPECT_THAT(text,
              HasSubstr(R"("values":{"wh":null,"list":[1.0,null]},"not_finite":["/values/wh","/values/list/1"])"));
}

TEST(Journal, ReplacesBytesThatAreNotText) {
  std::string text;
  auto journal = journal_into(text);
  journal.add("position", 0, {{"serial", "A\xff\x01"}});
  EXPECT_THAT(text, HasSubstr("\"serial\":\"A\xEF\xBF\xBD\\u0001\""));
}

TEST(Journal, KeepsWallClockStampsBesideTheRecordAndNeverInIt) {
  std::string text, meta;
  Journal journal{std::make_unique<MemorySink>(text), std::make_unique<MemorySink>(meta), no_stamp};
  journal.add_host_facts({{"host", "bench-1"}});
  journal.add("run", 5, {});
  journal.close();
  EXPECT_EQ(meta,
            "{\"n\":0,\"wall\":\"2024-01-01T00:00:00Z\",\"host\":{\"host\":\"bench-1\"}}\n"
            "{\"n\":0,\"wall\":\"2024-01-01T00:00:00Z\"}\n{\"n\":1,\"wall\":\"2024-01-01T00:00:00Z\"}\n");
  EXPECT_THAT(text, testing::Not(HasSubstr("2024")));
}

TEST(Journal, RefusesReservedNamesAndWhatComesAfterItsEnd) {
  std::string text;
  auto journal = journal_into(text);
  EXPECT_THROW(journal.add("run", 0, {{"hash", "x"}}), std::logic_error);
  EXPECT_THROW(journal.add("step_begin", 0, {{"kind", "accuracy"}}), std::logic_error);
  EXPECT_THROW(journal.add("closed", 0, {}), std::logic_error);
  EXPECT_THROW(journal.add("run", 0, nlohmann::ordered_json::array({1})), std::logic_error);
  EXPECT_THROW(journal.add("event", 0, {{"text", std::string(2 << 20, 'x')}}), std::logic_error);
  EXPECT_EQ(text, "");
  journal.close();
  journal.close();
  EXPECT_EQ(journal.count(), 1u);
  EXPECT_THROW(journal.add("event", 0, {}), std::logic_error);
}

class CountingSink final : public RecordSink {
 public:
  explicit CountingSink(int& syncs) : syncs_{syncs} {}
  void append(std::string_view) override {}
  void sync() override { ++syncs_; }

 private:
  int& syncs_;
};

TEST(Journal, MakesSureOfItsRecordsAtEveryCommitOrOnlyAtItsEnd) {
  int at_once = 0, at_close = 0;
  Journal real{std::make_unique<CountingSink>(at_once), nullptr, no_stamp};
  Journal simulated{std::make_unique<CountingSink>(at_close), nullptr, no_stamp, Commits::at_close};
  for (auto* journal : {&real, &simulated}) {
    journal->add("run", 0, {});
    journal->commit();
    journal->commit();
  }
  EXPECT_EQ(at_once, 2);
  EXPECT_EQ(at_close, 0);
  simulated.close();
  EXPECT_EQ(at_close, 1);
}

TEST(Journal, RefusesEverythingOnceTheDiskWasFull) {
  std::string text;
  Journal journal{std::make_unique<LimitedSink>(text, 250), nullptr, no_stamp};
  journal.add("run", 0, {});
  const auto message_of = [&](auto action) -> std::string {
    try {
      action();
    } catch (const Failure& failure) {
      EXPECT_EQ(failure.error.fault, Fault::storage);
      return failure.what();
    }
    return "nothing was thrown";
  };
  const auto first = message_of([&] { journal.add("event", 0, {}); });
  EXPECT_THAT(first, HasSubstr("No space left on device; 1 record is safe"));
  const auto size = text.size();
  EXPECT_EQ(message_of([&] { journal.add("event", 0, {}); }), first);
  EXPECT_EQ(message_of([&] { journal.commit(); }), first);
  EXPECT_EQ(message_of([&] { journal.close(); }), first);
  EXPECT_EQ(text.size(), size);
  EXPECT_EQ(journal.count(), 1u);
}

}  // namespace
}  // namespace blondel
