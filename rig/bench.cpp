#include "rig/bench.hpp"

#include <fmt/format.h>

namespace blondel {

namespace {

// Channels of position 0, which break ties between instruments that are due at the same instant.
constexpr Order source_order{0, 10}, reference_order{0, 11}, control_power_order{0, 12}, recorder_order{0, 13};

template <class Maker>
auto make(const Catalog<Maker>& catalog, const std::string& driver, const Settings& at, Surroundings& around,
          Order order) {
  auto instrument = value_or_throw(catalog.find(driver, at.where()))(at, around, order);
  at.finish();
  return instrument;
}

}  // namespace

Bench::Bench(BenchFile file, Surroundings& around)
    : file_{std::move(file)},
      around_{around},
      source_{make(ac_sources(), file_.source_driver, file_.source(), around, source_order)},
      reference_{make(reference_meters(), file_.reference_driver, file_.reference(), around, reference_order)},
      control_power_{
          make(control_powers(), file_.control_power_driver, file_.control_power(), around, control_power_order)} {
  if (file_.recorder) recorder_ = around.recorder(file_.recorder->rate.si(), recorder_order);
  const auto sockets = static_cast<int>(file_.sockets.size());
  if (const int switched = control_power_->positions(); switched != sockets) {
    const auto said = file_.control_power().find("positions");
    throw(said ? *said : file_.control_power())
        .failure(fmt::format("expected control power for every position of the bench and for no other; it switches {}, "
                             "and the bench has {}",
                             switched, sockets));
  }
}

void Bench::open_socket(int position) {
  const auto& socket = file_.sockets.at(static_cast<std::size_t>(position) - 1);
  meters_[position] = make(meters(), file_.meter, socket.settings, around_, Order{position, 1});
  pulses_[position] = around_.contact(socket.pulses, Order{position, 3});
  alarms_[position] = socket.alarm.empty() ? nullptr : around_.contact(socket.alarm, Order{position, 4});
}

std::optional<Bench::Refusal> Bench::refuses(const LoadPoint& point) const {
  if (auto why = file_.envelope.outside(point)) return Refusal{Fault::refused, *why};
  if (auto why = source_->cannot(point)) return Refusal{Fault::incapable, "the source cannot: " + *why};
  if (auto why = reference_->cannot(point)) return Refusal{Fault::incapable, "the reference meter cannot: " + *why};
  return std::nullopt;
}

}  // namespace blondel
