#include "rig/class_test/window_settings.hpp"

namespace blondel {

using namespace std::chrono_literals;

WindowSettings WindowSettings::of(const Settings& step) {
  WindowSettings settings{{}, 5min};
  const auto window = step.find("window");
  if (window) {
    settings.window = window->duration();
    if (settings.window < 6s || settings.window > 10min) throw window->failure("expected 6 s to 10 min");
    settings.longest = std::max<Duration>(settings.longest, settings.window);
  }
  if (const auto longest = step.find("longest")) {
    settings.longest = longest->duration();
    if (settings.longest < std::max<Duration>(settings.window, 6s) || settings.longest > 6h)
      throw longest->failure("expected the window or more, at least 6 s and at most 6 h");
  }
  return settings;
}

}  // namespace blondel
