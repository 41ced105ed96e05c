#include <fmt/format.h>

#include <algorithm>

#include "drivers/control_power/control_power.hpp"
#include "drivers/scpi/scpi_client.hpp"

namespace blondel {

namespace {

using namespace std::chrono_literals;

constexpr const char* where = "control_power/scpi-switch";

/// A relay unit with the ROUTe subsystem: relay n, closed, powers the meter at position n. Opening the connection
/// moves no relay.
/// Source: SCPI-1999 volume 2, ROUTe subsystem; channel lists as in volume 1.
class ScpiSwitch final : public ControlPower {
 public:
  ScpiSwitch(Surroundings& around, Order order, std::string address, int positions, Duration timeout)
      : around_{around}, order_{order}, address_{std::move(address)}, positions_{positions}, timeout_{timeout} {}

  Task<Identity> open(Time deadline) override {
    auto wire = co_await around_.connect(address_, order_, deadline);
    client_ = std::make_unique<ScpiClient>(std::move(wire), around_.clock(), where);
    const auto left = [&] {
      return std::min<Duration>(timeout_, std::max(Duration{}, deadline - around_.clock().now()));
    };
    const auto fields = split(co_await client_->ask("*IDN?", left()), ',');
    if (fields.size() != 4) throw Failure{Fault::protocol, where, "'*IDN?' was answered without four fields"};
    co_await client_->send("*CLS", left());
    // The last position there must be answers for all of them.
    co_await client_->ask_integer(fmt::format("ROUT:CLOS? (@{})", positions_), left());
    Identity identity{.maker = fields[0], .model = fields[1], .serial = fields[2], .firmware = fields[3]};
    co_return identity;
  }

  int positions() const override { return positions_; }

  Task<void> set(int position, bool on) override {
    const auto command = fmt::format("ROUT:{} (@{})", on ? "CLOS" : "OPEN", within(position));
    co_await client().send(command, timeout_);
    co_await client().expect_no_errors("'" + command + "'", timeout_);
    const bool is = co_await is_on(position);
    if (is != on)
      throw Failure{
          Fault::instrument, where,
          fmt::format("the relay of position {} is {} after '{}'", position, on ? "open" : "closed", command)};
  }

  Task<bool> is_on(int position) override {
    const auto query = fmt::format("ROUT:CLOS? (@{})", within(position));
    const auto answer = co_await client().ask_integer(query, timeout_);
    if (answer != 0 && answer != 1)
      throw Failure{Fault::protocol, where, fmt::format("'{}' was answered {} where 0 or 1 belongs", query, answer)};
    co_return answer == 1;
  }

 private:
  int within(int position) const {
    if (position < 1 || position > positions_)
      throw Failure{Fault::incapable, where,
                    fmt::format("there is no position {}; there are {}", position, positions_)};
    return position;
  }
  ScpiClient& client() {
    if (!client_) throw Failure{Fault::unreachable, where, "not connected"};
    return *client_;
  }

  Surroundings& around_;
  Order order_;
  std::string address_;
  int positions_;
  Duration timeout_;
  std::unique_ptr<ScpiClient> client_;
};

[[maybe_unused]] const bool listed = control_powers().add(
    "scpi-switch", "relay unit with the SCPI ROUTe subsystem, relay n for position n",
    [](const Settings& at, Surroundings& around, Order order) -> std::unique_ptr<ControlPower> {
      const auto positions = at.at("positions").integer();
      if (positions < 1 || positions > 80) throw at.at("positions").failure("expected 1 to 80");
      const auto timeout = at.find("timeout");
      return std::make_unique<ScpiSwitch>(around, order, at.at("address").text(), static_cast<int>(positions),
                                          timeout ? timeout->duration() : Duration{2s});
    });

}  // namespace

}  // namespace blondel
