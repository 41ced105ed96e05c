#include "reports/journal_reader.hpp"

#include <gmock/gmock.h>

#include "reports/journal.hpp"
#include "reports/journal_format.hpp"
#include "reports/sha256.hpp"
#include "reports/testdata/sample_run.hpp"
#include "reports/testdata/scratch_folder.hpp"

namespace blondel {
namespace {

using testing::EndsWith;
using testing::HasSubstr;

std::string no_stamp() {
  return "now";
}

std::string small_run() {
  std::string text;
  Journal journal{std::make_unique<MemorySink>(text), nullptr, no_stamp};
  journal.add("run", 0, {{"seed", 1}});
  journal.add("event", 10, {{"level", "info"}, {"text", "hello"}});
  journal.add("run_end", 20, {{"verdict", "pass"}});
  journal.close();
  return text;
}

class JournalReader : public testing::Test {
 protected:
  Result<RunRecord> read(const std::string& bytes) { return read_run(folder_.with("journal.jsonl", bytes)); }
  /// A line of these members, rightly hashed: what somebody hostile, who knows the format, would write.
  static std::string hashed(const std::string& members) {
    const auto body = "{" + members + "}";
    return "{" + members + ",\"hash\":\"" + sha256_hex(body) + "\"}\n";
  }
  std::string first(const std::string& members) {
    return hashed(R"("n":0,"t":0,"kind":"run",)" + members + R"(,"prev":")" + journal_format::first_prev() + '"');
  }
  void expect_refused(const std::string& bytes, const std::string& line, const std::string& why) {
    const auto run = read(bytes);
    ASSERT_FALSE(run) << "was read: " << why;
    EXPECT_EQ(run.error().fault, Fault::malformed);
    EXPECT_THAT(run.error().where, EndsWith("journal.jsonl:" + line));
    EXPECT_THAT(run.error().what, HasSubstr(why));
  }
  ScratchFolder folder_;
};

TEST_F(JournalReader, GivesBackWhatWasWrittenByFileAndByFolder) {
  const auto run = read(small_run());
  ASSERT_TRUE(run) << run.error().what;
  EXPECT_TRUE(run->complete);
  EXPECT_FALSE(run->torn);
  EXPECT_THAT(run->notes, testing::IsEmpty());
  ASSERT_EQ(run->records.size(), 4u);
  EXPECT_EQ(run->records[1].kind, "event");
  EXPECT_EQ(run->records[1].bench_time_ns, 10);
  EXPECT_EQ(run->records[1].fields["text"], "hello");
  EXPECT_TRUE(read_run(folder_.path())->complete);
}

TEST_F(JournalReader, GivesEveryWholeRecordWhereverTheDiskWasFull) {
  const auto whole = small_run();
  for (std::size_t room = 0; room <= whole.size(); ++room) {
    std::string text;
    Journal journal{std::make_unique<LimitedSink>(text, room), nullptr, no_stamp};
    std::uint64_t kept = 0;
    try {
      journal.add("run", 0, {{"seed", 1}});
      kept = journal.count();
      journal.add("event", 10, {{"level", "info"}, {"text", "hello"}});
      kept = journal.count();
      journal.add("run_end", 20, {{"verdict", "pass"}});
      kept = journal.count();
      journal.close();
      kept = journal.count();
    } catch (const Failure&) {
      EXPECT_EQ(journal.count(), kept);
    }
    ASSERT_EQ(text, whole.substr(0, room));
    const auto run = read(text);
    ASSERT_TRUE(run) << "room for " << room << ": " << run.error().what;
    // A record that lacks nothing but its line feed is whole too.
    const bool only_feed_missing = room + 1 <= whole.size() && whole[room] == '\n';
    EXPECT_EQ(run->records.size(), kept + (only_feed_missing ? 1 : 0)) << "room for " << room;
    EXPECT_EQ(run->complete, room + 1 >= whole.size()) << "room for " << room;
    EXPECT_EQ(run->torn, room > 0 && whole[room - 1] != '\n' && !only_feed_missing) << "room for " << room;
  }
}

TEST_F(JournalReader, NamesTheLineOfEveryByteThatWasChanged) {
  const auto good = small_run();
  int line = 1;
  for (std::size_t i = 0; i + 1 < good.size(); ++i) {
    if (good[i] == '\n') {
      ++line;
      continue;
    }
    auto bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 1);
    if (bad[i] == '\n') continue;
    const auto run = read(bad);
    ASSERT_FALSE(run) << "byte " << i;
    EXPECT_THAT(run.error().where, EndsWith(":" + std::to_string(line))) << "byte " << i;
  }
}

TEST_F(JournalReader, MissesALineThatWasTakenOutPutInOrMoved) {
  std::vector<std::string> lines;
  std::istringstream in{small_run()};
  for (std::string line; std::getline(in, line);) lines.push_back(line + '\n');
  expect_refused(lines[0] + lines[2] + lines[3], "2", "\"n\" should be 1");
  expect_refused(lines[1] + lines[2] + lines[3], "1", "\"n\" should be 0");
  expect_refused(lines[0] + lines[0], "2", "\"n\" should be 1");
  expect_refused(lines[0] + "\n" + lines[1], "2", "does not end with its hash");
  expect_refused(lines[0] + lines[1] + lines[2] + lines[3] + lines[1], "5", "behind the record that closes");
  expect_refused(lines[0] + hashed(R"("n":1,"t":0,"kind":"event","prev":")" + std::string(64, 'a') + '"'), "2",
                 "taken out or put in");

  const auto cut = read(lines[0] + lines[1] + lines[2]);  // what no chain can show: it is not complete
  ASSERT_TRUE(cut);
  EXPECT_FALSE(cut->complete);
  EXPECT_THAT(cut->notes, testing::Contains(HasSubstr("never closed")));
}

TEST_F(JournalReader, RefusesWhatIsNotAJournal) {
  expect_refused(std::string("\x7f"
                             "ELF\x02\x01\0\0\xff\xfe",
                             10),
                 "1", "is not a line of this journal");
  expect_refused("hello\n", "1", "does not end with its hash");
  expect_refused(std::string(100, '\0') + "\n", "1", "does not end with its hash");
  expect_refused(std::string(2 << 20, 'x'), "1", "longer than");
  EXPECT_EQ(read_run(folder_ / "nothing").error().fault, Fault::storage);
  EXPECT_EQ(read_run("/dev/zero").error().fault, Fault::storage);
}

TEST_F(JournalReader, RefusesHostileLinesWithRightHashes) {
  expect_refused(first(R"("a":)" + std::string(5000, '[') + std::string(5000, ']')), "1", "nested deeper");
  expect_refused(first(R"("a":)" + std::string(5000, '[')), "1", "nested deeper");
  std::string many = "0";
  for (int i = 0; i < 30000; ++i) many += ",0";
  expect_refused(first("\"a\":[" + many + "]"), "1", "more than 20000 values");
  expect_refused(first(R"("verdict":"fail","verdict":"pass")"), "1", "stands twice");
  expect_refused(first("\"a\":\"\xff\""), "1", "is not JSON");
  expect_refused(first(R"("a":01)"), "1", "is not JSON");
  const auto prev = R"(,"prev":")" + journal_format::first_prev() + '"';
  expect_refused(hashed(R"("n":0.0,"t":0,"kind":"run")" + prev), "1", "\"n\" should be 0");
  expect_refused(hashed(R"("n":"0","t":0,"kind":"run")" + prev), "1", "\"n\" should be 0");
  expect_refused(hashed(R"("n":0,"t":0.5,"kind":"run")" + prev), "1", "\"t\"");
  expect_refused(hashed(R"("n":0,"t":0,"kind":7)" + prev), "1", "\"kind\"");
  expect_refused(hashed(R"("n":0,"t":0,"kind":"closed","count":4,"last_hash":"x")" + prev), "1",
                 "closes another journal");
}

TEST_F(JournalReader, TakesABlankTailForALossOfPower) {
  const auto good = small_run();
  const auto run = read(good.substr(0, good.find('\n') + 1) + std::string(4096, '\0'));
  ASSERT_TRUE(run);
  EXPECT_TRUE(run->torn);
  EXPECT_EQ(run->records.size(), 1u);
  expect_refused(good + "{\"n\":", "5", "is not a line of this journal");
}

TEST_F(JournalReader, ReadsStampsBesideTheRecordAndSurvivesDamageToThem) {
  folder_.with("run.meta.jsonl",
               "{\"n\":0,\"wall\":\"w0\",\"host\":{\"host\":\"pc\"}}\n{\"n\":0,\"wall\":\"w1\"}\nrubbish\n{\"n\":1,"
               "\"wall\":\"w2\"}\n");
  const auto run = read(small_run());
  ASSERT_TRUE(run);
  EXPECT_EQ(run->wall, (std::map<std::uint64_t, std::string>{{0, "w1"}}));
  EXPECT_EQ(run->host.at(0)["host"], "pc");
  EXPECT_THAT(run->notes, testing::ElementsAre(HasSubstr("run.meta.jsonl:3: is damaged")));
}

TEST(SampleRun, StandsInTheRepositoryAsItIsWrittenToday) {
  std::string text;
  Journal journal{std::make_unique<MemorySink>(text), nullptr, no_stamp};
  write_sample_run(journal);
  EXPECT_EQ(text, bytes_of("reports/testdata/sample/journal.jsonl"));
  const auto run = read_run("reports/testdata/sample");
  ASSERT_TRUE(run) << run.error().what;
  EXPECT_TRUE(run->complete);
}

}  // namespace
}  // namespace blondel
