#pragma once

#include <filesystem>

#include "drivers/reference_meters/reference_meter.hpp"
#include "drivers/waveform_recorders/waveform_recorder.hpp"
#include "references/quantity.hpp"
#include "rig/run_journal.hpp"
#include "rig/second_oracle.hpp"

namespace blondel {

/// Keeps what stood at the reference meter's terminals, and computes it a second time from the samples: the engine's
/// tapered second against the reference meter's own powers.
class WaveformWitness {
 public:
  /// @param uncertainty  of the recorder, expanded (k = 2), relative to apparent power
  /// @param folder       where the recordings are kept, one file each; made when the first comes
  WaveformWitness(WaveformRecorder& recorder, Ratio uncertainty, RunJournal& record, std::filesystem::path folder)
      : recorder_{recorder}, uncertainty_{uncertainty}, record_{record}, folder_{std::move(folder)} {}

  /// What one reading of the engine takes: a second, its edges and a little.
  static constexpr Duration length{1'250'000'000};

  /// Records, keeps the recording and puts its hash on record. @throws Failure.
  Task<void> record(Waveform& into);

  /// P and S of every phase by the reference meter and by the engine from the waveform, put on record. The two have
  /// nothing in common but the terminals, so each brings its whole uncertainty.
  /// @throws Failure (instrument) where the recording cannot be measured.
  std::vector<TwoOracles> compare(const Waveform& waveform, const ReferenceReading& reading, Ratio expanded);

 private:
  WaveformRecorder& recorder_;
  Ratio uncertainty_;
  RunJournal& record_;
  std::filesystem::path folder_;
  int kept_ = 0;
};

}  // namespace blondel
