#include "drivers/sim/circuit/meter_front_end.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <stdexcept>

#include "drivers/sim/circuit/keyed_random.hpp"
#include "drivers/sim/circuit/sine_sum.hpp"

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
      wave_(static_cast<std::size_t>(block_rows)),
      part_(static_cast<std::size_t>(block_rows)),
      factor_(static_cast<std::size_t>(block_rows)) {
  if (!(settings.sampling_phase >= 0 && settings.sampling_phase < 1))
    throw std::logic_error{"a sampling phase is 0 to 1 sampling periods"};
}

void MeterFrontEnd::set_faults(const AnalogFaults& faults) {
  faults_ = faults;
  for (auto& orders : transfers_) orders.clear();
  block_ = -1;
}

Time MeterFrontEnd::instant(std::int64_t sample) const {
  return Time{Duration{std::llround(phase_ns_ + static_cast<double>(sample) * period_ns_)}};
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
    if (block != block_ || circuit_.source().revision() != revision_) compute(block);
    const auto take = std::min<std::int64_t>(rows - done, block_rows - row);
    std::copy_n(codes_.begin() + row * 6, take * 6, counts.begin() + done * 6);
    done += take;
  }
}

void MeterFrontEnd::compute(std::int64_t block) {
  const auto start = block * block_rows;
  for (int row = 0; row < block_rows;) {
    const auto piece = circuit_.source().piece_at(instant(start + row));
    int end = block_rows;
    if (piece.until < instant(start + block_rows)) end = static_cast<int>(first_at(piece.until) - start);
    compute_piece(block, row, end, piece);
    row = end;
  }
  block_ = block;
  revision_ = circuit_.source().revision();
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

Phasor MeterFrontEnd::transfer(int c, int to, int order) const {
  const int fed = faults_.fed_by[to];
  // A voltage on a current input would burn the meter, so a channel only ever gets a signal of its own kind.
  if (faults_.dead[to] || (fed < ia) != (c < ia)) return 0;
  const auto& socket = circuit_.socket(position_);
  Phasor gain;
  if (c < ia) {
    gain = voltage_gains_[fed][c];
  } else if (fed == c && circuit_.wires().current[c - ia]) {
    gain = ct_transfer(socket, c - ia, order) * circuit_.loop_gain(c - ia) * faults_.ct_scale;
  }
  const double drift = settings_.gain_ppm_per_k * (socket.temperature_c - 25);
  const double own = (1 + (settings_.gain_ppm[to] + drift) * 1e-6) * (1 + faults_.gain_ppm[to] * 1e-6);
  const double delay = (settings_.phase_urad[to] + faults_.phase_urad[to]) * 1e-6;
  return gain * (own * (to < ia ? voltage_counts_per_volt : current_counts_per_volt)) * std::polar(1.0, order * delay);
}

Phasor MeterFrontEnd::known_transfer(int c, int to, int order) {
  auto& orders = transfers_[static_cast<std::size_t>(c) * 6 + static_cast<std::size_t>(to)];
  const auto found = orders.find(order);
  return found != orders.end() ? found->second : orders.emplace(order, transfer(c, to, order)).first->second;
}

void MeterFrontEnd::add(const std::vector<Term>& terms, Basis& basis, int from, int to, double* wave) {
  const auto rows = static_cast<std::size_t>(to - from);
  std::size_t i = 0;
  for (; i + 1 < terms.size(); i += 2) {
    const auto& one = waves_for(basis, terms[i].order);
    const auto& two = waves_for(basis, terms[i + 1].order);
    add_two_sines(wave, one.cosine.data() + from, one.sine.data() + from, terms[i].a, terms[i].b,
                  two.cosine.data() + from, two.sine.data() + from, terms[i + 1].a, terms[i + 1].b, rows);
  }
  if (i < terms.size()) {
    const auto& one = waves_for(basis, terms[i].order);
    add_sine(wave, one.cosine.data() + from, one.sine.data() + from, terms[i].a, terms[i].b, rows);
  }
}

void MeterFrontEnd::compute_piece(std::int64_t block, int from, int to, const SourceHistory::Piece& piece) {
  const auto& regime = *piece.regime;
  const auto start = block * block_rows;
  const auto rows = static_cast<std::size_t>(to - from);
  const double start_s = (phase_ns_ + static_cast<double>(start) * period_ns_) * 1e-9;
  // Whole cycles are taken off before the order multiplies what is left.
  const double cycles = regime.frequency_hz * start_s;
  const double start_angle = 2 * std::numbers::pi * (cycles - std::floor(cycles));
  auto& basis = basis_for(regime.frequency_hz);

  const auto terms_of = [&](const Spectrum& counts) {
    std::vector<Term> terms;
    for (const auto& [order, z] : counts) {
      const Phasor turned =
          order == 0 ? z : z * std::polar(std::numbers::sqrt2, std::fmod(order * start_angle, 2 * std::numbers::pi));
      terms.push_back({order, turned.real(), order == 0 ? 0.0 : -turned.imag()});
    }
    return terms;
  };

  for (int channel = 0; channel < 6; ++channel) {
    std::fill_n(wave_.begin(), rows, 0.0);
    Spectrum together;  // of all source channels, where their factors are constant over the piece
    for (int c = channel < ia ? 0 : 3; c < (channel < ia ? 3 : 6); ++c) {
      const bool steady = piece.steady || regime.settling[c].first == regime.settling[c].last;
      const double flutter = circuit_.source().flutter(c, piece.flutter_interval);
      const double factor = steady ? regime.settling[c].last * flutter : flutter;
      if (factor == 0) continue;
      Spectrum own;
      for (const auto& [order, z] : regime.waves[c]) {
        const Phasor counts = z * known_transfer(c, channel, order) * factor;
        if (counts != Phasor{}) (steady ? together : own)[order] += counts;
      }
      if (own.empty()) continue;
      std::fill_n(part_.begin(), rows, 0.0);
      add(terms_of(own), basis, from, to, part_.data());
      for (int row = from; row < to; ++row)
        factor_[row - from] = regime.settling[c].at(in_seconds(instant(start + row) - regime.from));
      add_product(wave_.data(), factor_.data(), part_.data(), rows);
    }
    add(terms_of(together), basis, from, to, wave_.data());

    const double noise_rms = std::hypot(settings_.noise_counts, faults_.noise_counts);
    const auto place = keyed_bits({circuit_.settings().seed, static_cast<std::uint64_t>(Purpose::converter_noise),
                                   static_cast<std::uint64_t>(position_), static_cast<std::uint64_t>(channel),
                                   static_cast<std::uint64_t>(block)}) %
                       normal_table_size;
    quantise(codes_.data() + static_cast<std::size_t>(from) * 6 + channel, 6, wave_.data(),
             normal_table() + place + from, noise_rms,
             settings_.offset_counts[channel] + faults_.offset_counts[channel], rows);
  }
}

}  // namespace blondel::sim
