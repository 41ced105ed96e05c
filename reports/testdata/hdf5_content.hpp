#pragma once

#include <hdf5.h>

#include <filesystem>
#include <stdexcept>
#include <string>
#include <vector>

namespace blondel {

/// What stands in an HDF5 file, read straight with the library for the tests. Anything unexpected throws.
class Hdf5Content {
 public:
  explicit Hdf5Content(const std::filesystem::path& path)
      : file_{good(H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT), "file " + path.string())} {}
  Hdf5Content(const Hdf5Content&) = delete;
  Hdf5Content& operator=(const Hdf5Content&) = delete;
  ~Hdf5Content() { H5Fclose(file_); }

  bool has(const std::string& name) const { return H5Lexists(file_, name.c_str(), H5P_DEFAULT) > 0; }
  bool has_attribute(const std::string& of, const std::string& name) const {
    return H5Aexists_by_name(file_, of.c_str(), name.c_str(), H5P_DEFAULT) > 0;
  }

  std::vector<double> numbers(const std::string& name) const { return column<double>(name, H5T_NATIVE_DOUBLE); }
  std::vector<std::int64_t> integers(const std::string& name) const {
    return column<std::int64_t>(name, H5T_NATIVE_INT64);
  }
  /// Of a column, or of a single text.
  std::vector<std::string> texts(const std::string& name) const {
    const auto set = good(H5Dopen2(file_, name.c_str(), H5P_DEFAULT), name);
    const auto space = H5Dget_space(set);
    const auto type = H5Dget_type(set);
    std::vector<char*> bytes(static_cast<std::size_t>(H5Sget_simple_extent_npoints(space)));
    if (!bytes.empty()) good(H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, bytes.data()), name);
    std::vector<std::string> texts(bytes.begin(), bytes.end());
    if (!bytes.empty()) H5Dvlen_reclaim(type, space, H5P_DEFAULT, bytes.data());
    H5Tclose(type);
    H5Sclose(space);
    H5Dclose(set);
    return texts;
  }

  double number_attribute(const std::string& of, const std::string& name) const {
    const auto attribute = attribute_of(of, name);
    double number{};
    good(H5Aread(attribute, H5T_NATIVE_DOUBLE, &number), name);
    H5Aclose(attribute);
    return number;
  }
  bool flag_attribute(const std::string& of, const std::string& name) const {
    const auto attribute = attribute_of(of, name);
    const auto type = H5Aget_type(attribute);
    std::int8_t flag{};
    good(H5Aread(attribute, type, &flag), name);
    H5Tclose(type);
    H5Aclose(attribute);
    return flag != 0;
  }
  /// Of variable length.
  std::string text_attribute(const std::string& of, const std::string& name) const {
    const auto attribute = attribute_of(of, name);
    const auto type = H5Aget_type(attribute);
    char* bytes = nullptr;
    good(H5Aread(attribute, type, &bytes), name);
    std::string text{bytes};
    H5free_memory(bytes);
    H5Tclose(type);
    H5Aclose(attribute);
    return text;
  }
  /// The names of what a group holds.
  std::vector<std::string> names(const std::string& group) const {
    std::vector<std::string> names;
    const auto take = [](hid_t, const char* name, const H5L_info_t*, void* into) -> herr_t {
      static_cast<std::vector<std::string>*>(into)->emplace_back(name);
      return 0;
    };
    good(H5Literate_by_name(file_, group.c_str(), H5_INDEX_NAME, H5_ITER_INC, nullptr, take, &names, H5P_DEFAULT),
         group);
    return names;
  }

 private:
  template <class Id>
  static Id good(Id id, const std::string& what) {
    if (id < 0) throw std::runtime_error{"HDF5: " + what};
    return id;
  }
  hid_t attribute_of(const std::string& of, const std::string& name) const {
    return good(H5Aopen_by_name(file_, of.c_str(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT), of + "@" + name);
  }
  template <class Value>
  std::vector<Value> column(const std::string& name, hid_t type) const {
    const auto set = good(H5Dopen2(file_, name.c_str(), H5P_DEFAULT), name);
    const auto space = H5Dget_space(set);
    std::vector<Value> values(static_cast<std::size_t>(H5Sget_simple_extent_npoints(space)));
    if (!values.empty()) good(H5Dread(set, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values.data()), name);
    H5Sclose(space);
    H5Dclose(set);
    return values;
  }

  hid_t file_;
};

}  // namespace blondel
