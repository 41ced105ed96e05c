#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace blondel {

/// Where the lines of a record go. Append only; one call is one record.
class RecordSink {
 public:
  virtual ~RecordSink() = default;

  /// Writes all these bytes behind what stands there. @throws Failure (Fault::storage) when not all of them could be
  /// written; a part may then stand there, what was appended before stays whole.
  virtual void append(std::string_view bytes) = 0;

  /// Returns once everything appended will outlive a loss of power. @throws Failure (Fault::storage).
  virtual void sync() = 0;
};

/// A new file. It refuses to open one that exists, so no record is ever overwritten.
class FileSink final : public RecordSink {
 public:
  /// @throws Failure: Fault::usage when the file exists, Fault::storage when it cannot be made.
  explicit FileSink(std::filesystem::path path);
  FileSink(const FileSink&) = delete;
  FileSink& operator=(const FileSink&) = delete;
  ~FileSink() override;

  void append(std::string_view bytes) override;
  void sync() override;

 private:
  [[noreturn]] void give_up(int error_number);

  std::filesystem::path path_;
  int file_ = -1;
  std::uint64_t appended_ = 0;  ///< records wholly handed to the system
  std::uint64_t synced_ = 0;    ///< records known to be on the disk
};

/// Memory that outlives the sink, for tests and for showing a record that was never stored.
class MemorySink final : public RecordSink {
 public:
  explicit MemorySink(std::string& into) : into_{into} {}
  void append(std::string_view bytes) override { into_ += bytes; }
  void sync() override {}

 private:
  std::string& into_;
};

/// A disk that is full after so many bytes, in the middle of a record if it comes so.
class LimitedSink final : public RecordSink {
 public:
  LimitedSink(std::string& into, std::size_t room) : into_{into}, room_{room} {}
  void append(std::string_view bytes) override;
  void sync() override {}

 private:
  std::string& into_;
  std::size_t room_;
  std::uint64_t appended_ = 0;
};

}  // namespace blondel
