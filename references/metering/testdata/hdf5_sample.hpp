#pragma once

#include <hdf5.h>

#include <optional>
#include <string>
#include <vector>

#include "references/metering/hdf5_handle.hpp"

namespace blondel {

/// Writes small HDF5 files of the layout that recordings have, and ones that break it, for tests.
class Hdf5Sample {
 public:
  struct Set {
    std::string name;
    std::vector<double> samples;  ///< as they stand in the file
    hid_t type = H5T_IEEE_F64LE;  ///< of the file
    std::optional<double> gain, offset;
    std::string unit;  ///< empty: no such attribute
  };

  explicit Hdf5Sample(const std::string& path)
      : file_{H5Fcreate(path.c_str(), H5F_ACC_TRUNC, H5P_DEFAULT, H5P_DEFAULT), H5Fclose} {}

  void add_group(const std::string& name) {
    const Hdf5Handle group{H5Gcreate2(file_.id(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT), H5Gclose};
  }

  void add_number(const std::string& object, const char* name, double number) {
    const Hdf5Handle space{H5Screate(H5S_SCALAR), H5Sclose};
    const Hdf5Handle attribute{H5Acreate_by_name(file_.id(), object.c_str(), name, H5T_IEEE_F64LE, space.id(),
                                                 H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
                               H5Aclose};
    H5Awrite(attribute.id(), H5T_NATIVE_DOUBLE, &number);
  }

  /// Of fixed length.
  void add_text(const std::string& object, const char* name, const std::string& text) {
    const Hdf5Handle space{H5Screate(H5S_SCALAR), H5Sclose};
    const Hdf5Handle type{H5Tcopy(H5T_C_S1), H5Tclose};
    H5Tset_size(type.id(), text.size() + 1);
    const Hdf5Handle attribute{H5Acreate_by_name(file_.id(), object.c_str(), name, type.id(), space.id(), H5P_DEFAULT,
                                                 H5P_DEFAULT, H5P_DEFAULT),
                               H5Aclose};
    H5Awrite(attribute.id(), type.id(), text.c_str());
  }

  /// @param columns  1 for one dimension, more for two
  void add(const Set& set, hsize_t columns = 1) {
    const hsize_t size[] = {set.samples.size() / columns, columns};
    const Hdf5Handle space{H5Screate_simple(columns == 1 ? 1 : 2, size, nullptr), H5Sclose};
    {
      const Hdf5Handle data{
          H5Dcreate2(file_.id(), set.name.c_str(), set.type, space.id(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT),
          H5Dclose};
      H5Dwrite(data.id(), H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, set.samples.data());
    }
    if (set.gain) add_number(set.name, "gain", *set.gain);
    if (set.offset) add_number(set.name, "offset", *set.offset);
    if (!set.unit.empty()) add_text(set.name, "unit", set.unit);
  }

 private:
  Hdf5Handle file_;
};

}  // namespace blondel
