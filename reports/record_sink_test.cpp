#include "reports/record_sink.hpp"

#include <gmock/gmock.h>
#include <sys/resource.h>

#include <csignal>

#include "references/error.hpp"
#include "reports/run_folder.hpp"
#include "reports/testdata/scratch_folder.hpp"
#include "reports/whole_file.hpp"

namespace blondel {
namespace {

using testing::HasSubstr;

template <class Action>
Error reason(Action action) {
  try {
    action();
  } catch (const Failure& failure) {
    return failure.error;
  }
  return {Fault::cancelled, "", "nothing was thrown"};
}

TEST(FileSink, AppendsAndNeverOpensAFileThatExists) {
  ScratchFolder folder;
  {
    FileSink sink{folder / "j"};
    sink.append("one\n");
    sink.append("two\n");
    sink.sync();
  }
  EXPECT_EQ(bytes_of(folder / "j"), "one\ntwo\n");
  EXPECT_EQ(reason([&] { FileSink{folder / "j"}; }).fault, Fault::usage);
  EXPECT_EQ(reason([&] { FileSink{folder / "none/j"}; }).fault, Fault::storage);
  EXPECT_EQ(bytes_of(folder / "j"), "one\ntwo\n");
}

/// Lets no file of this process grow beyond so many bytes, as a full disk would, while it lives.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) : handler_{std::signal(SIGXFSZ, SIG_IGN)} {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;
  ~FullDisk() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  void (*handler_)(int);
  rlimit before_{};
};

TEST(FileSink, KeepsEveryEarlierRecordWhenTheFileCanGrowNoMore) {
  ScratchFolder folder;
  FileSink sink{folder / "j"};
  Error why{};
  {
    FullDisk full{10};
    sink.append("one\n");
    sink.append("two\n");
    why = reason([&] { sink.append("three\n"); });
  }
  EXPECT_EQ(why.fault, Fault::storage);
  EXPECT_THAT(why.what, HasSubstr("; 2 records are safe"));
  EXPECT_EQ(bytes_of(folder / "j"), "one\ntwo\nth");
}

TEST(WholeFile, LeavesTheOldFileWhenTheNewOneDoesNotFit) {
  ScratchFolder folder;
  const auto path = folder.with("report.html", "old");
  {
    FullDisk full{10};
    EXPECT_EQ(reason([&] { write_whole_file(path, std::string(100, 'x')); }).fault, Fault::storage);
  }
  EXPECT_EQ(bytes_of(path), "old");
  EXPECT_FALSE(std::filesystem::exists(folder / "report.html.part"));
  write_whole_file(path, "new");
  EXPECT_EQ(bytes_of(path), "new");
}

TEST(RunFolder, IsMadeWithThoseAboveItAndMayBeThereEmpty) {
  ScratchFolder scratch;
  const auto folder = RunFolder::create(scratch / "a/b");
  EXPECT_TRUE(std::filesystem::is_directory(scratch / "a/b"));
  EXPECT_EQ(folder.journal(), scratch / "a/b/journal.jsonl");
  EXPECT_NO_THROW(RunFolder::create(scratch / "a/b"));
}

TEST(RunFolder, IsRefusedWhereSomethingAlreadyStands) {
  ScratchFolder scratch;
  RunFolder::create(scratch / "run");
  scratch.with("run/journal.jsonl", "");
  const auto taken = reason([&] { RunFolder::create(scratch / "run"); });
  EXPECT_EQ(taken.fault, Fault::usage);
  EXPECT_THAT(taken.what, HasSubstr("already holds a run; choose another --out or remove it"));

  RunFolder::create(scratch / "other");
  scratch.with("other/notes.txt", "mine");
  EXPECT_EQ(reason([&] { RunFolder::create(scratch / "other"); }).fault, Fault::usage);
  EXPECT_EQ(reason([&] { RunFolder::create(scratch / "other/notes.txt"); }).fault, Fault::usage);
  EXPECT_EQ(reason([&] { RunFolder::create(scratch / "other/notes.txt/run"); }).fault, Fault::storage);
  EXPECT_EQ(bytes_of(scratch / "other/notes.txt"), "mine");
}

}  // namespace
}  // namespace blondel
