#pragma once

#include <cstdint>
#include <span>

namespace blondel::sim {

/// The memory that a meter's process shares with the bench: sample instants, converter codes, and the meter's
/// non-volatile store, which outlives the process. Its size is sealed: the process cannot pull it from under the bench.
class LinkMemory {
 public:
  /// A new meter's: the store is erased (0xFF). @throws std::system_error when the machine has no memory left.
  LinkMemory(std::uint32_t capacity, std::uint32_t nv_bytes);
  ~LinkMemory();
  LinkMemory(const LinkMemory&) = delete;
  LinkMemory& operator=(const LinkMemory&) = delete;

  int descriptor() const { return descriptor_; }
  std::uint32_t capacity() const { return capacity_; }
  std::uint32_t nv_bytes() const { return nv_bytes_; }
  std::span<std::int64_t> instants();
  /// Six a sample.
  std::span<std::int32_t> codes();

 private:
  std::uint32_t capacity_, nv_bytes_;
  std::size_t bytes_;
  int descriptor_ = -1;
  std::byte* base_ = nullptr;
};

}  // namespace blondel::sim
