#pragma once

#include <array>
#include <cstdint>
#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "references/error.hpp"
#include "references/metering/fundamental_bank.hpp"
#include "references/metering/moments.hpp"
#include "references/metering/sample_block.hpp"
#include "references/metering/sums_kernel.hpp"
#include "references/metering/tapered_second.hpp"

namespace blondel {

/// Level 1 of the metering model: the weighted means of one second after the other, from samples of six channels at
/// whatever rate, coherent with nothing.
///
/// Reading k is the second from 0.1 s + k to 1.1 s + k after the first sample, its edges tapered over 200 ms; it is
/// complete 100 ms after its end. An edge is shared by two readings whose weights add up to 1, so no sample is lost or
/// counted twice: the sum of K readings is the energy of the recording with one tapered edge in front and one behind.
/// What precedes the middle of the first edge or follows the middle of the last belongs to no reading.
///
/// The frequency is that of the strongest voltage (of the strongest current where no voltage stands), 42.4 to 67.6 Hz.
/// It is carried from one second to the next and sought anew in the first and after a change; a second in which it
/// changes by more than 0.6 Hz against what was expected has none, and its fundamentals are NaN.
///
/// Nothing is allocated after construction.
class TaperedMetering {
 public:
  static constexpr double lowest_rate_hz = 500, highest_rate_hz = 1e6;

  /// @returns an Error (malformed) for a rate outside the limits above, or gains and offsets that are no numbers
  static Result<TaperedMetering> create(double rate_hz, const ChannelScale& scale,
                                        TaperKernel kernel = TaperKernel::blackman_harris,
                                        const SumsKernel& loops = sums_kernel());

  /// Takes the rows of a block of any length, and calls `sink(const Moments&)` for every second they complete.
  template <class T, class Sink>
  void push(SampleBlock<T> block, Sink&& sink) {
    while (const auto reading = advance(block)) sink(*reading);
  }

  /// Takes rows off the block until a second is complete or none is left. T is double, std::int16_t or std::int32_t.
  template <class T>
  std::optional<Moments> advance(SampleBlock<T>& rest);

  /// Whether no sample of the seconds still open was NaN or infinite.
  bool finite() const;

 private:
  static constexpr std::size_t column_stride = tile_rows + 8;  ///< not a power of two, for the cache's sake
  using Columns = std::array<const double*, 6>;

  /// The sums of a second while it is open.
  struct Second {
    std::array<double, 21> product{};  ///< as SumsKernel::products
    std::array<double, 6> sum{};
    FundamentalBank bank;
    long long number = -1;
  };

  TaperedMetering(double rate_hz, const ChannelScale& scale, TaperKernel kernel, const SumsKernel& loops);

  Second& open() { return second_[static_cast<std::size_t>(open_)]; }
  Second& next() { return second_[static_cast<std::size_t>(1 - open_)]; }
  const Second& open() const { return second_[static_cast<std::size_t>(open_)]; }
  double* column(std::size_t k) { return tile_.data() + k * column_stride; }

  template <class T>
  std::size_t columns(const SampleBlock<T>& block, std::size_t rows, Columns& x);
  void begin_second();
  void shape_edge();
  void take(const Columns& x, std::size_t rows);
  void take_edge(const Columns& x, std::size_t rows, double t);
  std::optional<Moments> end_of_edge();
  std::size_t reference(const Second& second) const;
  Moments moments(const Second& second);

  double rate_hz_;
  ChannelScale scale_;
  bool offset_ = false;  ///< any is not 0
  TaperedSecond taper_;
  const SumsKernel* loops_;
  std::vector<double> tile_;              ///< six columns of samples that could not be read in place; and one of zeros
  std::vector<double> rising_, falling_;  ///< the weights of an edge, for the second that begins and the one that ends
  std::vector<Second> second_;
  int open_ = 0;
  bool in_edge_ = true;
  long long row_ = 0, first_row_ = 0, edge_end_ = 0, next_first_ = 0;  ///< of the newest second
  double lead_s_ = 0;                                                  ///< from the whole second to first_row_
  double last_hz_ = std::numeric_limits<double>::quiet_NaN();          ///< of the second completed last
};

/// All readings of a recording. @returns an Error (malformed) if it is shorter than 1.2 s, has a sample that is NaN,
/// infinite or too large to be squared (told by channel and row, counted from 0), or cannot be metered at all
template <class T>
Result<std::vector<Moments>> tapered_readings(const SampleBlock<T>& recording, double rate_hz,
                                              const ChannelScale& scale,
                                              TaperKernel kernel = TaperKernel::blackman_harris);

}  // namespace blondel
