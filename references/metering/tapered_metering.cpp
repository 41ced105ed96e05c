#include "references/metering/tapered_metering.hpp"

#include <algorithm>
#include <cmath>

#include "references/metering/service.hpp"

namespace blondel {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

const Gather<double>& gather(const SumsKernel& loops, double) {
  return loops.real;
}
const Gather<std::int16_t>& gather(const SumsKernel& loops, std::int16_t) {
  return loops.short_counts;
}
const Gather<std::int32_t>& gather(const SumsKernel& loops, std::int32_t) {
  return loops.counts;
}

/// Where the product of channels j <= k stands in SumsKernel::products.
std::size_t place(std::size_t j, std::size_t k) {
  constexpr std::array<std::array<std::size_t, 3>, 3> triangle{{{0, 1, 2}, {1, 3, 4}, {2, 4, 5}}};
  if (k < 3) return triangle[j][k];
  if (j >= 3) return 6 + triangle[j - 3][k - 3];
  return 12 + 3 * j + (k - 3);
}

template <class T>
bool six_side_by_side(const SampleBlock<T>& block) {
  if (block.stride != 6 || block.channel[0] == nullptr) return false;
  for (std::size_t k = 1; k < 6; ++k)
    if (block.channel[k] != block.channel[0] + k) return false;
  return true;
}

template <class T>
void drop(SampleBlock<T>& block, std::size_t rows) {
  for (auto& channel : block.channel)
    if (channel != nullptr) channel += static_cast<std::ptrdiff_t>(rows) * block.stride;
  block.rows -= rows;
}

std::size_t to_fours(std::size_t rows) {
  return (rows + 3) / 4 * 4;
}

}  // namespace

Result<TaperedMetering> TaperedMetering::create(double rate_hz, const ChannelScale& scale, TaperKernel kernel,
                                                const SumsKernel& loops) {
  if (!(rate_hz >= lowest_rate_hz && rate_hz <= highest_rate_hz))
    return fail(Fault::malformed, "sampling rate",
                fmt::format("expected {} to {} samples a second, found {}", lowest_rate_hz, highest_rate_hz, rate_hz));
  for (std::size_t k = 0; k < 6; ++k)
    if (!std::isfinite(scale.gain[k]) || !std::isfinite(scale.offset[k]))
      return fail(Fault::malformed, std::string{channel_names[k]},
                  fmt::format("expected a gain and an offset, found {} and {}", scale.gain[k], scale.offset[k]));
  return TaperedMetering{rate_hz, scale, kernel, loops};
}

TaperedMetering::TaperedMetering(double rate_hz, const ChannelScale& scale, TaperKernel kernel, const SumsKernel& loops)
    : rate_hz_{rate_hz},
      scale_{scale},
      offset_{std::ranges::any_of(scale.offset, [](double o) { return o != 0; })},
      taper_{kernel},
      loops_{&loops},
      tile_(7 * column_stride),
      second_(2, Second{.product = {}, .sum = {}, .bank = FundamentalBank{rate_hz, taper_}, .number = -1}) {
  const auto longest = static_cast<std::size_t>(TaperedSecond::edge_s * rate_hz) + 8;
  rising_.resize(longest);
  falling_.resize(longest);
  lead_s_ = nan;  // no edge has been shaped yet
  begin_second();
}

void TaperedMetering::shape_edge() {
  std::ranges::fill(rising_, 0.0);
  std::ranges::fill(falling_, 0.0);
  for (std::size_t n = 0; n < static_cast<std::size_t>(edge_end_ - first_row_); ++n) {
    rising_[n] = taper_.rise(lead_s_ + static_cast<double>(n) / rate_hz_ - TaperedSecond::edge_s / 2);
    falling_[n] = 1 - rising_[n];
  }
}

/// At the first row of a rising edge: the second before it is known but for its falling edge.
void TaperedMetering::begin_second() {
  const Second& before = open();
  Second& second = next();
  second.number = before.number + 1;
  second.product = {};
  second.sum = {};
  const double number = static_cast<double>(second.number);
  // Rows are counted from the whole second on, whatever the rate: a fraction of a row is kept as time.
  first_row_ = static_cast<long long>(std::ceil(number * rate_hz_));
  next_first_ = static_cast<long long>(std::ceil((number + 1) * rate_hz_));
  const double lead = (static_cast<double>(first_row_) - number * rate_hz_) / rate_hz_;
  edge_end_ = first_row_ + static_cast<long long>(std::ceil((TaperedSecond::edge_s - lead) * rate_hz_ - 1e-6));
  if (lead != lead_s_) {
    lead_s_ = lead;
    shape_edge();
  }
  in_edge_ = true;
  if (before.number < 0) return second.bank.search();
  const std::size_t by = before.bank.following() ? before.bank.reference() : reference(before);
  const double outlook = before.bank.outlook_hz(by);
  if (!std::isfinite(outlook)) return second.bank.search();
  // A frequency that has held for two seconds is taken as it was measured, free of the edge still missing.
  if (std::abs(outlook - last_hz_) < 0.02) return second.bank.follow(last_hz_, by);
  second.bank.seek(outlook);
}

/// The strongest voltage, or the strongest current where no voltage stands.
std::size_t TaperedMetering::reference(const Second& second) const {
  std::size_t best = 0;
  const auto strength = [&](std::size_t k) { return second.product[place(k, k)] * scale_.gain[k] * scale_.gain[k]; };
  for (std::size_t k = 1; k < 3; ++k)
    if (strength(k) > strength(best)) best = k;
  if (strength(best) > 0) return best;
  for (std::size_t k = 3; k < 6; ++k)
    if (strength(k) > strength(best)) best = k;
  return best;
}

/// The next rows as columns of double, at most `rows`: where they lie if they are such, else through the tile.
template <class T>
std::size_t TaperedMetering::columns(const SampleBlock<T>& block, std::size_t rows, Columns& x) {
  if constexpr (std::is_same_v<T, double>) {
    if (block.stride == 1 && !offset_ && rows >= 4) {
      for (std::size_t k = 0; k < 6; ++k) x[k] = block.channel[k] != nullptr ? block.channel[k] : column(6);
      return rows / 4 * 4;
    }
  }
  const auto& loop = gather(*loops_, T{});
  std::array<double*, 6> out{};
  for (std::size_t k = 0; k < 6; ++k) out[k] = column(k);
  if (six_side_by_side(block)) {
    loop.interleaved(block.channel[0], rows, scale_.offset.data(), out.data());
  } else {
    for (std::size_t k = 0; k < 6; ++k)
      if (block.channel[k] != nullptr) loop.column(block.channel[k], block.stride, rows, scale_.offset[k], out[k]);
  }
  for (std::size_t k = 0; k < 6; ++k) x[k] = block.channel[k] != nullptr ? out[k] : column(6);
  return rows;
}

template <class T>
std::optional<Moments> TaperedMetering::advance(SampleBlock<T>& rest) {
  while (rest.rows > 0) {
    const long long boundary = in_edge_ ? edge_end_ : next_first_;
    const std::size_t most = std::min({tile_rows, rest.rows, static_cast<std::size_t>(boundary - row_)});
    Columns x{};
    const std::size_t rows = columns(rest, most, x);
    take(x, rows);
    drop(rest, rows);
    row_ += static_cast<long long>(rows);
    if (row_ < boundary) continue;
    if (!in_edge_) {
      begin_second();
    } else if (auto reading = end_of_edge()) {
      return reading;
    }
  }
  return std::nullopt;
}

void TaperedMetering::take(const Columns& x, std::size_t rows) {
  const double t = lead_s_ + static_cast<double>(row_ - first_row_) / rate_hz_ - 0.5 - TaperedSecond::edge_s / 2;
  if (in_edge_) return take_edge(x, to_fours(rows), t);
  Second& second = open();
  double product[21], sum[6];
  loops_->products(x.data(), nullptr, to_fours(rows), product, sum);
  for (std::size_t k = 0; k < 21; ++k) second.product[k] += product[k];
  for (std::size_t k = 0; k < 6; ++k) second.sum[k] += sum[k];
  second.bank.add(*loops_, x.data(), nullptr, to_fours(rows), t);
}

/// Rows of an edge go by their weight to the second that begins, and with all that is left of them to the one that
/// ends: the two sums together are the plain one, to the last bit but one.
void TaperedMetering::take_edge(const Columns& x, std::size_t rows, double t) {
  const auto at = static_cast<std::size_t>(row_ - first_row_);
  double whole[21], part[21], sum[6], weighted_sum[6];
  loops_->weighted_products(x.data(), rising_.data() + at, rows, part, weighted_sum);
  Second& begins = next();
  for (std::size_t k = 0; k < 21; ++k) begins.product[k] += part[k];
  for (std::size_t k = 0; k < 6; ++k) begins.sum[k] += weighted_sum[k];
  begins.bank.add(*loops_, x.data(), rising_.data() + at, rows, t);
  Second& ends = open();
  if (ends.number < 0) return;
  loops_->products(x.data(), nullptr, rows, whole, sum);
  for (std::size_t k = 0; k < 21; ++k) ends.product[k] += whole[k] - part[k];
  for (std::size_t k = 0; k < 6; ++k) ends.sum[k] += sum[k] - weighted_sum[k];
  ends.bank.add(*loops_, x.data(), falling_.data() + at, rows, t + 1);
}

std::optional<Moments> TaperedMetering::end_of_edge() {
  std::optional<Moments> reading;
  if (open().number >= 0) reading = moments(open());
  open().product = {};
  open_ = 1 - open_;
  open().bank.narrow(reference(open()));
  in_edge_ = false;
  return reading;
}

Moments TaperedMetering::moments(const Second& second) {
  Moments m;
  m.begin_s = static_cast<double>(second.number) + TaperedSecond::edge_s / 2;
  for (std::size_t j = 0; j < 6; ++j) {
    const auto row = static_cast<Eigen::Index>(j);
    m.mean[row] = second.sum[j] * scale_.gain[j] / rate_hz_;
    for (std::size_t k = j; k < 6; ++k) {
      const auto column = static_cast<Eigen::Index>(k);
      m.product(row, column) = second.product[place(j, k)] * (scale_.gain[j] * scale_.gain[k]) / rate_hz_;
      m.product(column, row) = m.product(row, column);
    }
  }
  m.finite = m.product.allFinite() && m.mean.allFinite();
  const std::size_t by = second.bank.following() ? second.bank.reference() : reference(second);
  const auto strongest = static_cast<Eigen::Index>(by);
  m.frequency_hz = second.bank.frequency_hz(by);
  if (std::isfinite(m.frequency_hz)) {
    m.fundamental = second.bank.fundamentals(by);
    for (std::size_t k = 0; k < 6; ++k) m.fundamental[k] *= scale_.gain[k] / rate_hz_;
    // Below a twentieth of the rms value it is an accident of noise, harmonics or DC.
    if (!(std::abs(m.fundamental[by]) > 0.05 * std::sqrt(m.product(strongest, strongest)))) m.frequency_hz = nan;
  }
  if (!std::isfinite(m.frequency_hz)) m.fundamental.fill({nan, nan});
  last_hz_ = m.frequency_hz;
  return m;
}

bool TaperedMetering::finite() const {
  for (const Second& second : second_)
    if (!std::ranges::all_of(second.product, [](double p) { return std::isfinite(p); })) return false;
  return true;
}

namespace {

template <class T>
Error worst_sample(const SampleBlock<T>& recording, const ChannelScale& scale) {
  for (std::size_t row = 0; row < recording.rows; ++row)
    for (std::size_t k = 0; k < 6; ++k) {
      if (recording.channel[k] == nullptr) continue;
      const auto sample =
          static_cast<double>(recording.channel[k][static_cast<std::ptrdiff_t>(row) * recording.stride]);
      const double value = (sample - scale.offset[k]) * scale.gain[k];
      const auto where = fmt::format("{}, row {}", channel_names[k], row);
      if (!std::isfinite(sample)) return {Fault::malformed, where, fmt::format("expected a number, found {}", sample)};
      if (!(std::abs(value) < 1e140)) return {Fault::malformed, where, fmt::format("{} cannot be squared", sample)};
    }
  return {Fault::malformed, "recording", "the sums of its samples are no numbers"};
}

}  // namespace

template <class T>
Result<std::vector<Moments>> tapered_readings(const SampleBlock<T>& recording, double rate_hz,
                                              const ChannelScale& scale, TaperKernel kernel) {
  auto engine = TaperedMetering::create(rate_hz, scale, kernel);
  if (!engine) return tl::unexpected{engine.error()};
  std::vector<Moments> readings;
  readings.reserve(static_cast<std::size_t>(static_cast<double>(recording.rows) / rate_hz) + 1);
  bool finite = true;
  engine->push(recording, [&](const Moments& m) {
    finite = finite && m.finite;
    readings.push_back(m);
  });
  if (!finite || !engine->finite()) return tl::unexpected{worst_sample(recording, scale)};
  if (readings.empty())
    return fail(Fault::malformed, "recording",
                fmt::format("expected at least 1.2 s, found {} s", static_cast<double>(recording.rows) / rate_hz));
  return readings;
}

template std::optional<Moments> TaperedMetering::advance(SampleBlock<double>&);
template std::optional<Moments> TaperedMetering::advance(SampleBlock<std::int16_t>&);
template std::optional<Moments> TaperedMetering::advance(SampleBlock<std::int32_t>&);
template Result<std::vector<Moments>> tapered_readings(const SampleBlock<double>&, double, const ChannelScale&,
                                                       TaperKernel);
template Result<std::vector<Moments>> tapered_readings(const SampleBlock<std::int16_t>&, double, const ChannelScale&,
                                                       TaperKernel);
template Result<std::vector<Moments>> tapered_readings(const SampleBlock<std::int32_t>&, double, const ChannelScale&,
                                                       TaperKernel);

}  // namespace blondel
