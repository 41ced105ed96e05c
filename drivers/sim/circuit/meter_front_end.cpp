#include "drivers/sim/circuit/meter_front_end.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>

#include "drivers/sim/circuit/keyed_random.hpp"

namespace blondel::sim {

static_assert(MeterFrontEnd::block_rows <= normal_run);

MeterFrontEnd::MeterFrontEnd(const ThreePhaseCircuit& circuit, int position, FrontEndSettings settings)
    : circuit_{circuit},
      position_{position},
      settings_{settings},
      period_ns_{1e9 / (samples_per_second * (1 + settings.clock_ppm * 1e-6))},
      phase_ns_{settings.sampling_phase * period_ns_},
      voltage_gains_{product(voltage_divider(circuit.wires(), circuit.socket(position)), circuit.busbar_gains())},
      codes_(static_cast<std::size_t>(block_rows) * 6),
      part_(static_cast<std::size_t>(block_rows)),
      factor_(static_cast<std::size_t>(block_rows)) {
  if (!(settings.sampling_phase >= 0 && settings.sampling_phase < 1))
    throw std::logic_error{"a sampling phase is 0 to 1 sampling periods"};
  for (auto& wave : wave_) wave.resize(static_cast<std::size_t>(block_rows));
}

void MeterFrontEnd::set_faults(const AnalogFaults& faults) {
  faults_ = faults;
  lines_.known = false;
  block_ = -1;
}

Time MeterFrontEnd::instant(std::int64_t sample) const {
  return Time{Duration{std::llround(phase_ns_ + static_cast<double>(sample) * period_ns_)}};
}

void MeterFrontEnd::instants(std::int64_t first, std::span<std::int64_t> ns) const {
  // As llround does from 1 ns on, at a tenth of its cost.
  for (auto& at : ns) {
    const double exact = phase_ns_ + static_cast<double>(first++) * period_ns_;
    at = exact < 1 ? std::llround(exact) : static_cast<std::int64_t>(exact + 0.5);
  }
}

std::int64_t MeterFrontEnd::first_at(Time at) const {
  const auto ns = static_cast<double>(at.time_since_epoch().count());
  auto n = std::max<std::int64_t>(0, static_cast<std::int64_t>(std::floor((ns - phase_ns_) / period_ns_)) - 1);
  while (instant(n) < at) ++n;
  return n;
}

bool MeterFrontEnd::powered(Time at) const {
  return circuit_.control_power(position_, at);
}
Time MeterFrontEnd::next_power_change(Time after) const {
  return circuit_.next_power_change(position_, after);
}
double MeterFrontEnd::temperature(Time) const {
  return circuit_.socket(position_).temperature_c;
}

void MeterFrontEnd::samples(std::int64_t first, std::span<std::int32_t> counts) {
  if (first < 0 || counts.size() % 6 != 0) throw std::logic_error{"samples are numbered from 0 and have six channels"};
  const auto rows = static_cast<std::int64_t>(counts.size() / 6);
  for (std::int64_t done = 0; done < rows;) {
    const auto block = (first + done) / block_rows;
    const auto row = (first + done) % block_rows;
    const auto take = std::min<std::int64_t>(rows - done, block_rows - row);
    const bool known = block == block_ && circuit_.source().revision() == revision_;
    if (!known && take == block_rows) {
      compute(block, counts.data() + done * 6);
      done += take;
      continue;
    }
    if (!known) {
      compute(block, codes_.data());
      block_ = block;
      revision_ = circuit_.source().revision();
    }
    std::copy_n(codes_.begin() + row * 6, take * 6, counts.begin() + done * 6);
    done += take;
  }
}

void MeterFrontEnd::compute(std::int64_t block, std::int32_t* codes) {
  const auto start = block * block_rows;
  for (int row = 0; row < block_rows;) {
    const auto piece = circuit_.source().piece_at(instant(start + row));
    int end = block_rows;
    if (piece.until < instant(start + block_rows)) end = static_cast<int>(first_at(piece.until) - start);
    compute_piece(block, row, end, piece, codes);
    row = end;
  }
}

MeterFrontEnd::Basis& MeterFrontEnd::basis_for(double frequency_hz) {
  for (auto& basis : bases_)
    if (basis.frequency_hz == frequency_hz) return basis;
  newest_basis_ = 1 - newest_basis_;
  bases_[newest_basis_] = Basis{frequency_hz, {}};
  return bases_[newest_basis_];
}

const MeterFrontEnd::Waves& MeterFrontEnd::waves_for(Basis& basis, int order) {
  auto& waves = basis.orders[order];
  if (waves.cosine.empty()) {
    const double step = 2 * std::numbers::pi * order * basis.frequency_hz * period_ns_ * 1e-9;
    for (int row = 0; row < block_rows; ++row) {
      waves.cosine.push_back(std::cos(step * row));
      waves.sine.push_back(std::sin(step * row));
    }
  }
  return waves;
}

Phasor MeterFrontEnd::transfer(int c, int to, int order, std::uint64_t load) const {
  const int fed = faults_.fed_by[to];
  // A voltage on a current input would burn the meter, so a channel only ever gets a signal of its own kind.
  if (faults_.dead[to] || (fed < ia) != (c < ia)) return 0;
  const auto& socket = circuit_.socket(position_);
  Phasor gain;
  if (c < ia) {
    gain = voltage_gains_[fed][c];
  } else if (fed == c && circuit_.wires().current[c - ia]) {
    const auto ct = circuit_.ct(position_, c - ia, load);
    gain = ct_transfer(ct, socket.ct_input_ohm, order) * circuit_.loop_gain(c - ia) * faults_.ct_scale;
  }
  const double drift = settings_.gain_ppm_per_k * (socket.temperature_c - 25);
  const double own = (1 + (settings_.gain_ppm[to] + drift) * 1e-6) * (1 + faults_.gain_ppm[to] * 1e-6);
  const double delay = (settings_.phase_urad[to] + faults_.phase_urad[to]) * 1e-6;
  return gain * (own * (to < ia ? voltage_counts_per_volt : current_counts_per_volt)) * std::polar(1.0, order * delay);
}

void MeterFrontEnd::know_lines(const Regime& regime) {
  const auto revision = circuit_.source().revision();
  if (lines_.known && lines_.revision == revision && lines_.from == regime.from) return;
  lines_.known = true;
  lines_.revision = revision;
  lines_.from = regime.from;
  auto& orders = lines_.orders;
  orders.clear();
  for (const auto& spectrum : regime.waves)
    for (const auto& [order, z] : spectrum) orders.push_back(order);
  std::ranges::sort(orders);
  orders.erase(std::unique(orders.begin(), orders.end()), orders.end());
  for (int channel = 0; channel < 6; ++channel)
    for (int c = 0; c < 6; ++c) {
      auto& lines = lines_.counts[static_cast<std::size_t>(6 * channel + c)];
      lines.clear();
      if ((channel < ia) != (c < ia)) continue;
      for (const auto& [order, z] : regime.waves[c]) {
        const auto index = std::ranges::lower_bound(orders, order) - orders.begin();
        const Phasor counts = z * transfer(c, channel, order, regime.load);
        if (counts != Phasor{}) lines.push_back({static_cast<std::size_t>(index), counts});
      }
    }
}

void MeterFrontEnd::turn_orders(double frequency_hz, std::int64_t block) {
  const double start_s = (phase_ns_ + static_cast<double>(block * block_rows) * period_ns_) * 1e-9;
  // Whole cycles are taken off before the order multiplies what is left.
  const double cycles = frequency_hz * start_s;
  const double start_angle = 2 * std::numbers::pi * (cycles - std::floor(cycles));
  auto& basis = basis_for(frequency_hz);
  turned_.clear();
  for (const int order : lines_.orders)
    turned_.push_back({&waves_for(basis, order),
                       std::polar(std::numbers::sqrt2, std::fmod(order * start_angle, 2 * std::numbers::pi))});
}

bool MeterFrontEnd::steady(int source_channel, const SourceHistory::Piece& piece) const {
  const auto& settling = piece.regime->settling[source_channel];
  return piece.steady || settling.first == settling.last;
}

SineTerm MeterFrontEnd::term(std::size_t order, Phasor counts, int from) const {
  const auto& [waves, turn] = turned_[order];
  const bool constant = lines_.orders[order] == 0;
  const Phasor weight = constant ? counts : counts * turn;
  return {waves->cosine.data() + from, waves->sine.data() + from, weight.real(), constant ? 0.0 : -weight.imag()};
}

void MeterFrontEnd::steady_terms(int channel, int from, const SourceHistory::Piece& piece,
                                 std::vector<SineTerm>& terms) {
  together_.assign(lines_.orders.size(), Phasor{});
  occurs_.assign(lines_.orders.size(), false);
  for (int c = 0; c < 6; ++c) {
    const auto& lines = lines_.counts[static_cast<std::size_t>(6 * channel + c)];
    if (lines.empty() || !steady(c, piece)) continue;
    const double factor = piece.regime->settling[c].last * flutter_[static_cast<std::size_t>(c)];
    if (factor == 0) continue;
    for (const auto& line : lines) {
      together_[line.order] += line.counts * factor;
      occurs_[line.order] = true;
    }
  }
  terms.clear();
  for (std::size_t order = 0; order < together_.size(); ++order)
    if (occurs_[order]) terms.push_back(term(order, together_[order], from));
}

const double* MeterFrontEnd::unsteady_wave(int channel, std::int64_t block, int from, int to,
                                           const SourceHistory::Piece& piece) {
  const auto rows = static_cast<std::size_t>(to - from);
  double* wave = nullptr;
  for (int c = 0; c < 6; ++c) {
    const auto& lines = lines_.counts[static_cast<std::size_t>(6 * channel + c)];
    if (lines.empty() || steady(c, piece)) continue;
    const double flutter = flutter_[static_cast<std::size_t>(c)];
    if (!wave) {
      wave = wave_[static_cast<std::size_t>(channel)].data();
      std::fill_n(wave, rows, 0.0);
    }
    auto& terms = terms_[static_cast<std::size_t>(channel)];
    terms.clear();
    for (const auto& line : lines) terms.push_back(term(line.order, line.counts * flutter, from));
    std::fill_n(part_.begin(), rows, 0.0);
    add_sines(part_.data(), terms.data(), terms.size(), rows);
    const Duration since = instant(block * block_rows + from) - piece.regime->from;
    piece.regime->settling[c].at_each(in_seconds(since), period_ns_ * 1e-9, std::span{factor_}.first(rows));
    add_product(wave, factor_.data(), part_.data(), rows);
  }
  return wave;
}

void MeterFrontEnd::compute_piece(std::int64_t block, int from, int to, const SourceHistory::Piece& piece,
                                  std::int32_t* codes) {
  know_lines(*piece.regime);
  turn_orders(piece.regime->frequency_hz, block);
  for (int c = 0; c < 6; ++c)
    flutter_[static_cast<std::size_t>(c)] = circuit_.source().flutter(c, piece.flutter_interval);
  std::array<ChannelInput, 6> inputs;
  for (int channel = 0; channel < 6; ++channel) {
    auto& input = inputs[static_cast<std::size_t>(channel)];
    auto& terms = terms_[static_cast<std::size_t>(channel)];
    input.wave = unsteady_wave(channel, block, from, to, piece);
    steady_terms(channel, from, piece, terms);
    input.terms = terms.data();
    input.term_count = terms.size();
    const auto place = keyed_bits({circuit_.settings().seed, static_cast<std::uint64_t>(Purpose::converter_noise),
                                   static_cast<std::uint64_t>(position_), static_cast<std::uint64_t>(channel),
                                   static_cast<std::uint64_t>(block)}) %
                       normal_table_size;
    input.noise = normal_table() + place + from;
    input.noise_rms = std::hypot(settings_.noise_counts, faults_.noise_counts);
    input.offset = settings_.offset_counts[channel] + faults_.offset_counts[channel];
  }
  convert(codes + static_cast<std::size_t>(from) * 6, inputs, static_cast<std::size_t>(to - from));
}

}  // namespace blondel::sim
