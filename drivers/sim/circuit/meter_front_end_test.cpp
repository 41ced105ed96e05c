#include "drivers/sim/circuit/meter_front_end.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "drivers/sim/circuit/keyed_random.hpp"
#include "drivers/time/virtual_clock.hpp"

namespace blondel::sim {
namespace {

using namespace std::chrono_literals;

constexpr double pi = std::numbers::pi;
constexpr double volt = 8388608.0 / 720, ct_volt = 8388608.0 / 2.4;

struct Bench {
  explicit Bench(int system_type = 40, double flutter_ppm = 0) {
    settings.system_type = system_type;
    settings.source = {.gain_bound_ppm = 0,
                       .phase_bound_urad = 0,
                       .flutter_ppm = flutter_ppm,
                       .voltage_output_ohm = 0,
                       .current_output_ohm = std::numeric_limits<double>::infinity()};
    settings.sockets.resize(2);
    for (auto& socket : settings.sockets) {
      socket.voltage_lead_ohm = {0, 0, 0};
      for (auto& ct : socket.ct) ct = {.ratio_v_per_a = 0.2, .output_ohm = 0};
    }
  }
  ThreePhaseCircuit& circuit() {
    if (!built) built = std::make_unique<ThreePhaseCircuit>(clock, settings);
    return *built;
  }
  VirtualClock clock;
  CircuitSettings settings;
  std::unique_ptr<ThreePhaseCircuit> built;
};

SetPoint distorted(double hz) {
  SetPoint point{.on = true, .frequency_hz = hz, .channels = {}};
  for (int c = 0; c < 6; ++c) {
    const double size = c < 3 ? 230 : 5;
    point.channels[c][1] = std::polar(size, -2.0943951 * (c % 3) - (c < 3 ? 0 : 0.5));
    point.channels[c][3] = std::polar(size * 0.04, 0.3 + c);
    point.channels[c][7] = std::polar(size * 0.02, -1.0 + c);
    point.channels[c][20] = std::polar(size * 0.005, 2.0);
  }
  return point;
}

std::vector<std::int32_t> take(MeterFrontEnd& meter, std::int64_t first, std::int64_t rows) {
  std::vector<std::int32_t> counts(static_cast<std::size_t>(rows) * 6);
  meter.samples(first, counts);
  return counts;
}

/// The wave of the definition, one cosine a component.
double direct(const Spectrum& spectrum, double hz, double t) {
  double v = 0;
  for (const auto& [order, z] : spectrum)
    v += order == 0 ? z.real() : std::numbers::sqrt2 * std::abs(z) * std::cos(2 * pi * order * hz * t + std::arg(z));
  return v;
}

TEST(MeterFrontEnd, CodesAreTheWavesAtTheMetersOwnInstants) {
  Bench bench;
  const auto point = distorted(59.87);
  bench.circuit().set(point, Time{Circuit::notice});
  MeterFrontEnd meter{bench.circuit(), 2, {.clock_ppm = 40, .sampling_phase = 0.37, .noise_counts = 0}};
  const std::int64_t first = 2520 * 60 + 17;
  const auto counts = take(meter, first, 1300);
  const double period = 1.0 / (2520 * (1 + 40e-6));
  for (std::int64_t n = 0; n < 1300; ++n) {
    const double t = (static_cast<double>(first + n) + 0.37) * period;
    for (int c = 0; c < 6; ++c) {
      const double expected = direct(point.channels[c], 59.87, t) * (c < 3 ? volt : 0.2 * ct_volt);
      ASSERT_NEAR(counts[n * 6 + c], expected, 0.502) << "sample " << n << " channel " << c;
    }
  }
}

TEST(MeterFrontEnd, InstantsFollowTheMetersClock) {
  Bench bench;
  MeterFrontEnd meter{bench.circuit(), 1, {.clock_ppm = -50, .sampling_phase = 0.25}};
  EXPECT_NEAR(in_seconds(meter.instant(0)), 0.25 / (2520 * (1 - 50e-6)), 1e-9);
  EXPECT_NEAR(in_seconds(meter.instant(2520 * 1000)) - in_seconds(meter.instant(0)), 1000 * (1 + 50e-6), 1e-5);
  for (const std::int64_t n : {0, 1, 503, 504, 2520, 999999}) {
    EXPECT_EQ(meter.first_at(meter.instant(n)), n);
    EXPECT_EQ(meter.first_at(meter.instant(n) + 1ns), n + 1);
  }
  EXPECT_EQ(meter.first_at(Time{}), 0);
}

TEST(MeterFrontEnd, SamplesDoNotDependOnHowCallsAreCut) {
  for (const int system_type : {40, 31}) {
    Bench bench{system_type, 30};
    bench.circuit().set(distorted(50), Time{50ms});
    bench.circuit().set(distorted(61.3), Time{900ms});
    auto half = distorted(61.3);
    half.channels[ib] = {};
    bench.circuit().set(half, Time{1234ms});
    bench.circuit().set(SetPoint{}, Time{3500ms});
    const FrontEndSettings own{.clock_ppm = 33, .sampling_phase = 0.9, .noise_counts = 40};
    MeterFrontEnd whole{bench.circuit(), 1, own}, cut{bench.circuit(), 1, own};
    const auto expected = take(whole, 0, 10000);
    std::vector<std::int32_t> got;
    std::uint64_t key = 0;
    for (std::int64_t at = 0; at < 10000;) {
      const auto rows = std::min<std::int64_t>(10000 - at, 1 + static_cast<std::int64_t>(keyed_bits({++key}) % 700));
      if (key % 5 == 0)
        take(cut, static_cast<std::int64_t>(keyed_bits({key, 1}) % 9000), 30);  // somewhere else between
      const auto part = take(cut, at, rows);
      got.insert(got.end(), part.begin(), part.end());
      at += rows;
    }
    EXPECT_EQ(got, expected);
  }
}

TEST(MeterFrontEnd, SetPointToldAfterABlockWasBegunChangesOnlyWhatFollows) {
  Bench bench, later;
  const FrontEndSettings own{.noise_counts = 20};
  bench.circuit().set(distorted(50), Time{20ms});
  bench.circuit().set(distorted(55), Time{5070ms});
  MeterFrontEnd knows{bench.circuit(), 1, own};
  const auto expected = take(knows, 5000, 10000);

  later.circuit().set(distorted(50), Time{20ms});
  MeterFrontEnd learns{later.circuit(), 1, own};
  const auto border = learns.first_at(Time{5070ms}) - 3;
  auto got = take(learns, 5000, border - 5000);
  later.circuit().set(distorted(55), Time{5070ms});
  const auto rest = take(learns, border, 15000 - border);
  got.insert(got.end(), rest.begin(), rest.end());
  EXPECT_EQ(got, expected);
}

TEST(MeterFrontEnd, WaveFollowsTheSourceWhileItSettles) {
  Bench bench{31};
  bench.settings.source.time_constant = 300ms;
  const auto before = distorted(50);
  auto after = distorted(50);
  for (auto& [order, z] : after.channels[ub]) z *= 0.5;
  bench.circuit().set(before, Time{20ms});
  bench.circuit().set(after, Time{20s});
  MeterFrontEnd meter{bench.circuit(), 1, {.noise_counts = 0}};
  const auto first = meter.first_at(Time{20s});
  const auto counts = take(meter, first, 1500);
  for (std::int64_t n = 0; n < 1500; ++n) {
    const double t = in_seconds(meter.instant(first + n));
    const double factor =
        1 + std::exp(-(t - 20) / 0.3);  // of phase B: from twice its new amplitude; instants are told to 1 ns
    const double b = direct(after.channels[ub], 50, t) * factor;
    const double a = direct(after.channels[ua], 50, t), c = direct(after.channels[uc], 50, t);
    ASSERT_NEAR(counts[n * 6 + ub], (b - (a + b + c) / 3) * volt, 1.2) << n;
    ASSERT_NEAR(counts[n * 6 + ua], (a - (a + b + c) / 3) * volt, 1.2) << n;
  }
}

TEST(MeterFrontEnd, OwnErrorsAndFaultsShowInTheCodes) {
  Bench bench;
  SetPoint point{.on = true, .frequency_hz = 50, .channels = {}};
  for (int c = 0; c < 6; ++c) point.channels[c][1] = std::polar(c < 3 ? 230.0 : 5.0, 0.1 * c);
  bench.circuit().set(point, Time{20ms});
  MeterFrontEnd good{bench.circuit(), 1, {.noise_counts = 0}};
  MeterFrontEnd bad{bench.circuit(),
                    1,
                    {.gain_ppm = {0, 0, 0, 1500, 0, 0}, .offset_counts = {0, 0, 0, 0, 1000, 0}, .noise_counts = 0}};
  AnalogFaults faults;
  faults.gain_ppm[ua] = -2000;
  faults.phase_urad[uc] = 3000;
  faults.dead[ib] = false;
  faults.dead[ic] = true;
  faults.fed_by[ub] = ua;
  faults.ct_scale = 0.333;
  bad.set_faults(faults);
  const std::int64_t first = 504 * 100;
  const auto g = take(good, first, 504), b = take(bad, first, 504);
  for (std::int64_t n = 0; n < 504; ++n) {
    const double t = in_seconds(good.instant(first + n));
    ASSERT_NEAR(b[n * 6 + ua], g[n * 6 + ua] * 0.998, 1.1);
    ASSERT_NEAR(b[n * 6 + ub], g[n * 6 + ua], 1.1);
    const double turned = std::numbers::sqrt2 * 230 * std::cos(2 * pi * 50 * t + 0.2 + 0.003);
    ASSERT_NEAR(b[n * 6 + uc], turned * volt, 1.1);
    ASSERT_NEAR(b[n * 6 + ia], g[n * 6 + ia] * 0.333 * 1.0015, 1.1);
    ASSERT_NEAR(b[n * 6 + ib], g[n * 6 + ib] * 0.333 + 1000, 1.1);
    ASSERT_EQ(b[n * 6 + ic], 0);
  }
}

TEST(MeterFrontEnd, ConverterHoldsAtTheEndsOfItsRange) {
  Bench bench;
  SetPoint point{.on = true, .frequency_hz = 50, .channels = {}};
  point.channels[ua][1] = 600;
  point.channels[ia][1] = 20;
  bench.circuit().set(point, Time{20ms});
  MeterFrontEnd meter{bench.circuit(), 1, {}};
  const auto counts = take(meter, 504 * 50, 504);
  std::int32_t least = 0, most = 0;
  for (std::size_t i = 0; i < counts.size(); i += 6) {
    least = std::min(least, counts[i]);
    most = std::max(most, counts[i]);
  }
  EXPECT_EQ(least, -8388608);
  EXPECT_EQ(most, 8388607);
}

TEST(MeterFrontEnd, NoiseHasItsRmsAndDiffersByPositionChannelAndSeed) {
  Bench bench, other;
  other.settings.seed = 2;
  MeterFrontEnd one{bench.circuit(), 1, {.noise_counts = 100}}, two{bench.circuit(), 2, {.noise_counts = 100}},
      seeded{other.circuit(), 1, {.noise_counts = 100}};
  const auto a = take(one, 0, 50400), b = take(two, 0, 50400), c = take(seeded, 0, 50400);
  double squares = 0, with_channel = 0, with_position = 0, with_seed = 0;
  for (std::size_t n = 0; n < 50400; ++n) {
    const double x = a[n * 6];
    squares += x * x;
    with_channel += x * a[n * 6 + 1];
    with_position += x * b[n * 6];
    with_seed += x * c[n * 6];
  }
  EXPECT_NEAR(std::sqrt(squares / 50400), 100, 2);
  EXPECT_LT(std::abs(with_channel / squares), 0.1);
  EXPECT_LT(std::abs(with_position / squares), 0.1);
  EXPECT_LT(std::abs(with_seed / squares), 0.1);
}

TEST(MeterFrontEnd, DirectVoltageReachesTheConverterAndStopsAtTheCt) {
  Bench bench{40};
  SetPoint point{.on = true, .frequency_hz = 50, .channels = {}};
  point.channels[ua][0] = 10;
  point.channels[ia][0] = 1;
  bench.circuit().set(point, Time{20ms});
  MeterFrontEnd meter{bench.circuit(), 1, {.noise_counts = 0}};
  const auto counts = take(meter, 504 * 100, 10);
  EXPECT_NEAR(counts[0], 10 * volt, 0.51);
  EXPECT_EQ(counts[3], 0);
}

TEST(MeterFrontEnd, TwoSystemTypesConnectWhatTheySay) {
  Bench bench{10};
  bench.circuit().set(distorted(60), Time{20ms});
  MeterFrontEnd meter{bench.circuit(), 1, {.noise_counts = 0}};
  const auto counts = take(meter, 504 * 100, 504);
  for (std::size_t i = 0; i < counts.size(); i += 6) {
    EXPECT_EQ(counts[i + 1], 0);
    EXPECT_EQ(counts[i + 2], 0);
    EXPECT_EQ(counts[i + 4], 0);
    EXPECT_EQ(counts[i + 5], 0);
  }
  EXPECT_NE(counts[0], 0);
  EXPECT_NE(counts[3], 0);
}

TEST(MeterFrontEnd, InstantsOfManySamplesAreThoseOfEach) {
  VirtualClock clock;
  CircuitSettings settings;
  settings.sockets.resize(1);
  const ThreePhaseCircuit circuit{clock, settings};
  for (const double phase : {0.0, 1e-6, 0.3, 0.999}) {
    const MeterFrontEnd meter{circuit, 1, {.clock_ppm = 17.3, .sampling_phase = phase}};
    // The beginning, and a stretch of the fortieth day.
    for (const std::int64_t first : {std::int64_t{0}, std::int64_t{2520} * 86400 * 40}) {
      std::vector<std::int64_t> together(20000);
      meter.instants(first, together);
      for (std::size_t n = 0; n < together.size(); ++n)
        ASSERT_EQ(together[n], meter.instant(first + static_cast<std::int64_t>(n)).time_since_epoch().count())
            << first << " + " << n;
    }
  }
}

SetPoint sinusoidal(double lag) {
  SetPoint point{.on = true, .frequency_hz = 50, .channels = {}};
  for (int k = 0; k < 3; ++k) {
    point.channels[k][1] = std::polar(230.0, -2 * pi / 3 * k);
    point.channels[k + 3][1] = std::polar(5.0, -2 * pi / 3 * k - lag);
  }
  return point;
}

/// rms of a channel over a block that is a whole number of periods, in counts.
double block_rms(MeterFrontEnd& meter, std::int64_t block, int channel) {
  const auto counts = take(meter, block * MeterFrontEnd::block_rows, MeterFrontEnd::block_rows);
  double squares = 0;
  for (std::size_t row = 0; row < MeterFrontEnd::block_rows; ++row)
    squares += std::pow(counts[row * 6 + static_cast<std::size_t>(channel)], 2);
  return std::sqrt(squares / MeterFrontEnd::block_rows);
}

TEST(MeterFrontEnd, CtSubstitutesThatAreDrawnAtEveryLoadHoldFromOneSetPointToTheNext) {
  Bench bench;
  bench.settings.ct_errors_at_every_load = CtErrors{.common_ratio_ppm = ErrorDistribution::normal(0, 2000)};
  auto& circuit = bench.circuit();
  FrontEndSettings quiet;
  quiet.noise_counts = 0;
  MeterFrontEnd meter{circuit, 1, quiet};
  const auto error_at = [&](std::int64_t block, int phase) {
    return block_rms(meter, block, ia + phase) / (5 * 0.2 * ct_volt) - 1;
  };
  circuit.set(sinusoidal(0), Time{Circuit::notice});
  // The meter may have been run ahead of what happens next: within block 50, ten seconds after the start.
  const auto ahead = error_at(50, 0), first = error_at(49, 0);
  bench.clock.run(bench.clock.pause(10s));
  circuit.set(sinusoidal(0.1), Time{10s + 100ms});
  circuit.set(sinusoidal(0.1), Time{10s + 100ms});  // nothing new, so no other load
  const auto second = error_at(51, 0);

  EXPECT_NEAR(first, circuit.ct(1, 0, 1).ratio_error_ppm * 1e-6, 1e-7);
  EXPECT_NEAR(ahead, first, 1e-7);
  EXPECT_NEAR(second, circuit.ct(1, 0, 2).ratio_error_ppm * 1e-6, 1e-7);
  EXPECT_GT(std::abs(first - second), 1e-5);
  EXPECT_NEAR(error_at(49, 0), first, 1e-12) << "what was, stays";
  EXPECT_NEAR(error_at(200, 2), second, 1e-7) << "all three of a position alike";
  EXPECT_NE(circuit.ct(2, 0, 2), circuit.ct(1, 0, 2));
  // Half of block 50 is of the first load, half of the second.
  const double both = std::sqrt((std::pow(1 + first, 2) + std::pow(1 + second, 2)) / 2) - 1;
  EXPECT_NEAR(error_at(50, 0), both, 1e-5);
}

}  // namespace
}  // namespace blondel::sim
