#pragma once

#include <optional>
#include <string>
#include <vector>

#include "references/metering/quantity_list.hpp"
#include "references/metering/recording_summary.hpp"
#include "references/metering/service.hpp"
#include "reports/wave_picture.hpp"

namespace blondel {

/// What `blondel model` was asked; the texts are as they stand on the command line, empty where nothing was said.
struct ModelRequest {
  std::string file;               ///< its ending tells what it is: .yaml, .yml, .csv, .h5, .hdf5
  std::string connection;         ///< of a recording; a spectrum file says its own
  std::string rate;               ///< samples a second, of a recording that does not say it
  std::string group;              ///< in an HDF5 file
  std::string reactive;           ///< what reactive power is; empty: of the fundamental
  std::string nominal;            ///< frequency in Hz, for a reactive power by a fixed delay
  std::string frequency_channel;  ///< of a recording; empty: the strongest voltage
  bool with_picture = false;
};

/// What the reference model says about one file.
struct ModelResult {
  /// One reading of a recording.
  struct Second {
    double begin_s{};  ///< from the first sample
    std::vector<NamedQuantity> quantities, harmonics;
    std::vector<std::string> flags;  ///< why some are withheld; empty: steady
    std::vector<int> dropped;        ///< orders that the rate cannot carry
  };

  std::string file;
  Service service{};
  ReactiveMethod reactive{};
  std::optional<double> rate_hz;          ///< of a recording
  std::size_t rows{};                     ///< of a recording
  std::vector<QuantityOverTime> overall;  ///< over all seconds; of a spectrum simply what it is
  std::vector<NamedQuantity> harmonics;   ///< of a spectrum
  std::vector<Second> seconds;            ///< of a recording
  std::vector<NamedQuantity> energies;    ///< of a recording
  std::optional<WavePicture> picture;     ///< where it was asked for
};

/// Reads a spectrum or a recording and meters it. The reactive power that was asked for stands at the end of every list
/// as "chosen_reactive_power".
/// @throws Failure (usage) for an option that is wrong or has no meaning for this file, (malformed) for a file that is
///         wrong where it stands or cannot be metered.
ModelResult model(const ModelRequest& request);

/// A table for people: twelve significant digits; over more than one second the mean, the lowest and the highest.
std::string model_text(const ModelResult& result);
/// One JSON object, numbers with twelve significant digits.
std::string model_json(const ModelResult& result);

}  // namespace blondel
