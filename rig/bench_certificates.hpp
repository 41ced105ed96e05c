#pragma once

#include <optional>
#include <string>
#include <vector>

#include "references/settings.hpp"
#include "references/uncertainty/certificate.hpp"

namespace blondel {

/// A calibration certificate as a bench file names it.
struct BenchCertificate {
  Certificate certificate;
  std::string file;    ///< as the bench file writes it
  std::string sha256;  ///< of that file
  std::string where;   ///< in the bench file
};

/// The certificates of one instrument, by the list of their files. Paths begin at the bench file's folder.
/// @param instrument  what every certificate must name as its own
/// @param quantities  those that the bench has a use for
/// @throws Failure (malformed) at the entry: no such file, another instrument, a quantity that nobody uses or that
///         stands twice, another serial number than the one before; and what load_certificate() refuses.
std::vector<BenchCertificate> read_certificates(const Settings& list, const std::string& bench_path,
                                                const std::string& instrument,
                                                const std::vector<std::string>& quantities);

/// Nothing where there is none of that quantity.
const BenchCertificate* find_certificate(const std::vector<BenchCertificate>& all, const std::string& quantity);

/// The air around a bench, and how far it and the wiring let reference and meter differ.
struct Environment {
  Temperature temperature;
  double within{};                            ///< K, either way
  std::optional<Ratio> reference_per_kelvin;  ///< of the reference's power, away from the temperature of calibration
  std::optional<Ratio> ct_per_kelvin;         ///< of the CT substitutes' ratio
  std::optional<Ratio> leads;        ///< half-width: the voltage at the meter's terminals by that at the reference's
  std::optional<Ratio> instability;  ///< relative standard deviation of the power between moments that meter and
                                     ///< reference do not share
  bool operator==(const Environment&) const = default;
};

/// Reads `{temperature: 23 degC, within: 2 K, reference_per_kelvin: 2 ppm, ct_per_kelvin: 2 ppm, leads: 5 ppm,
/// instability: 10 ppm}`; all but the first two may be left out. @throws Failure (malformed).
Environment read_environment(const Settings& at);

}  // namespace blondel
