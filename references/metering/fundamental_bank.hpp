#pragma once

#include <array>
#include <complex>
#include <cstddef>
#include <vector>

#include "references/metering/sums_kernel.hpp"
#include "references/metering/tapered_second.hpp"

namespace blondel {

/// The fundamentals of one second, taken while its samples pass. Six channels are multiplied by a carrier near the
/// fundamental and by the second's own weight; how far beside the carrier the fundamental stands is told by its centre
/// of time, and what the weight left of it (TaperedSecond::response) is divided out, so the carrier need not be exact.
/// Where nothing is known yet, a bank of carriers 1 Hz apart runs along.
class FundamentalBank {
 public:
  /// The carriers of a search reach from here to there; a fundamental within ±0.6 Hz of one is found.
  static constexpr double lowest_hz = 43, highest_hz = 67;
  using Six = std::array<std::complex<double>, 6>;

  FundamentalBank(double rate_hz, const TaperedSecond& taper);

  /// Begins a second that will be at this frequency, told by channel `reference`.
  void follow(double frequency_hz, std::size_t reference);
  /// Begins a second that will be within 2 Hz of this frequency.
  void seek(double frequency_hz);
  /// Begins a second of which nothing is known.
  void search();

  /// Rows as columns (a multiple of four of them), the first of them `t` seconds after the second's middle. Where
  /// `weight` is a null pointer all weights are 1.
  void add(const SumsKernel& kernel, const double* const* x, const double* weight, std::size_t rows, double t);
  /// Once the rising edge has passed: drops the carriers of a search that cannot be the ones.
  void narrow(std::size_t reference);

  /// The frequency by what has passed when the falling edge begins, if it looks like one steady sine; else NaN.
  double outlook_hz(std::size_t reference) const;
  /// The frequency by the whole second; NaN if there is none.
  double frequency_hz(std::size_t reference) const;
  /// Complex rms of all channels times the number of samples a second. @pre frequency_hz(reference) is not NaN
  Six fundamentals(std::size_t reference) const;

  bool following() const { return following_; }
  std::size_t reference() const { return reference_; }  ///< @pre following()

 private:
  static constexpr std::size_t most = 25;
  /// A carrier over one tile.
  struct Table {
    std::array<double, tile_rows> re, im;
  };
  struct Carrier {
    double frequency_hz{};
    Six sum{}, moment{};  ///< of weight·x·carrier, and of that times time
    std::size_t table{};
    std::complex<double> tile_turn{};  ///< by how much the carrier has turned from one tile to the next
    std::complex<double> anchor{};     ///< where it stands at due_s_
  };
  /// Centre and variance of time under a part of the weight.
  struct Part {
    double centre, variance;
  };

  Part part(double from, double to) const;
  void begin(std::size_t count);
  void tune(std::size_t carrier, double frequency_hz);
  std::size_t strongest(std::size_t reference) const;

  double rate_hz_;
  TaperedSecond taper_;
  Part edge_, most_of_it_;
  std::array<Carrier, most> carrier_{};
  std::vector<Table> table_;
  std::size_t count_ = 0, reference_ = 0;
  double due_s_ = 0;  ///< when the row after a whole tile is due; NaN where no such tile went before
  bool following_ = false;
};

}  // namespace blondel
