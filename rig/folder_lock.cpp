#include "rig/folder_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "references/error.hpp"

namespace blondel {

namespace {

struct flock whole_file(short kind) {
  struct flock lock {};
  lock.l_type = kind;
  lock.l_whence = SEEK_SET;
  return lock;
}

}  // namespace

FolderLock::FolderLock(const std::filesystem::path& folder) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) throw Failure{Fault::storage, folder.string(), "the folder could not be made: " + failed.message()};
  const auto path = (folder / "lock").string();
  file_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (file_ < 0) throw Failure{Fault::storage, path, std::string{"cannot be opened: "} + std::strerror(errno)};
  auto wanted = whole_file(F_WRLCK);
  if (::fcntl(file_, F_SETLK, &wanted) == 0) return;
  const int why = errno;
  auto other = whole_file(F_WRLCK);
  const bool known = ::fcntl(file_, F_GETLK, &other) == 0 && other.l_type != F_UNLCK;
  ::close(file_);
  if (why == EACCES || why == EAGAIN)
    throw Failure{Fault::usage, folder.string(),
                  fmt::format("another call{} is at work in this folder; wait for it, or choose another --out",
                              known ? fmt::format(" (process {})", other.l_pid) : std::string{})};
  throw Failure{Fault::storage, path, std::string{"cannot be locked: "} + std::strerror(why)};
}

FolderLock::~FolderLock() {
  ::close(file_);
}

}  // namespace blondel
