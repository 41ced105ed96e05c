#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "reports/record_fields.hpp"

namespace blondel {

class Hdf5Handle;

/// The text as HDF5 can hold it: UTF-8 without NUL, which would end it. What is neither stands as U+FFFD.
std::string hdf5_text(std::string_view text);

/// A name for a link: letters, digits, `_`, `-` and `.` stay, every other byte and a leading `.` become %XX, as in
/// a URI (RFC 3986, 2.1), so no text from outside can name another place in the file.
std::string hdf5_name(std::string_view text);

/// A group of an Hdf5File that is being written. Names are ours or come from hdf5_name(); texts are stored through
/// hdf5_text(), with variable length. Everything throws Failure (Fault::storage) that names file and object.
class Hdf5Group {
 public:
  /// A new group in this one.
  Hdf5Group group(const std::string& name);

  void attribute_text(const std::string& name, std::string_view text);
  void attribute_number(const std::string& name, double number);
  void attribute_integer(const std::string& name, std::int64_t number);
  void attribute_flag(const std::string& name, bool flag);

  /// One text.
  void text(const std::string& name, std::string_view text);
  /// One-dimensional data sets; `about` becomes their attributes, {"unit", "s"} among them.
  void texts(const std::string& name, const std::vector<std::string>& column, const Pairs& about = {});
  void numbers(const std::string& name, const std::vector<double>& column, const Pairs& about = {});
  void integers(const std::string& name, const std::vector<std::int64_t>& column, const Pairs& about = {});
  /// As an enumeration of FALSE and TRUE in one byte, which h5py reads as bool.
  void flags(const std::string& name, const std::vector<bool>& column, const Pairs& about = {});

  /// A link to the root group of another file, whose name is relative to the folder of this one.
  void link(const std::string& name, const std::string& file);

 private:
  friend class Hdf5File;
  Hdf5Group(std::shared_ptr<const Hdf5Handle> handle, std::string where);
  void column(const std::string& name, std::int64_t type, const void* data, std::size_t rows, const Pairs& about);

  std::shared_ptr<const Hdf5Handle> handle_;
  std::string where_;  ///< file and path in it, for messages
};

/// An HDF5 file that is made in memory, for files that must be there whole or not at all, and the same bytes for the
/// same content: it holds no times, and its form is one that library 1.8 and every later one reads.
class Hdf5File {
 public:
  /// @param name  of the file, for messages
  explicit Hdf5File(std::string name);

  Hdf5Group root();
  /// The file as it would stand on a disk. @throws Failure (Fault::storage).
  std::string bytes() const;

 private:
  std::string name_;
  std::shared_ptr<const Hdf5Handle> file_;
};

}  // namespace blondel
