#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace blondel::journal_format {

// A line is one JSON object whose last member is the hash of the line without that member:
//   {"n":0,"t":0,"kind":"run",...,"prev":"<64 digits>","hash":"<64 digits>"}
// The hashed text is the line up to the comma before "hash", and a closing brace.

inline constexpr std::string_view hash_opening = ",\"hash\":\"";
inline constexpr std::string_view hash_closing = "\"}";
inline constexpr std::size_t digest_digits = 64;
inline constexpr std::size_t hash_member_size = hash_opening.size() + digest_digits + hash_closing.size();

/// What stands as "prev" in the first line.
inline std::string first_prev() {
  return std::string(digest_digits, '0');
}

// Neither a mistake of ours nor a hostile file may eat the machine: what the writer refuses, the reader refuses too.
inline constexpr std::size_t largest_line = std::size_t{1} << 20;    ///< bytes, without the line feed
inline constexpr std::size_t largest_file = std::size_t{256} << 20;  ///< bytes
inline constexpr int deepest_nesting = 32;
inline constexpr std::size_t most_values_a_line = 20000;

}  // namespace blondel::journal_format
