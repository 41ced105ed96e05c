#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "references/error.hpp"

namespace blondel {

class CsvFile;

/// How the words of a point are to be read; the most significant word comes first.
enum class RegisterFormat { uint16, sint16, uint32, float32 };

/// What the raw integer must be multiplied with: nothing, a factor of the map, or ten to the power that the meter
/// itself tells in its scale factor register for current, voltage, power or energy.
enum class RegisterScale { none, fixed, current, voltage, power, energy };

/// One point of a meter's register map, as its manual prints it.
struct RegisterPoint {
  int number{};   ///< as printed, from 1
  int address{};  ///< on the wire: number - 1
  int words{};    ///< a multiple of the format's own width; more than that is a window of equal entries
  std::string name;
  bool readable{}, writable{}, non_volatile{};
  RegisterFormat format{};
  std::string unit;
  RegisterScale scale{};
  double factor{1};                                         ///< where the scale is fixed
  std::optional<double> minimum, maximum, factory_default;  ///< raw
  std::optional<int> twin;        ///< the number of the point that tells the same as integer or as float
  int after_firmware{};           ///< exists only in firmware above this version × 1000; 0 = in all
  std::vector<int> system_types;  ///< in which the value means something
  std::string note, provenance;

  bool valid_in(int system_type) const;
  bool operator==(const RegisterPoint&) const = default;
};

/// Words that one value of this format takes.
int width(RegisterFormat format);
/// "uint16", ...
std::string_view name(RegisterFormat format);

/// The register map of a meter model, read from its CSV file and checked whole.
class RegisterMap {
 public:
  /// @throws Failure (malformed) with file, line and column: broken syntax, unknown words, a name used twice, points
  ///         that overlap, address ≠ number - 1, words that do not fit the format, a minimum, maximum or default the
  ///         format cannot hold, a twin that is not there or is no twin.
  static RegisterMap load(const std::string& path);
  /// The same for a text; `name` stands where the file name would.
  static RegisterMap parse(const std::string& text, const std::string& name);

  /// @throws Failure (malformed) with the nearest name there is.
  const RegisterPoint& at(const std::string& name) const;
  /// The point of that name, or null.
  const RegisterPoint* find(const std::string& name) const;
  /// The point that begins at that printed number, or null.
  const RegisterPoint* find(int number) const;
  /// All points, in rising order of their number.
  const std::vector<RegisterPoint>& points() const { return points_; }
  /// The file it came from.
  const std::string& file() const { return file_; }

 private:
  static RegisterMap from(const CsvFile& file);

  std::string file_;
  std::vector<RegisterPoint> points_;
};

}  // namespace blondel
