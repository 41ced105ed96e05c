#include "reports/hdf5_sources.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <optional>

#include "reports/sha256.hpp"
#include "reports/waveform_capture.hpp"

namespace blondel {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t largest_source = std::uintmax_t{16} << 20;  ///< bytes of a plan or bench somebody wrote

std::optional<std::string> read_source(const fs::path& path) {
  std::error_code why;
  if (!fs::is_regular_file(path, why) || fs::file_size(path, why) > largest_source || why) return std::nullopt;
  std::ifstream in{path, std::ios::binary};
  std::string bytes{std::istreambuf_iterator<char>{in}, {}};
  return in ? std::optional{std::move(bytes)} : std::nullopt;
}

void write_source(Hdf5Group& root, const std::string& name, const HashedFile& file, const fs::path& copy) {
  auto group = root.group(name);
  group.attribute_text("name", file.name);
  group.attribute_text("file", file.file);
  group.attribute_text("sha256", file.sha256);
  const auto here = copy.filename().string();
  const auto bytes = read_source(copy);
  if (!bytes) return group.attribute_text("note", fmt::format("no text: {} cannot be read in the run's folder", here));
  if (const auto hash = sha256_hex(*bytes); hash != file.sha256)
    return group.attribute_text(
        "note", fmt::format("no text: {} in the run's folder is not what was run, its SHA-256 is {}", here, hash));
  if (hdf5_text(*bytes) != *bytes)
    return group.attribute_text("note", fmt::format("no text: {} is not a text in UTF-8", here));
  group.text("text", *bytes);
}

/// A capture and its file in the folder.
struct Capture {
  std::string name, file;
  CaptureFacts facts;
};

std::vector<fs::path> capture_files(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code why;
  for (fs::directory_iterator entry{folder, why}, end; !why && entry != end; entry.increment(why))
    if (entry->path().extension() == ".h5") files.push_back(entry->path());
  std::ranges::sort(files);
  return files;
}

template <class Of>
auto each(const std::vector<Capture>& captures, Of of) {
  std::vector<std::decay_t<decltype(of(captures.front()))>> column;
  for (const auto& capture : captures) column.push_back(of(capture));
  return column;
}

}  // namespace

void write_sources(Hdf5Group& root, const RunView& run, const RunFolder& folder) {
  write_source(root, "plan", run.plan, folder.plan());
  write_source(root, "bench", run.bench, folder.bench());
  if (!run.firmware) return;
  auto firmware = root.group("firmware");
  firmware.attribute_text("file", run.firmware->file);
  firmware.attribute_text("sha256", run.firmware->sha256);
}

void write_captures(Hdf5Group& root, const RunFolder& folder, std::vector<std::string>& notes) {
  std::vector<Capture> captures;
  const auto below = folder.waveforms().filename();
  for (const auto& path : capture_files(folder.waveforms())) {
    const auto file = (below / path.filename()).string();
    const auto facts = capture_facts(path);
    if (facts)
      captures.push_back({hdf5_name(path.stem().string()), file, *facts});
    else
      notes.push_back(fmt::format("{} is not linked: {}", file, facts.error().what));
  }
  auto waveforms = root.group("waveforms");
  for (const auto& capture : captures) waveforms.link(capture.name, capture.file);

  auto table = root.group("captures");
  table.texts("name", each(captures, [](const Capture& c) { return c.name; }));
  table.texts("file", each(captures, [](const Capture& c) { return c.file; }));
  table.numbers("rate_hz", each(captures, [](const Capture& c) { return c.facts.rate_hz; }), {{"unit", "Hz"}});
  table.numbers("start_s", each(captures, [](const Capture& c) { return c.facts.start_s; }), {{"unit", "s"}});
  table.integers("samples", each(captures, [](const Capture& c) { return static_cast<std::int64_t>(c.facts.rows); }));
  table.flags("finished", each(captures, [](const Capture& c) { return c.facts.finished; }));
}

}  // namespace blondel
