#include "reports/whole_file.hpp"

#include <fmt/format.h>

#include "references/error.hpp"
#include "reports/record_sink.hpp"

namespace blondel {

void write_whole_file(const std::filesystem::path& path, std::string_view bytes) {
  auto beside = path;
  beside += ".part";
  std::error_code why;
  std::filesystem::remove(beside, why);  // left by a run that was killed here
  try {
    FileSink file{beside};
    file.append(bytes);
    file.sync();
  } catch (const Failure& failure) {
    std::filesystem::remove(beside, why);
    const auto reason = failure.error.what.substr(0, failure.error.what.find(';'));  // it counts no records
    throw Failure{Fault::storage, path.string(), reason};
  }
  std::filesystem::rename(beside, path, why);
  if (why) throw Failure{Fault::storage, path.string(), fmt::format("cannot be written: {}", why.message())};
}

}  // namespace blondel
