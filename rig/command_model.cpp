#include <fmt/format.h>

#include <cstdio>
#include <filesystem>

#include "reports/visible_text.hpp"
#include "reports/wave_picture.hpp"
#include "reports/whole_file.hpp"
#include "rig/commands.hpp"

namespace blondel {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse_picture(const std::string& what) {
  throw Failure{Fault::usage, "--svg", what};
}

/// Where the picture goes: a symbolic link stays one, and what it points at is written.
/// @throws Failure (usage) for what is no regular file, and for the file that is metered
fs::path picture_path(const std::string& asked, const std::string& input) {
  fs::path path = asked;
  std::error_code why;
  for (int links = 0; fs::is_symlink(path, why); ++links) {
    if (links == 40) refuse_picture(fmt::format("'{}' is a chain of links without an end", visible_text(asked)));
    const auto target = fs::read_symlink(path, why);
    if (why) refuse_picture(fmt::format("the link '{}' cannot be read: {}", visible_text(asked), why.message()));
    path = path.parent_path() / target;
  }
  if (!path.has_filename())
    refuse_picture(fmt::format("expected the name of a file, found the folder '{}'", visible_text(asked)));
  if (!fs::exists(path, why)) return path;
  if (!fs::is_regular_file(path, why))
    refuse_picture(fmt::format("expected a file, but '{}' is a folder or a device", visible_text(asked)));
  if (fs::equivalent(path, input, why))
    refuse_picture(fmt::format("'{}' is the file that is metered; it would be lost", visible_text(asked)));
  return path;
}

}  // namespace

int model_command(const ModelRequest& request, bool json, const std::string& svg) {
  ModelRequest asked = request;
  asked.with_picture = !svg.empty();
  const auto path = asked.with_picture ? picture_path(svg, request.file) : fs::path{};
  const auto result = model(asked);
  if (result.picture) write_whole_file(path, wave_picture_svg(*result.picture));
  fmt::print("{}", json ? model_json(result) : model_text(result));
  return 0;
}

}  // namespace blondel
