// Any text as a YAML file: Settings takes it or refuses it with a Failure that names the place, and so does every
// question that can be asked of every node. The reader of spectra stands on the same ground.

#include <cmath>

#include "references/fuzz/fuzz_input.hpp"
#include "references/metering/spectrum_file.hpp"
#include "references/settings.hpp"

namespace blondel {
namespace {

const std::string file_name = "fuzz.yaml";

/// Runs what may only succeed or say where the file is wrong. @returns whether it succeeded
template <class Reading>
bool only_refuses(const Reading& reading) {
  try {
    reading();
    return true;
  } catch (const Failure& failure) {
    require(failure.error.fault == Fault::malformed, "a reader of files says what is malformed");
    require(failure.error.where.starts_with(file_name), "a reader of files names the file");
    require(!failure.error.what.empty(), "a refusal says why");
    return false;
  }
}

void ask_scalar(const Settings& node) {
  only_refuses([&] { node.boolean(); });
  only_refuses([&] { node.integer(); });
  only_refuses([&] { require(std::isfinite(node.number()), "a number is finite"); });
  only_refuses([&] { require(std::isfinite(node.voltage().si()), "a voltage is finite"); });
  only_refuses([&] { require(std::isfinite(node.current().si()), "a current is finite"); });
  only_refuses([&] { require(std::isfinite(node.frequency().si()), "a frequency is finite"); });
  only_refuses([&] { require(std::isfinite(node.angle().si()), "an angle is finite"); });
  only_refuses([&] { require(std::isfinite(node.resistance().si()), "a resistance is finite"); });
  only_refuses([&] { require(std::isfinite(node.ratio().si()), "a ratio is finite"); });
  only_refuses([&] { require(std::isfinite(node.temperature().si()), "a temperature is finite"); });
  only_refuses([&] { require(std::isfinite(node.energy().si()), "an energy is finite"); });
  only_refuses([&] { require(node.duration().count() >= 0, "a duration is not negative"); });
  only_refuses([&] { node.one_of({"none", "even", "odd"}); });
}

void walk(const Settings& node) {
  require(int{node.is_map()} + int{node.is_sequence()} + int{node.is_scalar()} <= 1, "a node is of one sort");
  require(only_refuses([&] { node.text(); }) == node.is_scalar(), "a text is a scalar");
  if (node.is_scalar()) ask_scalar(node);
  only_refuses([&] {
    for (const auto& item : node.items()) walk(item);
  });
  const bool finished_unread = only_refuses([&] { node.finish(); });
  only_refuses([&] {
    const auto keys = node.keys();
    require(finished_unread == keys.empty(), "an unknown key is refused");
    for (const auto& key : keys) {
      require(node.has(key), "a map has its keys");
      walk(node.at(key));
    }
    only_refuses([&] { node.at("frequency"); });
    require(only_refuses([&] { node.finish(); }), "a map that was read to its end can be finished");
  });
}

}  // namespace
}  // namespace blondel

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace blondel;
  const std::string text{data, data + size};
  only_refuses([&] { walk(Settings::parse(text, file_name)); });
  only_refuses([&] { read_spectrum(Settings::parse(text, file_name)); });
  return 0;
}
