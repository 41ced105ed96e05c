#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>

namespace blondel {

/// The bytes of one fuzzing input, taken from the front; zeros once they are spent.
class FuzzInput {
 public:
  FuzzInput(const std::uint8_t* data, std::size_t size) : at_{data}, left_{size} {}

  bool spent() const { return left_ == 0; }
  std::size_t left() const { return left_; }
  std::uint8_t byte() {
    if (spent()) return 0;
    --left_;
    return *at_++;
  }
  /// Little-endian, as many bytes as the type has.
  template <class T>
  T number() {
    std::uint64_t value = 0;
    for (std::size_t n = 0; n < sizeof(T); ++n) value |= std::uint64_t{byte()} << (8 * n);
    return static_cast<T>(value);
  }
  /// Up to so many bytes.
  std::string text(std::size_t most) {
    const auto size = std::min(most, left_);
    std::string bytes(at_, at_ + size);
    at_ += size;
    left_ -= size;
    return bytes;
  }
  std::string rest() { return text(left_); }

 private:
  const std::uint8_t* at_;
  std::size_t left_;
};

/// Ends the program, which the fuzzer keeps as a finding.
inline void require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "broken promise: %s\n", what);
  std::abort();
}

}  // namespace blondel
