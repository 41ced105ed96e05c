#include "drivers/sim/meter/build_file.hpp"

#include <elf.h>
#include <fmt/format.h>
#include <link.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <vector>

namespace blondel::sim {

namespace {

// The machine this program runs on is the one builds must be for: its own header says which.
std::optional<ElfW(Ehdr)> header_of(std::istream& file) {
  ElfW(Ehdr) header{};
  if (!file.read(reinterpret_cast<char*>(&header), sizeof header)) return std::nullopt;
  return header;
}

std::string machine_name(const ElfW(Ehdr) & header) {
  const int bits = header.e_ident[EI_CLASS] == ELFCLASS32 ? 32 : 64;
  switch (header.e_machine) {
    case EM_X86_64: return bits == 64 ? "x86-64" : "x86-64 with 32-bit addresses";
    case EM_386: return "32-bit x86";
    case EM_AARCH64: return "64-bit ARM";
    case EM_ARM: return "32-bit ARM";
    case EM_RISCV: return fmt::format("{}-bit RISC-V", bits);
    default: return fmt::format("{}-bit machine number {}", bits, header.e_machine);
  }
}

bool same_machine(const ElfW(Ehdr) & a, const ElfW(Ehdr) & b) {
  return a.e_ident[EI_CLASS] == b.e_ident[EI_CLASS] && a.e_ident[EI_DATA] == b.e_ident[EI_DATA] &&
         a.e_machine == b.e_machine;
}

template <class T>
bool read_at(std::istream& file, std::uint64_t offset, T& value) {
  file.clear();
  file.seekg(static_cast<std::streamoff>(offset));
  return static_cast<bool>(file.read(reinterpret_cast<char*>(&value), sizeof value));
}

/// Whether the linker was told to make an executable: it then has an interpreter, or, linked statically, a flag.
std::optional<bool> is_executable(std::istream& file, const ElfW(Ehdr) & header) {
  if (header.e_type == ET_EXEC) return true;
  if (header.e_type != ET_DYN || header.e_phentsize != sizeof(ElfW(Phdr))) return std::nullopt;
  for (std::uint64_t i = 0; i < header.e_phnum; ++i) {
    ElfW(Phdr) part{};
    if (!read_at(file, header.e_phoff + i * sizeof part, part)) return std::nullopt;
    if (part.p_type == PT_INTERP) return true;
    if (part.p_type != PT_DYNAMIC) continue;
    for (std::uint64_t at = 0; at + sizeof(ElfW(Dyn)) <= part.p_filesz; at += sizeof(ElfW(Dyn))) {
      ElfW(Dyn) entry{};
      if (!read_at(file, part.p_offset + at, entry)) return std::nullopt;
      if (entry.d_tag == DT_NULL) break;
      if (entry.d_tag == DT_FLAGS_1 && (entry.d_un.d_val & DF_1_PIE) != 0) return true;
    }
  }
  return false;
}

}  // namespace

Result<BuildFile> look_at_build(const std::string& path, const std::string& where) {
  const auto refuse = [&](std::string_view why) {
    return tl::unexpected{Error{Fault::malformed, where, fmt::format("'{}' {}", path, why)}};
  };
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status))
    return tl::unexpected{Error{Fault::malformed, where, fmt::format("there is no firmware build '{}'", path)}};
  if (std::filesystem::is_directory(status)) return refuse("is a folder; expected a firmware build");
  if (!std::filesystem::is_regular_file(status)) return refuse("is no file; expected a firmware build");
  std::ifstream file{path, std::ios::binary};
  if (!file) return refuse("cannot be read");

  char begin[4] = {};
  file.read(begin, sizeof begin);
  const BuildFile program{std::filesystem::absolute(path).string(), BuildKind::program};
  const bool may_run = access(path.c_str(), X_OK) == 0;
  if (file.gcount() >= 2 && std::memcmp(begin, "#!", 2) == 0) {
    if (!may_run) return refuse("is a script without the permission to execute it (chmod +x)");
    return program;
  }
  constexpr std::string_view expected =
      "is no firmware build; expected a shared object that exports blondel_firmware_v1, or a program that joins over "
      "the link";
  if (file.gcount() != sizeof begin || std::memcmp(begin, ELFMAG, SELFMAG) != 0) return refuse(expected);
  file.clear();
  file.seekg(0);
  const auto header = header_of(file);
  std::ifstream own_file{"/proc/self/exe", std::ios::binary};
  const auto own = header_of(own_file);
  if (!header || !own) return refuse("breaks off in its header");
  if (!same_machine(*header, *own))
    return refuse(
        fmt::format("is for another machine ({}); this bench runs on {}", machine_name(*header), machine_name(*own)));
  const auto executable = is_executable(file, *header);
  if (!executable) return refuse(header->e_type == ET_REL ? "is not linked yet; expected cc -shared" : expected);
  if (!*executable) return BuildFile{program.path, BuildKind::shared_object};
  if (!may_run) return refuse("is a program without the permission to execute it (chmod +x)");
  return program;
}

}  // namespace blondel::sim
