#include "reports/hdf5_file.hpp"

#include <fmt/format.h>

#include "references/error.hpp"
#include "references/metering/hdf5_handle.hpp"
#include "reports/utf8.hpp"

namespace blondel {
namespace {

constexpr std::size_t growth = std::size_t{1} << 20;  ///< bytes by which the memory of a file grows

[[noreturn]] void refuse(const std::string& where, const std::string& what) {
  const auto reason = Hdf5Silence::last_reason();
  throw Failure{Fault::storage, where, reason.empty() ? what : what + ": " + reason};
}

/// An open thing, or the reason why it is not.
Hdf5Handle opened(hid_t id, Hdf5Handle::Close close, const std::string& where, const char* what) {
  if (id < 0) refuse(where, what);
  return {id, close};
}

/// @param object_class  whose properties are asked for; none of them may hold the time
Hdf5Handle without_times(hid_t object_class, const std::string& where) {
  auto list = opened(H5Pcreate(object_class), H5Pclose, where, "its properties cannot be made");
  if (H5Pset_obj_track_times(list.id(), false) < 0) refuse(where, "its properties cannot be set");
  return list;
}

Hdf5Handle text_type(const std::string& where) {
  auto type = opened(H5Tcopy(H5T_C_S1), H5Tclose, where, "the type of texts cannot be made");
  if (H5Tset_size(type.id(), H5T_VARIABLE) < 0 || H5Tset_cset(type.id(), H5T_CSET_UTF8) < 0)
    refuse(where, "the type of texts cannot be made");
  return type;
}

Hdf5Handle flag_type(const std::string& where) {
  auto type = opened(H5Tenum_create(H5T_STD_I8LE), H5Tclose, where, "the type of flags cannot be made");
  const std::int8_t no = 0;
  const std::int8_t yes = 1;
  if (H5Tenum_insert(type.id(), "FALSE", &no) < 0 || H5Tenum_insert(type.id(), "TRUE", &yes) < 0)
    refuse(where, "the type of flags cannot be made");
  return type;
}

Hdf5Handle scalar_space(const std::string& where) {
  return opened(H5Screate(H5S_SCALAR), H5Sclose, where, "its space cannot be made");
}

/// What the data are in memory, for a type in the file.
hid_t native_of(hid_t type) {
  switch (H5Tget_class(type)) {
    case H5T_INTEGER: return H5T_NATIVE_INT64;
    case H5T_FLOAT: return H5T_NATIVE_DOUBLE;
    default: return type;  // texts and flags have no byte order
  }
}

void write_attribute(const Hdf5Handle& object, const std::string& name, hid_t type, const void* data,
                     const std::string& where) {
  const auto space = scalar_space(where);
  const auto attribute = opened(H5Acreate2(object.id(), name.c_str(), type, space.id(), H5P_DEFAULT, H5P_DEFAULT),
                                H5Aclose, where, "the attribute cannot be made");
  if (H5Awrite(attribute.id(), native_of(type), data) < 0) refuse(where, "the attribute cannot be written");
}

void write_text_attribute(const Hdf5Handle& object, const std::string& name, std::string_view text,
                          const std::string& where) {
  const auto stored = hdf5_text(text);
  const char* bytes = stored.c_str();
  write_attribute(object, name, text_type(where).id(), &bytes, where);
}

}  // namespace

std::string hdf5_text(std::string_view text) {
  std::string stored;
  stored.reserve(text.size());
  while (!text.empty()) {
    const auto code_point = take_code_point(text);
    append_code_point(stored, code_point == 0 ? replacement_character : code_point);
  }
  return stored;
}

std::string hdf5_name(std::string_view text) {
  constexpr std::string_view harmless = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.";
  std::string name;
  for (const char c : text) {
    const bool stays = harmless.find(c) != std::string_view::npos && !(c == '.' && name.empty());
    name += stays ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return name.empty() ? "%" : name;
}

Hdf5Group::Hdf5Group(std::shared_ptr<const Hdf5Handle> handle, std::string where)
    : handle_{std::move(handle)}, where_{std::move(where)} {}

Hdf5Group Hdf5Group::group(const std::string& name) {
  const Hdf5Silence silence;
  auto where = where_ + "/" + name;
  const auto list = without_times(H5P_GROUP_CREATE, where);
  auto made = opened(H5Gcreate2(handle_->id(), name.c_str(), H5P_DEFAULT, list.id(), H5P_DEFAULT), H5Gclose, where,
                     "the group cannot be made");
  return {std::make_shared<const Hdf5Handle>(std::move(made)), std::move(where)};
}

void Hdf5Group::attribute_text(const std::string& name, std::string_view text) {
  const Hdf5Silence silence;
  write_text_attribute(*handle_, name, text, where_ + "@" + name);
}

void Hdf5Group::attribute_number(const std::string& name, double number) {
  const Hdf5Silence silence;
  write_attribute(*handle_, name, H5T_IEEE_F64LE, &number, where_ + "@" + name);
}

void Hdf5Group::attribute_integer(const std::string& name, std::int64_t number) {
  const Hdf5Silence silence;
  write_attribute(*handle_, name, H5T_STD_I64LE, &number, where_ + "@" + name);
}

void Hdf5Group::attribute_flag(const std::string& name, bool flag) {
  const Hdf5Silence silence;
  const auto where = where_ + "@" + name;
  const std::int8_t byte = flag ? 1 : 0;
  write_attribute(*handle_, name, flag_type(where).id(), &byte, where);
}

void Hdf5Group::text(const std::string& name, std::string_view text) {
  const Hdf5Silence silence;
  const auto where = where_ + "/" + name;
  const auto type = text_type(where);
  const auto space = scalar_space(where);
  const auto list = without_times(H5P_DATASET_CREATE, where);
  const auto set =
      opened(H5Dcreate2(handle_->id(), name.c_str(), type.id(), space.id(), H5P_DEFAULT, list.id(), H5P_DEFAULT),
             H5Dclose, where, "the data set cannot be made");
  const auto stored = hdf5_text(text);
  const char* bytes = stored.c_str();
  if (H5Dwrite(set.id(), type.id(), H5S_ALL, H5S_ALL, H5P_DEFAULT, &bytes) < 0)
    refuse(where, "the data set cannot be written");
}

void Hdf5Group::column(const std::string& name, std::int64_t type, const void* data, std::size_t rows,
                       const Pairs& about) {
  const auto where = where_ + "/" + name;
  const hsize_t size = rows;
  const auto space = opened(H5Screate_simple(1, &size, nullptr), H5Sclose, where, "its space cannot be made");
  const auto list = without_times(H5P_DATASET_CREATE, where);
  const auto set =
      opened(H5Dcreate2(handle_->id(), name.c_str(), type, space.id(), H5P_DEFAULT, list.id(), H5P_DEFAULT), H5Dclose,
             where, "the data set cannot be made");
  if (rows != 0 && H5Dwrite(set.id(), native_of(type), H5S_ALL, H5S_ALL, H5P_DEFAULT, data) < 0)
    refuse(where, "the data set cannot be written");
  for (const auto& [word, text] : about) write_text_attribute(set, word, text, where + "@" + word);
}

void Hdf5Group::texts(const std::string& name, const std::vector<std::string>& rows, const Pairs& about) {
  const Hdf5Silence silence;
  std::vector<std::string> stored;
  stored.reserve(rows.size());
  for (const auto& row : rows) stored.push_back(hdf5_text(row));
  std::vector<const char*> bytes;
  bytes.reserve(rows.size());
  for (const auto& row : stored) bytes.push_back(row.c_str());
  const auto type = text_type(where_ + "/" + name);
  column(name, type.id(), bytes.data(), bytes.size(), about);
}

void Hdf5Group::numbers(const std::string& name, const std::vector<double>& rows, const Pairs& about) {
  const Hdf5Silence silence;
  column(name, H5T_IEEE_F64LE, rows.data(), rows.size(), about);
}

void Hdf5Group::integers(const std::string& name, const std::vector<std::int64_t>& rows, const Pairs& about) {
  const Hdf5Silence silence;
  column(name, H5T_STD_I64LE, rows.data(), rows.size(), about);
}

void Hdf5Group::flags(const std::string& name, const std::vector<bool>& rows, const Pairs& about) {
  const Hdf5Silence silence;
  std::vector<std::int8_t> bytes(rows.begin(), rows.end());
  const auto type = flag_type(where_ + "/" + name);
  column(name, type.id(), bytes.data(), bytes.size(), about);
}

void Hdf5Group::link(const std::string& name, const std::string& file) {
  const Hdf5Silence silence;
  if (H5Lcreate_external(file.c_str(), "/", handle_->id(), name.c_str(), H5P_DEFAULT, H5P_DEFAULT) < 0)
    refuse(where_ + "/" + name, "the link cannot be made");
}

Hdf5File::Hdf5File(std::string name) : name_{std::move(name)} {
  const Hdf5Silence silence;
  const auto access = opened(H5Pcreate(H5P_FILE_ACCESS), H5Pclose, name_, "its properties cannot be made");
  // The earliest form a content permits. The later ones have a checksum, which H5Fget_file_image() of library 1.10 does
  // not renew when it takes back the mark of a file that is being written: nobody could open what it gives.
  if (H5Pset_fapl_core(access.id(), growth, false) < 0 ||
      H5Pset_libver_bounds(access.id(), H5F_LIBVER_EARLIEST, H5F_LIBVER_V18) < 0)
    refuse(name_, "its properties cannot be set");
  const auto list = without_times(H5P_FILE_CREATE, name_);
  file_ = std::make_shared<const Hdf5Handle>(
      opened(H5Fcreate(name_.c_str(), H5F_ACC_TRUNC, list.id(), access.id()), H5Fclose, name_, "cannot be made"));
}

Hdf5Group Hdf5File::root() {
  const Hdf5Silence silence;
  auto made = opened(H5Gopen2(file_->id(), "/", H5P_DEFAULT), H5Gclose, name_, "its root cannot be opened");
  return {std::make_shared<const Hdf5Handle>(std::move(made)), name_ + ":"};
}

std::string Hdf5File::bytes() const {
  const Hdf5Silence silence;
  if (H5Fflush(file_->id(), H5F_SCOPE_GLOBAL) < 0) refuse(name_, "cannot be finished");
  const auto size = H5Fget_file_image(file_->id(), nullptr, 0);
  if (size < 0) refuse(name_, "cannot be finished");
  std::string bytes(static_cast<std::size_t>(size), '\0');
  if (H5Fget_file_image(file_->id(), bytes.data(), bytes.size()) != size) refuse(name_, "cannot be finished");
  return bytes;
}

}  // namespace blondel
