#include <fmt/format.h>

#include <cstdio>

#include "reports/wave_picture.hpp"
#include "reports/whole_file.hpp"
#include "rig/commands.hpp"

namespace blondel {

int model_command(const ModelRequest& request, bool json, const std::string& svg) {
  ModelRequest asked = request;
  asked.with_picture = !svg.empty();
  const auto result = model(asked);
  if (result.picture) write_whole_file(svg, wave_picture_svg(*result.picture));
  fmt::print("{}", json ? model_json(result) : model_text(result));
  return 0;
}

}  // namespace blondel
