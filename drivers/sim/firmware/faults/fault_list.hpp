#pragma once

#include <string>
#include <vector>

namespace blondel::sim {

/// A departure of a firmware build from the meter's guide, made on purpose.
struct FirmwareFault {
  std::string name;       ///< as a bench file writes it: "stale registers"
  std::string statement;  ///< what the guide promises and this breaks, under every reading of its open questions
  std::string reference;  ///< where the guide says so
};

/// The faults of series_4000_k_faulty, in the order of their list.
const std::vector<FirmwareFault>& firmware_faults();

/// One permitted answer to a question that the guide leaves open, other than the usual one.
struct FirmwareVariant {
  std::string key, value;  ///< a setting of the build: "refusal", "echo"
  bool operator==(const FirmwareVariant&) const = default;
};

/// Every value of every open question but the usual ones; of a range of numbers both ends and the middle. What belongs
/// to the unit and its port (address, speed, version) is not among them: there the bench must know which it is.
const std::vector<FirmwareVariant>& firmware_variants();

}  // namespace blondel::sim
