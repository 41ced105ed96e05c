#pragma once

#include <filesystem>

namespace blondel {

/// Keeps a folder for one process: an advisory lock on a file `lock` in it, which the system takes away with the
/// process however that ends. The file stays; it says nothing by being there.
///
/// Processes that this one forks do not have the lock. A process that locks twice is not refused.
/// Source: POSIX, fcntl(), advisory record locking.
class FolderLock {
 public:
  /// Makes the folder where it is not there. @throws Failure (usage) with the other's process number when the folder is
  /// locked, (storage) when it cannot be.
  explicit FolderLock(const std::filesystem::path& folder);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int file_;
};

}  // namespace blondel
