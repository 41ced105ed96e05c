#include "reports/waveform_capture.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <vector>

#include "references/metering/hdf5_handle.hpp"
#include "references/metering/recording.hpp"
#include "references/metering/service.hpp"

namespace blondel {
namespace {

constexpr std::size_t channels = channel_names.size();

[[noreturn]] void refuse(const std::string& where, const std::string& what) {
  const auto reason = Hdf5Silence::last_reason();
  throw Failure{Fault::storage, where, reason.empty() ? what : what + ": " + reason};
}

Hdf5Handle opened(hid_t id, Hdf5Handle::Close close, const std::string& where, const char* what) {
  if (id < 0) refuse(where, what);
  return {id, close};
}

void obeyed(herr_t result, const std::string& where, const char* what) {
  if (result < 0) refuse(where, what);
}

template <class Sample>
hid_t native_type() {
  if constexpr (std::is_same_v<Sample, std::int16_t>) return H5T_NATIVE_INT16;
  if constexpr (std::is_same_v<Sample, std::int32_t>) return H5T_NATIVE_INT32;
  return H5T_NATIVE_DOUBLE;
}

template <class Sample>
hid_t stored_type() {
  if constexpr (std::is_same_v<Sample, std::int16_t>) return H5T_STD_I16LE;
  if constexpr (std::is_same_v<Sample, std::int32_t>) return H5T_STD_I32LE;
  return H5T_IEEE_F64LE;
}

void write_attribute(const Hdf5Handle& object, const char* name, hid_t stored, hid_t native, const void* data,
                     const std::string& where) {
  const auto space = opened(H5Screate(H5S_SCALAR), H5Sclose, where, "an attribute cannot be made");
  const auto attribute = opened(H5Acreate2(object.id(), name, stored, space.id(), H5P_DEFAULT, H5P_DEFAULT), H5Aclose,
                                where, "an attribute cannot be made");
  obeyed(H5Awrite(attribute.id(), native, data), where, "an attribute cannot be written");
}

void write_number(const Hdf5Handle& object, const char* name, double number, const std::string& where) {
  write_attribute(object, name, H5T_IEEE_F64LE, H5T_NATIVE_DOUBLE, &number, where);
}

void write_unit(const Hdf5Handle& object, const char* unit, const std::string& where) {
  const auto type = opened(H5Tcopy(H5T_C_S1), H5Tclose, where, "an attribute cannot be made");
  obeyed(H5Tset_size(type.id(), std::strlen(unit)), where, "an attribute cannot be made");
  write_attribute(object, "unit", type.id(), type.id(), unit, where);
}

/// As h5py stores a bool, so that it reads one.
Hdf5Handle flag_type(const std::string& where) {
  auto type = opened(H5Tenum_create(H5T_STD_I8LE), H5Tclose, where, "an attribute cannot be made");
  for (const std::int8_t value : {std::int8_t{0}, std::int8_t{1}})
    obeyed(H5Tenum_insert(type.id(), value == 0 ? "FALSE" : "TRUE", &value), where, "an attribute cannot be made");
  return type;
}

/// Entries of the tables that lead to the samples stay in memory until flush(), so the file on the disk is at any time
/// the one of the last flush, with samples behind its end that nobody knows yet. An hour needs about a megabyte.
void keep_tables_in_memory(const Hdf5Handle& access, const std::string& where) {
  H5AC_cache_config_t cache{};
  cache.version = H5AC__CURR_CACHE_CONFIG_VERSION;
  obeyed(H5Pget_mdc_config(access.id(), &cache), where, "its properties cannot be read");
  cache.evictions_enabled = false;
  cache.incr_mode = H5C_incr__off;
  cache.flash_incr_mode = H5C_flash_incr__off;
  cache.decr_mode = H5C_decr__off;
  obeyed(H5Pset_mdc_config(access.id(), &cache), where, "its properties cannot be set");
}

Hdf5Handle new_file(const std::string& path) {
  if (std::filesystem::exists(std::filesystem::symlink_status(path)))
    throw Failure{Fault::usage, path, "exists; a recording is never overwritten"};
  const auto access = opened(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, path, "its properties cannot be made");
  // Version 1.8: any reader knows it, and unlike the later ones it does not mark a file as open until it is closed.
  obeyed(H5Pset_libver_bounds(access.id(), H5F_LIBVER_V18, H5F_LIBVER_V18), path, "its properties cannot be set");
  obeyed(H5Pset_fclose_degree(access.id(), H5F_CLOSE_STRONG), path, "its properties cannot be set");
  keep_tables_in_memory(access, path);
  const auto list = opened(H5Pcreate(H5P_FILE_CREATE), H5Pclose, path, "its properties cannot be made");
  obeyed(H5Pset_obj_track_times(list.id(), false), path, "its properties cannot be set");
  return opened(H5Fcreate(path.c_str(), H5F_ACC_EXCL, list.id(), access.id()), H5Fclose, path, "cannot be created");
}

/// @param type  of the samples in the file
Hdf5Handle new_channel(const Hdf5Handle& file, const std::string& name, hid_t type, std::size_t chunk_rows,
                       const std::string& where) {
  const hsize_t none = 0;
  const hsize_t without_end = H5S_UNLIMITED;
  const hsize_t chunk = chunk_rows;
  const auto space = opened(H5Screate_simple(1, &none, &without_end), H5Sclose, where, "its space cannot be made");
  const auto list = opened(H5Pcreate(H5P_DATASET_CREATE), H5Pclose, where, "its properties cannot be made");
  obeyed(H5Pset_obj_track_times(list.id(), false), where, "its properties cannot be set");
  obeyed(H5Pset_chunk(list.id(), 1, &chunk), where, "its chunks cannot be set");
  obeyed(H5Pset_fill_time(list.id(), H5D_FILL_TIME_NEVER), where, "its properties cannot be set");
  // Chunks are handed over whole: a cache would only copy them.
  const auto access = opened(H5Pcreate(H5P_DATASET_ACCESS), H5Pclose, where, "its properties cannot be made");
  obeyed(H5Pset_chunk_cache(access.id(), 0, 0, H5D_CHUNK_CACHE_W0_DEFAULT), where, "its properties cannot be set");
  return opened(H5Dcreate2(file.id(), name.c_str(), type, space.id(), H5P_DEFAULT, list.id(), access.id()), H5Dclose,
                where, "the data set cannot be made");
}

void write_rows(const Hdf5Handle& set, hid_t native, hsize_t first, hsize_t rows, const void* samples,
                const std::string& where) {
  const hsize_t end = first + rows;
  obeyed(H5Dset_extent(set.id(), &end), where, "cannot grow");
  const auto space = opened(H5Dget_space(set.id()), H5Sclose, where, "cannot grow");
  obeyed(H5Sselect_hyperslab(space.id(), H5S_SELECT_SET, &first, nullptr, &rows, nullptr), where, "cannot grow");
  const auto memory = opened(H5Screate_simple(1, &rows, nullptr), H5Sclose, where, "cannot grow");
  obeyed(H5Dwrite(set.id(), native, memory.id(), space.id(), H5P_DEFAULT, samples), where, "cannot be written");
}

void check_scale(const ChannelScale& scale, double start_s, const std::string& path) {
  if (!std::isfinite(start_s)) throw Failure{Fault::malformed, path, fmt::format("cannot start at {} s", start_s)};
  for (std::size_t k = 0; k < channels; ++k)
    if (!std::isfinite(scale.gain[k]) || scale.gain[k] == 0 || !std::isfinite(scale.offset[k]))
      throw Failure{Fault::malformed, fmt::format("{}:/{}", path, channel_names[k]),
                    fmt::format("expected a finite gain other than 0 and a finite offset, found {} and {}",
                                scale.gain[k], scale.offset[k])};
}

}  // namespace

template <class Sample>
class WaveformCapture<Sample>::File {
 public:
  File(std::string path, double rate_hz, double start_s, const ChannelScale& scale, std::size_t chunk_rows)
      : path_{std::move(path)}, chunk_rows_{chunk_rows} {
    checked_rate(rate_hz, path_);
    check_scale(scale, start_s, path_);
    if (chunk_rows == 0) throw std::logic_error{"a chunk of no rows"};
    const Hdf5Silence silence;
    file_.emplace(new_file(path_));
    root_.emplace(opened(H5Gopen2(file_->id(), "/", H5P_DEFAULT), H5Gclose, path_, "its root cannot be opened"));
    write_number(*root_, "rate_hz", rate_hz, path_);
    write_number(*root_, "start_s", start_s, path_);
    write_flag(false);
    for (std::size_t k = 0; k < channels; ++k) add_channel(k, scale);
    flush_silently();
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    const Hdf5Silence silence;
    close();
  }

  void append(const SampleBlock<Sample>& block) {
    if (finished_) throw std::logic_error{"append() after finish()"};
    for (const auto* first : block.channel)
      if (first == nullptr) throw std::logic_error{"a capture takes all six channels"};
    guarded([&] {
      for (std::size_t row = 0; row < block.rows;) {
        const auto count = std::min(block.rows - row, chunk_rows_ - buffered_);
        for (std::size_t k = 0; k < channels; ++k) gather(block, k, row, count);
        row += count;
        buffered_ += count;
        if (buffered_ == chunk_rows_) write_chunk();
      }
    });
  }

  void flush() {
    if (finished_) return;
    guarded([this] {
      write_buffered();
      flush_silently();
    });
  }

  void finish() {
    if (finished_) return;
    guarded([this] {
      write_buffered();
      flush_silently();
      // Only once the samples are safe may the file say so.
      write_flag(true);
      flush_silently();
      finished_ = true;
      if (!close()) refuse(path_, "cannot be closed");
    });
  }

  std::uint64_t rows() const { return written_ + buffered_; }

 private:
  template <class Action>
  void guarded(Action action) {
    if (failed_) throw Failure{*failed_};
    const Hdf5Silence silence;
    try {
      action();
    } catch (const Failure& failure) {
      failed_ = failure.error;
      throw;
    }
  }

  std::string name_of(std::size_t channel) const { return fmt::format("{}:/{}", path_, channel_names[channel]); }

  void add_channel(std::size_t channel, const ChannelScale& scale) {
    const auto where = name_of(channel);
    sets_.push_back(
        new_channel(*file_, std::string{channel_names[channel]}, stored_type<Sample>(), chunk_rows_, where));
    write_number(sets_.back(), "gain", scale.gain[channel], where);
    write_number(sets_.back(), "offset", scale.offset[channel], where);
    write_unit(sets_.back(), channel < channels / 2 ? "V" : "A", where);
    buffers_[channel].resize(chunk_rows_);
  }

  void gather(const SampleBlock<Sample>& block, std::size_t channel, std::size_t row, std::size_t count) {
    const auto* from = block.channel[channel] + static_cast<std::ptrdiff_t>(row) * block.stride;
    auto* to = buffers_[channel].data() + buffered_;
    if (block.stride == 1) {
      std::copy_n(from, count, to);
      return;
    }
    for (std::size_t i = 0; i < count; ++i) to[i] = from[static_cast<std::ptrdiff_t>(i) * block.stride];
  }

  /// The buffer stays: the whole chunk is written over its first part later.
  void write_buffered() {
    if (buffered_ == 0) return;
    for (std::size_t k = 0; k < channels; ++k)
      write_rows(sets_[k], native_type<Sample>(), written_, buffered_, buffers_[k].data(), name_of(k));
  }

  void write_chunk() {
    write_buffered();
    written_ += buffered_;
    buffered_ = 0;
  }

  void flush_silently() {
    obeyed(H5Fflush(file_->id(), H5F_SCOPE_GLOBAL), path_, "cannot be written");
    void* handle = nullptr;
    obeyed(H5Fget_vfd_handle(file_->id(), H5P_DEFAULT, &handle), path_, "cannot be written");
    if (::fdatasync(*static_cast<const int*>(handle)) != 0)
      throw Failure{Fault::storage, path_, fmt::format("cannot be written: {}", std::strerror(errno))};
  }

  void write_flag(bool finished) {
    const auto type = flag_type(path_);
    const std::int8_t byte = finished ? 1 : 0;
    if (!finished) return write_attribute(*root_, "finished", type.id(), type.id(), &byte, path_);
    const auto flag =
        opened(H5Aopen(root_->id(), "finished", H5P_DEFAULT), H5Aclose, path_, "an attribute cannot be opened");
    obeyed(H5Awrite(flag.id(), type.id(), &byte), path_, "an attribute cannot be written");
  }

  /// @returns whether all of it reached the file
  bool close() {
    sets_.clear();
    root_.reset();
    const bool good = !file_ || H5Fflush(file_->id(), H5F_SCOPE_GLOBAL) >= 0;
    file_.reset();
    return good;
  }

  std::string path_;
  std::size_t chunk_rows_;
  std::optional<Hdf5Handle> file_, root_;
  std::vector<Hdf5Handle> sets_;
  std::array<std::vector<Sample>, channels> buffers_;
  std::size_t buffered_ = 0;   ///< rows in the buffers that are not yet a chunk
  std::uint64_t written_ = 0;  ///< rows in whole chunks
  bool finished_ = false;
  std::optional<Error> failed_;
};

template <class Sample>
WaveformCapture<Sample>::WaveformCapture(const std::filesystem::path& path, double rate_hz, double start_s,
                                         const ChannelScale& scale, std::size_t chunk_rows)
    : file_{std::make_unique<File>(path.string(), rate_hz, start_s, scale, chunk_rows)} {}

template <class Sample>
WaveformCapture<Sample>::~WaveformCapture() = default;

template <class Sample>
void WaveformCapture<Sample>::append(const SampleBlock<Sample>& block) {
  file_->append(block);
}

template <class Sample>
void WaveformCapture<Sample>::flush() {
  file_->flush();
}

template <class Sample>
void WaveformCapture<Sample>::finish() {
  file_->finish();
}

template <class Sample>
std::uint64_t WaveformCapture<Sample>::rows() const {
  return file_->rows();
}

template class WaveformCapture<std::int16_t>;
template class WaveformCapture<std::int32_t>;
template class WaveformCapture<double>;

}  // namespace blondel
