#include <fmt/format.h>

#include "rig/commands.hpp"
#include "rig/standard_text.hpp"

namespace blondel {

int show_command(const ShowRequest& request) {
  fmt::print("{}", show_text(request));
  return 0;
}

}  // namespace blondel
