#include <fmt/format.h>

#include "references/metering/hdf5_handle.hpp"
#include "references/metering/service.hpp"
#include "reports/waveform_capture.hpp"

namespace blondel {
namespace {

class Looker {
 public:
  explicit Looker(std::string path) : path_{std::move(path)} {}

  CaptureFacts look() const {
    const Hdf5Handle file{H5Fopen(path_.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose};
    if (!file) refuse("cannot be opened as an HDF5 file");
    CaptureFacts facts;
    read(file, "rate_hz", H5T_NATIVE_DOUBLE, &facts.rate_hz);
    read(file, "start_s", H5T_NATIVE_DOUBLE, &facts.start_s);
    facts.finished = finished(file);
    facts.rows = rows_of(file, channel_names.front());
    for (const auto name : channel_names)
      if (rows_of(file, name) != facts.rows) refuse("its channels are not of one length");
    return facts;
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const { throw Failure{Fault::malformed, path_, what}; }

  Hdf5Handle attribute(const Hdf5Handle& file, const char* name) const {
    Hdf5Handle found{H5Aopen(file.id(), name, H5P_DEFAULT), H5Aclose};
    if (!found) refuse(fmt::format("the attribute '{}' is missing", name));
    const Hdf5Handle space{H5Aget_space(found.id()), H5Sclose};
    if (!space || H5Sget_simple_extent_npoints(space.id()) != 1)
      refuse(fmt::format("the attribute '{}' should be one value", name));
    return found;
  }

  void read(const Hdf5Handle& file, const char* name, hid_t type, void* into) const {
    if (H5Aread(attribute(file, name).id(), type, into) < 0)
      refuse(fmt::format("the attribute '{}' should be a number", name));
  }

  bool finished(const Hdf5Handle& file) const {
    const auto flag = attribute(file, "finished");
    const Hdf5Handle type{H5Aget_type(flag.id()), H5Tclose};
    std::int8_t value{};
    if (!type || H5Tget_class(type.id()) != H5T_ENUM || H5Tget_size(type.id()) != 1 ||
        H5Aread(flag.id(), type.id(), &value) < 0)
      refuse("the attribute 'finished' should be a flag");
    return value != 0;
  }

  std::uint64_t rows_of(const Hdf5Handle& file, std::string_view channel) const {
    const Hdf5Handle set{H5Dopen2(file.id(), std::string{channel}.c_str(), H5P_DEFAULT), H5Dclose};
    if (!set) refuse(fmt::format("the channel '{}' is missing", channel));
    const Hdf5Handle space{H5Dget_space(set.id()), H5Sclose};
    if (!space || H5Sget_simple_extent_ndims(space.id()) != 1)
      refuse(fmt::format("the channel '{}' should have one dimension", channel));
    hsize_t rows{};
    H5Sget_simple_extent_dims(space.id(), &rows, nullptr);
    return rows;
  }

  std::string path_;
};

}  // namespace

Result<CaptureFacts> capture_facts(const std::filesystem::path& path) {
  const Hdf5Silence silence;
  try {
    return Looker{path.string()}.look();
  } catch (const Failure& failure) {
    return tl::unexpected{failure.error};
  }
}

}  // namespace blondel
