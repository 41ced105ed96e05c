#include "drivers/sim/meter/build_file.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace blondel::sim {
namespace {

using testing::HasSubstr;

class BuildFileTest : public testing::Test {
 public:
  BuildFileTest() { std::filesystem::create_directories(folder_); }
  ~BuildFileTest() override { std::filesystem::remove_all(folder_); }

  /// A path to a file with these bytes.
  std::string file(const std::string& bytes, bool executable = false) {
    const auto path = folder_ / "build";
    std::ofstream{path, std::ios::binary} << bytes;
    std::filesystem::permissions(path, std::filesystem::perms{executable ? 0755u : 0644u});
    return path.string();
  }
  static std::string refusal(const std::string& path) {
    const auto build = look_at_build(path, "bench.yaml:7:3");
    if (build) return "nothing was refused";
    EXPECT_EQ(build.error().fault, Fault::malformed);
    EXPECT_EQ(build.error().where, "bench.yaml:7:3");
    return build.error().what;
  }
  static std::string bytes_of(const std::string& path) {
    std::ifstream file{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
  }

 private:
  std::filesystem::path folder_ =
      std::filesystem::temp_directory_path() / fmt::format("blondel_build_file_test_{}", getpid());
};

std::string beside(const std::string& name) {
  return (std::filesystem::read_symlink("/proc/self/exe").parent_path() / name).string();
}

TEST_F(BuildFileTest, ASharedObjectIsLoadedAndAProgramJoinsByItself) {
  EXPECT_EQ(look_at_build(beside("series_4000_k.so"), "")->kind, BuildKind::shared_object);
  EXPECT_EQ(look_at_build(beside("blondel-meter-host"), "")->kind, BuildKind::program);
  EXPECT_EQ(look_at_build(file("#!/usr/bin/python3\n", true), "")->kind, BuildKind::program);
}

TEST_F(BuildFileTest, AnythingElseIsRefusedWithWhatItIs) {
  EXPECT_THAT(refusal("/nowhere/build.so"), HasSubstr("there is no firmware build"));
  EXPECT_THAT(refusal("/"), HasSubstr("is a folder"));
  EXPECT_THAT(refusal("/dev/null"), HasSubstr("is no file"));
  EXPECT_THAT(refusal(file("")), HasSubstr("is no firmware build"));
  EXPECT_THAT(refusal(file("just text\n", true)), HasSubstr("is no firmware build"));
  EXPECT_THAT(refusal(file("#!/usr/bin/python3\n")), HasSubstr("without the permission to execute"));
  EXPECT_THAT(refusal(file("\177ELF and then no more")), HasSubstr("breaks off"));
}

TEST_F(BuildFileTest, AnObjectOfAnotherMachineIsRefusedWithBothMachines) {
  auto bytes = bytes_of(beside("series_4000_k.so"));
  ASSERT_GT(bytes.size(), 64u);
  const char own_machine = bytes[18];
  bytes[18] = static_cast<char>(own_machine == 40 ? 243 : 40);  // ARM; on ARM, RISC-V
  EXPECT_THAT(refusal(file(bytes)), HasSubstr("is for another machine (32-bit ARM)"));
  bytes[18] = own_machine;
  bytes[4] = 1;  // 32-bit class
  EXPECT_THAT(refusal(file(bytes)), HasSubstr("is for another machine"));
}

TEST_F(BuildFileTest, AnObjectFileThatWasNotLinkedIsToldApart) {
  auto bytes = bytes_of(beside("series_4000_k.so"));
  bytes[16] = 1;  // relocatable
  EXPECT_THAT(refusal(file(bytes)), HasSubstr("is not linked yet"));
}

}  // namespace
}  // namespace blondel::sim
