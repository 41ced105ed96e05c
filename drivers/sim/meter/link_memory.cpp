#include "drivers/sim/meter/link_memory.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "drivers/sim/meter/link.h"

namespace blondel::sim {

LinkMemory::LinkMemory(std::uint32_t capacity, std::uint32_t nv_bytes)
    : capacity_{capacity}, nv_bytes_{nv_bytes}, bytes_{BLONDEL_LINK_MEMORY_BYTES(std::size_t{capacity}, nv_bytes)} {
  descriptor_ = memfd_create("blondel-meter", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (descriptor_ < 0) throw std::system_error{errno, std::generic_category(), "memfd_create"};
  void* base = MAP_FAILED;
  if (ftruncate(descriptor_, static_cast<off_t>(bytes_)) == 0 &&
      fcntl(descriptor_, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) == 0)
    base = mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor_, 0);
  if (base == MAP_FAILED) {
    const int error = errno;
    close(descriptor_);
    throw std::system_error{error, std::generic_category(), "shared memory of a meter"};
  }
  base_ = static_cast<std::byte*>(base);
  std::memset(base_ + BLONDEL_LINK_NV_OFFSET(capacity_), 0xFF, nv_bytes_);
}

LinkMemory::~LinkMemory() {
  munmap(base_, bytes_);
  close(descriptor_);
}

std::span<std::int64_t> LinkMemory::instants() {
  return {reinterpret_cast<std::int64_t*>(base_), capacity_};
}

std::span<std::int32_t> LinkMemory::codes() {
  return {reinterpret_cast<std::int32_t*>(base_ + BLONDEL_LINK_CODES_OFFSET(capacity_)), 6 * std::size_t{capacity_}};
}

}  // namespace blondel::sim
