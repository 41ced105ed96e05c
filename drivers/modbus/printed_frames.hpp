#pragma once

#include <initializer_list>
#include <string>

namespace blondel {

/// For tests: a frame byte by byte.
inline std::string bytes(std::initializer_list<int> values) {
  std::string text;
  for (const int v : values) text += static_cast<char>(v);
  return text;
}

// Frames printed for the Series 4000-K: register 146, "phase A lost", and an exception to 03.
inline const std::string ask_alerts = bytes({0x01, 0x03, 0x00, 0x91, 0x00, 0x01, 0xD5, 0xE7});
inline const std::string phase_a_lost = bytes({0x01, 0x03, 0x02, 0x01, 0x00, 0xB9, 0xD4});
inline const std::string no_such_register = bytes({0x01, 0x83, 0x02, 0xC0, 0xF1});

}  // namespace blondel
