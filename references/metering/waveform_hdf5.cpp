#include "references/metering/waveform_hdf5.hpp"

#include <cmath>
#include <filesystem>
#include <limits>

#include "references/error.hpp"
#include "references/metering/hdf5_handle.hpp"
#include "references/metering/service.hpp"

namespace blondel {
namespace {

constexpr hsize_t most_rows = 100'000'000;

/// A group's name may hold anything; control characters would break the one line of a message, so they are spelled out.
std::string spelled_out(const std::string& name) {
  std::string out;
  for (const char c : name) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F)
      out += fmt::format("\\x{:02x}", byte);
    else
      out += c;
  }
  return out;
}

/// What the samples of a data set are.
enum class SampleType { int16, int32, floating };

class Hdf5Reader {
 public:
  Hdf5Reader(const std::string& path, const RecordingRequest& request) : path_{path}, request_{request} {}

  Recording read() {
    const Hdf5Handle file = open_file();
    const Hdf5Handle group = open_group(file);
    Recording recording;
    recording.name = path_;
    recording.has = request_.needed;
    std::vector<Hdf5Handle> sets;
    auto widest = SampleType::int16;
    for (std::size_t k = 0; k < 6; ++k) {
      sets.push_back(recording.has[k] ? open_set(group, k) : Hdf5Handle{-1, H5Oclose});
      if (!recording.has[k]) continue;
      const auto type = type_of(sets[k], k);
      widest = std::max(widest, type);
      recording.rows = rows_of(sets[k], k, recording.rows);
      read_scale(sets[k], k, type, recording.scale);
    }
    recording.rate_hz = rate_of(file, group);
    switch (widest) {
      case SampleType::int16: read_samples<std::int16_t>(sets, H5T_NATIVE_INT16, recording); break;
      case SampleType::int32: read_samples<std::int32_t>(sets, H5T_NATIVE_INT32, recording); break;
      case SampleType::floating: read_samples<double>(sets, H5T_NATIVE_DOUBLE, recording); break;
    }
    return recording;
  }

 private:
  [[noreturn]] void refuse(const std::string& set, const std::string& what) const {
    throw Failure{Fault::malformed, set.empty() ? path_ : path_ + ":" + spelled_out(set), what};
  }

  /// The name of a channel's data set as it stands in messages.
  std::string set_name(std::size_t channel) const {
    return fmt::format("{}/{}", request_.group.empty() ? "" : "/" + request_.group, channel_names[channel]);
  }

  static std::string because() {
    const auto reason = Hdf5Silence::last_reason();
    return reason.empty() ? reason : ": " + reason;
  }

  Hdf5Handle open_file() const {
    std::error_code problem;
    if (!std::filesystem::exists(path_, problem)) refuse("", "there is no such file");
    if (!std::filesystem::is_regular_file(path_, problem)) refuse("", "is not a file");
    const htri_t known = H5Fis_hdf5(path_.c_str());
    if (known == 0) refuse("", "is not an HDF5 file");
    Hdf5Handle file{known < 0 ? -1 : H5Fopen(path_.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), H5Fclose};
    if (!file) refuse("", "cannot be opened as an HDF5 file" + because());
    return file;
  }

  Hdf5Handle open_object(const Hdf5Handle& from, const std::string& name, H5I_type_t type, const std::string& set,
                         const char* noun) const {
    if (H5Lexists(from.id(), name.c_str(), H5P_DEFAULT) <= 0) refuse(set, fmt::format("the {} is missing", noun));
    Hdf5Handle object{H5Oopen(from.id(), name.c_str(), H5P_DEFAULT), H5Oclose};
    if (!object) refuse(set, fmt::format("the {} cannot be opened{}", noun, because()));
    if (H5Iget_type(object.id()) != type) refuse(set, fmt::format("expected a {}, found something else", noun));
    return object;
  }

  Hdf5Handle open_group(const Hdf5Handle& file) const {
    if (request_.group.empty()) {
      Hdf5Handle root{H5Gopen2(file.id(), "/", H5P_DEFAULT), H5Gclose};
      if (!root) refuse("", "its root group cannot be opened" + because());
      return root;
    }
    // The library wants every group on the way to be there before it looks for the next.
    for (auto slash = request_.group.find('/'); slash != std::string::npos; slash = request_.group.find('/', slash + 1))
      open_object(file, request_.group.substr(0, slash), H5I_GROUP, "/" + request_.group.substr(0, slash), "group");
    return open_object(file, request_.group, H5I_GROUP, "/" + request_.group, "group");
  }

  Hdf5Handle open_set(const Hdf5Handle& group, std::size_t channel) const {
    return open_object(group, std::string{channel_names[channel]}, H5I_DATASET, set_name(channel), "data set");
  }

  SampleType type_of(const Hdf5Handle& set, std::size_t channel) const {
    const Hdf5Handle type{H5Dget_type(set.id()), H5Tclose};
    if (!type) refuse(set_name(channel), "its type cannot be read" + because());
    const auto size = H5Tget_size(type.id());
    const auto kind = H5Tget_class(type.id());
    if (kind == H5T_FLOAT && (size == 4 || size == 8)) return SampleType::floating;
    if (kind == H5T_INTEGER && H5Tget_sign(type.id()) == H5T_SGN_2 && H5Tget_precision(type.id()) == 8 * size) {
      if (size == 2) return SampleType::int16;
      if (size == 4) return SampleType::int32;
    }
    refuse(set_name(channel), "expected samples of type float64, float32, int32 or int16, found another type");
  }

  std::size_t rows_of(const Hdf5Handle& set, std::size_t channel, std::size_t others) const {
    const Hdf5Handle space{H5Dget_space(set.id()), H5Sclose};
    if (!space) refuse(set_name(channel), "its size cannot be read" + because());
    if (H5Sget_simple_extent_ndims(space.id()) != 1) refuse(set_name(channel), "expected one dimension");
    hsize_t rows{};
    H5Sget_simple_extent_dims(space.id(), &rows, nullptr);
    if (rows < 2 || rows > most_rows)
      refuse(set_name(channel), fmt::format("expected from 2 to {} samples, found {}", most_rows, rows));
    if (others != 0 && rows != others)
      refuse(set_name(channel), fmt::format("expected {} samples as in the channels before, found {}", others, rows));
    return rows;
  }

  static bool has_attribute(const Hdf5Handle& object, const char* name) { return H5Aexists(object.id(), name) > 0; }

  double number_attribute(const Hdf5Handle& object, const char* name, const std::string& set) const {
    const Hdf5Handle attribute{H5Aopen(object.id(), name, H5P_DEFAULT), H5Aclose};
    if (!attribute) refuse(set, fmt::format("the attribute '{}' cannot be opened{}", name, because()));
    const Hdf5Handle type{H5Aget_type(attribute.id()), H5Tclose};
    const Hdf5Handle space{H5Aget_space(attribute.id()), H5Sclose};
    const auto kind = H5Tget_class(type.id());
    double value{};
    if ((kind != H5T_FLOAT && kind != H5T_INTEGER) || H5Sget_simple_extent_npoints(space.id()) != 1)
      refuse(set, fmt::format("expected one number in the attribute '{}', found something else", name));
    if (H5Aread(attribute.id(), H5T_NATIVE_DOUBLE, &value) < 0)
      refuse(set, fmt::format("the attribute '{}' cannot be read{}", name, because()));
    if (!std::isfinite(value))
      refuse(set, fmt::format("expected a finite number in the attribute '{}', found {}", name, value));
    return value;
  }

  std::string text_attribute(const Hdf5Handle& object, const char* name, const std::string& set) const {
    if (!has_attribute(object, name)) refuse(set, fmt::format("the attribute '{}' is missing", name));
    const Hdf5Handle attribute{H5Aopen(object.id(), name, H5P_DEFAULT), H5Aclose};
    const Hdf5Handle type{attribute ? H5Aget_type(attribute.id()) : -1, H5Tclose};
    const Hdf5Handle space{attribute ? H5Aget_space(attribute.id()) : -1, H5Sclose};
    if (!type || !space || H5Tget_class(type.id()) != H5T_STRING || H5Sget_simple_extent_npoints(space.id()) != 1)
      refuse(set, fmt::format("expected one text in the attribute '{}', found something else", name));
    if (H5Tis_variable_str(type.id()) > 0) {
      char* text = nullptr;
      if (H5Aread(attribute.id(), type.id(), &text) < 0)
        refuse(set, fmt::format("the attribute '{}' cannot be read{}", name, because()));
      std::string copy = text ? text : "";
      H5free_memory(text);
      return copy;
    }
    std::string text(H5Tget_size(type.id()), '\0');
    if (H5Aread(attribute.id(), type.id(), text.data()) < 0)
      refuse(set, fmt::format("the attribute '{}' cannot be read{}", name, because()));
    // A fixed length is filled up with zeros or blanks.
    return text.substr(0, text.find_last_not_of(std::string_view{"\0 ", 2}) + 1);
  }

  void read_scale(const Hdf5Handle& set, std::size_t channel, SampleType type, ChannelScale& scale) const {
    const auto name = set_name(channel);
    const std::string expected = channel < 3 ? "V" : "A";
    if (text_attribute(set, "unit", name) != expected)
      refuse(name, fmt::format("expected '{}' in the attribute 'unit'", expected));
    for (const char* attribute : {"gain", "offset"})
      if (type != SampleType::floating && !has_attribute(set, attribute))
        refuse(name, fmt::format("the attribute '{}' is missing; whole numbers need it", attribute));
    if (has_attribute(set, "gain")) scale.gain[channel] = number_attribute(set, "gain", name);
    if (has_attribute(set, "offset")) scale.offset[channel] = number_attribute(set, "offset", name);
    if (scale.gain[channel] == 0) refuse(name, "expected a gain other than 0");
  }

  double rate_of(const Hdf5Handle& file, const Hdf5Handle& group) const {
    const std::string group_name = request_.group.empty() ? "" : "/" + request_.group;
    const Hdf5Handle root{H5Gopen2(file.id(), "/", H5P_DEFAULT), H5Gclose};
    std::optional<double> rate = request_.rate_hz;
    for (const Hdf5Handle* place : {&root, &group}) {
      if (!has_attribute(*place, "rate_hz")) continue;
      const double found = number_attribute(*place, "rate_hz", place == &group ? group_name : "");
      if (rate && std::abs(*rate - found) > 1e-9 * std::abs(found))
        refuse(place == &group ? group_name : "",
               fmt::format("two rates that contradict: the attribute 'rate_hz' says {:.12g}, before it stood {:.12g}",
                           found, *rate));
      rate = found;
    }
    if (!rate) refuse(group_name, "the attribute 'rate_hz' is missing, and no rate is given (--rate)");
    return checked_rate(*rate, path_);
  }

  template <class T>
  void read_samples(const std::vector<Hdf5Handle>& sets, hid_t type, Recording& recording) const {
    auto& samples = recording.samples.emplace<ChannelSamples<T>>();
    for (std::size_t k = 0; k < 6; ++k) {
      if (!recording.has[k]) continue;
      samples[k].resize(recording.rows);
      if (H5Dread(sets[k].id(), type, H5S_ALL, H5S_ALL, H5P_DEFAULT, samples[k].data()) < 0)
        refuse(set_name(k), "its samples cannot be read" + because());
      for (std::size_t row = 0; row < recording.rows; ++row) {
        const double sample =
            recording.scale.gain[k] * (static_cast<double>(samples[k][row]) - recording.scale.offset[k]);
        if (!(std::abs(sample) <= largest_sample))
          refuse(set_name(k),
                 fmt::format("sample {} (from 0) is {:.6g}: expected a finite number of at most 1e9", row, sample));
      }
    }
  }

  const std::string& path_;
  const RecordingRequest& request_;
};

}  // namespace

Recording load_waveform_hdf5(const std::string& path, const RecordingRequest& request) {
  const Hdf5Silence silence;
  // Slashes at the ends of a group's name mean nothing.
  RecordingRequest asked = request;
  const auto first = asked.group.find_first_not_of('/');
  asked.group =
      first == std::string::npos ? "" : asked.group.substr(first, asked.group.find_last_not_of('/') - first + 1);
  return Hdf5Reader{path, asked}.read();
}

}  // namespace blondel
