#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "references/error.hpp"
#include "references/quantity.hpp"

namespace blondel {

/// A place in a YAML file that people write: plan, bench or certificate.
///
/// Every reader names file, line and column in its Failure (Fault::malformed, "plan.yaml:14:7") and says what was
/// expected and what stood there. Values carry their unit (`480 V`, `0.333 V`, `15 min`); a bare number where a
/// quantity is asked for, a wrong unit, `.nan` and `.inf` are refused. A map that has been read must be closed with
/// finish(), which refuses the keys nobody asked for (with the nearest known name as a hint). Duplicate keys are
/// refused when the file is loaded.
class Settings {
 public:
  /// Reads a whole file. @throws Failure when it cannot be opened, is not YAML or repeats a key anywhere.
  static Settings load(const std::string& path);
  /// The same for a text; `name` stands where the file name would.
  static Settings parse(const std::string& text, const std::string& name);

  Settings(const Settings&);
  Settings(Settings&&) noexcept;
  Settings& operator=(const Settings&);
  Settings& operator=(Settings&&) noexcept;
  ~Settings();

  bool has(const std::string& key) const;
  /// The child at `key`. @throws Failure when it is missing.
  Settings at(const std::string& key) const;
  std::optional<Settings> find(const std::string& key) const;
  /// The elements of a sequence, in order. @throws Failure when this is not a sequence.
  std::vector<Settings> items() const;
  /// The keys of a map, in file order. @throws Failure when this is not a map.
  std::vector<std::string> keys() const;
  bool is_map() const;
  bool is_sequence() const;
  bool is_scalar() const;

  // A scalar, as what it must be.
  std::string text() const;
  bool boolean() const;                       ///< true or false, nothing else
  long long integer() const;                  ///< a whole number without a unit
  double number() const;                      ///< a finite number without a unit
  Voltage voltage() const;                    ///< "480 V", "0.333 V", "1 kV", "50 mV"
  Current current() const;                    ///< "5 A", "50 mA", "1 kA"
  Frequency frequency() const;                ///< "60 Hz"
  Angle angle() const;                        ///< "60 deg", "1 mrad", "0.1 rad", "3 urad"
  Resistance resistance() const;              ///< "10.6 kohm", "0.2 ohm", "2.5 Mohm"
  Ratio ratio() const;                        ///< "0.5 %", "20 ppm"
  Temperature temperature() const;            ///< "25 degC"
  ActiveEnergy energy() const;                ///< "10 Wh", "1 kWh"
  std::chrono::nanoseconds duration() const;  ///< "250 ms", "30 s", "15 min", "2 h"
  /// One of these words. @returns its index.
  std::size_t one_of(const std::vector<std::string>& words) const;

  /// Refuses every key of this map that nobody asked for with has, at or find.
  void finish() const;

  /// A copy of this place in which the word `$name`, or `${name}` with letters behind it, reads `by` wherever it stands
  /// in a text below it. Lines and columns stay those of the file. @returns nothing where the word stands nowhere.
  std::optional<Settings> with_word(const std::string& name, const std::string& by) const;

  /// "plan.yaml:14:7"
  std::string where() const;
  /// A Failure at this place: `what` should say what was expected.
  [[nodiscard]] Failure failure(std::string what, Fault fault = Fault::malformed) const;

 private:
  struct Place;
  explicit Settings(std::shared_ptr<const Place> place);
  std::shared_ptr<const Place> place_;
};

}  // namespace blondel
