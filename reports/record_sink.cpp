#include "reports/record_sink.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "references/error.hpp"

namespace blondel {
namespace {

std::string safe_count(std::uint64_t records) {
  return fmt::format("{} record{} {} safe", records, records == 1 ? "" : "s", records == 1 ? "is" : "are");
}

/// The name of a new file is on the disk only once its folder is.
void sync_folder_of(const std::filesystem::path& path) {
  const auto folder = path.has_parent_path() ? path.parent_path() : std::filesystem::path{"."};
  const int handle = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (handle < 0) return;  // a folder that may be written and not read is no reason to refuse a run
  ::fsync(handle);
  ::close(handle);
}

}  // namespace

FileSink::FileSink(std::filesystem::path path) : path_{std::move(path)} {
  file_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0644);
  if (file_ < 0) {
    const int why = errno;
    if (why == EEXIST) throw Failure{Fault::usage, path_.string(), "already holds a record; it is never overwritten"};
    throw Failure{Fault::storage, path_.string(), fmt::format("cannot be created: {}", std::strerror(why))};
  }
  sync_folder_of(path_);
}

FileSink::~FileSink() {
  ::close(file_);
}

void FileSink::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto written = ::write(file_, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) give_up(written < 0 ? errno : ENOSPC);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  ++appended_;
}

void FileSink::sync() {
  if (synced_ == appended_) return;
  if (::fsync(file_) != 0) give_up(errno);
  synced_ = appended_;
}

void FileSink::give_up(int error_number) {
  // What was written whole before may still be got onto the disk, and only then is it called safe.
  if (::fsync(file_) == 0) synced_ = appended_;
  throw Failure{Fault::storage, path_.string(),
                fmt::format("cannot be written: {}; {}", std::strerror(error_number), safe_count(synced_))};
}

void LimitedSink::append(std::string_view bytes) {
  if (bytes.size() > room_) {
    into_ += bytes.substr(0, room_);
    room_ = 0;
    throw Failure{Fault::storage, "limited sink",
                  fmt::format("cannot be written: {}; {}", std::strerror(ENOSPC), safe_count(appended_))};
  }
  into_ += bytes;
  room_ -= bytes.size();
  ++appended_;
}

}  // namespace blondel
