// Leviton Series 4000-K. Source: installation guide ZL0138-0A; frames after the MODBUS application protocol V1.1b3.

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

#include "drivers/meters/meter.hpp"
#include "drivers/meters/register_blocks.hpp"
#include "drivers/modbus/modbus_client.hpp"
#include "drivers/transport/visa_address.hpp"
#include "references/data_folder.hpp"
#include "references/register_maps/register_codec.hpp"

namespace blondel {
namespace {

using namespace std::chrono_literals;

/// Between these blocks the map has gaps, and what reading one does is not printed.
const std::vector<RegisterRange> readable{{1, 52}, {129, 154}, {257, 346}, {7001, 7001}};
/// The float block in one piece; the Modbus limit would be 125. How many registers a meter gives at once is not
/// printed, so one that refuses is asked for fewer.
constexpr std::array<int, 3> read_lengths{90, 54, 32};
/// The data sheet does not say how soon the meter answers; up to a second is read as permitted.
constexpr Duration longest_delay = 1s;
/// The longest answer in characters: 125 registers, with address, function, count and checksum.
constexpr int longest_answer = 255;
/// The longest text that the family's meters tell of themselves, with what stands around it.
constexpr int identity_answer = 128;
/// A configuration write takes up to about 2 s until it is checked and stored (sibling E50H5A).
constexpr Duration storing = 2s;
/// Demand commands act at the end of a 1 s cycle and may not come more often.
constexpr Duration demand_command_spacing = 10s;

struct Command {
  std::string_view name;
  std::uint16_t code;
  bool of_demand;
};
constexpr std::array<Command, 4> commands{{
    {"clear_energy", 30078, false},
    {"clear_pulse_counters", 16498, false},
    {"new_demand_interval", 21211, true},
    {"reset_max_demand", 21212, true},
}};

/// What a person may configure, in the order of writing: the PT ratio before the voltage that is checked against it,
/// the system before the pulse energy that is checked against its power.
constexpr std::array<const char*, 11> configuration{"system_type",
                                                    "ct_primary",
                                                    "ct_secondary",
                                                    "pt_ratio",
                                                    "system_voltage",
                                                    "display_units",
                                                    "phase_loss_voltage_threshold",
                                                    "phase_loss_imbalance_threshold",
                                                    "pulse_energy",
                                                    "demand_subintervals",
                                                    "demand_subinterval_length"};

/// The identity text varies with the model behind this.
constexpr std::string_view maker = "Leviton";
constexpr std::string_view family = "Series 4000";

class Series4000K final : public Meter {
 public:
  Series4000K(Clock& clock, std::unique_ptr<ModbusLine> line, Order order, std::string where, int unit)
      : clock_{clock},
        order_{order},
        where_{std::move(where)},
        map_{RegisterMap::load((data_folder() / "register_maps" / "series_4000_k.csv").string())},
        client_{clock, std::move(line), order, where_, unit} {}

  Task<Identity> identify(Time deadline) override {
    const auto answer = co_await report(deadline);
    if (answer.size() < 2) throw Failure{Fault::protocol, where_, "function 11: an identity of less than two bytes"};
    const std::string text{answer.begin() + 2, answer.end()};
    if (answer[1] != 0xFF)
      throw Failure{Fault::rejected, where_,
                    "the meter runs its reset system, not its operating system: '" + text + "'"};
    const std::string prefix = fmt::format("{} {}", maker, family);
    if (!text.starts_with(prefix))
      throw Failure{Fault::rejected, where_, "what answers here is no " + prefix + ": '" + text + "'"};
    std::vector<std::string> version{"firmware_version_os"};
    const auto values = co_await read(std::move(version));
    const auto number = static_cast<int>(values.at("firmware_version_os"));
    Identity identity;  // the serial number is shown on the display only
    identity.maker = maker;
    identity.model = text.substr(maker.size() + 1);
    identity.firmware = fmt::format("{}.{:03}", number / 1000, number % 1000);
    co_return identity;
  }

  Task<std::map<std::string, double>> read(std::vector<std::string> points) override {
    std::vector<const RegisterPoint*> wanted;
    bool scaled_integers = false;
    for (const auto& name : points) {
      const auto& point = map_.at(name);
      if (!point.readable || point.words != width(point.format))
        throw Failure{Fault::incapable, where_, name + " cannot be read as one value"};
      wanted.push_back(&point);
      scaled_integers = scaled_integers || (point.scale != RegisterScale::none && point.scale != RegisterScale::fixed);
    }
    auto polled = wanted;
    // The meter chooses its factors anew whenever its configuration changes, so they belong to the same poll.
    if (scaled_integers)
      for (const auto* name : {"scale_factor_i", "scale_factor_v", "scale_factor_w", "scale_factor_e"})
        polled.push_back(&map_.at(name));

    std::map<int, std::vector<std::uint16_t>> blocks;
    bool complete = false;
    while (!complete) complete = co_await read_blocks(polled, blocks);

    const auto raw = [&](const RegisterPoint& point) {
      const auto block = std::prev(blocks.upper_bound(point.address));
      const auto offset = static_cast<std::size_t>(point.address - block->first);
      return decode(point, std::span{block->second}.subspan(offset, static_cast<std::size_t>(point.words)));
    };
    ScaleExponents exponents;
    if (scaled_integers) {
      exponents = {exponent(raw(map_.at("scale_factor_i"))), exponent(raw(map_.at("scale_factor_v"))),
                   exponent(raw(map_.at("scale_factor_w"))), exponent(raw(map_.at("scale_factor_e")))};
    }
    std::map<std::string, double> values;
    for (const auto* point : wanted) values[point->name] = scaled(*point, raw(*point), exponents);
    co_return values;
  }

  Task<void> write(std::vector<std::pair<std::string, double>> points) override {
    struct Request {
      int address;
      std::vector<std::uint16_t> words;
    };
    // All of them are checked before the first goes out.
    std::vector<Request> requests;
    for (const auto& [name, value] : points) {
      const auto& point = map_.at(name);
      const auto words = value_or_throw(encode(point, value));
      if (!requests.empty() &&
          requests.back().address + static_cast<int>(requests.back().words.size()) == point.address) {
        auto& before = requests.back().words;
        before.insert(before.end(), words.begin(), words.end());
      } else {
        requests.push_back({point.address, words});
      }
    }
    // Function 10 even for one register: an adapter that echoes cannot make it look obeyed.
    for (auto& request : requests) co_await write_surely(request.address, request.words);
    std::string why = where_ + ": stores its configuration";
    if (!requests.empty()) co_await clock_.pause(storing, order_, std::move(why));
  }

  Task<void> command(std::string name) override {
    const auto found = std::ranges::find(commands, name, &Command::name);
    if (found == commands.end()) {
      std::string known;
      for (const auto& command : commands) known += (known.empty() ? "" : ", ") + std::string{command.name};
      throw Failure{Fault::incapable, where_, "has no command '" + name + "'; there are: " + known};
    }
    if (found->of_demand && clock_.now() < next_demand_command_) {
      std::string why = where_ + ": spacing of demand commands";
      co_await clock_.pause_until(next_demand_command_, order_, std::move(why));
    }
    if (found->of_demand) next_demand_command_ = clock_.now() + demand_command_spacing;
    // A command that was lost and one whose confirmation was lost look alike: it is not given twice.
    co_await client_.write_single(map_.at("command").address, found->code, limit_for(8, 8));
  }

  std::vector<std::pair<std::string, double>> shipping_state() const override {
    std::vector<std::pair<std::string, double>> state;
    for (const auto* name : configuration) {
      const auto& point = map_.at(name);
      state.emplace_back(name, scaled(point, point.factory_default.value(), {}));
    }
    return state;
  }

  Duration refresh() const override { return 1s; }
  Duration answer_limit() const override { return limit_for(8, longest_answer); }
  Task<Reply> exchange(ModbusBytes frame, Duration limit) override { return client_.exchange(std::move(frame), limit); }
  LinkRecord link() const override { return client_.record(); }
  int unit() const override { return client_.unit(); }

 private:
  Duration limit_for(int request, int answer) const { return client_.limit_of(request, answer, longest_delay); }

  Task<std::vector<std::uint16_t>> read_registers(const BlockRead& block) {
    return client_.read_holding(block.address, block.count, limit_for(8, 5 + 2 * block.count));
  }

  /// A write whose confirmation was lost may have been obeyed or not. What the registers hold is looked at before it is
  /// written a second time.
  Task<void> write_surely(int address, std::vector<std::uint16_t> words) {
    const auto count = static_cast<int>(words.size());
    const auto limit = limit_for(9 + 2 * count, 8);
    std::exception_ptr lost;
    try {
      co_await client_.write_multiple(address, words, limit);
    } catch (const Failure& failure) {
      const auto fault = failure.error.fault;
      if (fault != Fault::timeout && fault != Fault::protocol) throw;
      lost = std::current_exception();
    }
    if (!lost) co_return;
    std::string why = where_ + ": may be storing its configuration";
    co_await clock_.pause(storing, order_, std::move(why));
    const BlockRead block{address, count};
    const auto held = co_await read_registers(block);
    if (held != words) co_await client_.write_multiple(address, words, limit);
  }

  /// Function 11, asked again while the meter may still be starting.
  Task<std::vector<std::uint8_t>> report(Time deadline) {
    for (;;) {
      const Duration limit =
          std::min<Duration>(limit_for(4, identity_answer), std::max<Duration>(deadline - clock_.now(), 1ms));
      std::vector<std::uint8_t> answer;
      bool silent = false;
      try {
        answer = co_await client_.report_id(limit);
      } catch (const Failure& failure) {
        // After a timeout the line rests, which must fit before the deadline too.
        silent = failure.error.fault == Fault::timeout && client_.rests_until() < deadline;
        if (!silent) throw;
      }
      if (!silent) co_return answer;
    }
  }

  /// Reads what holds these points. @returns false when the meter refused so many registers at once: then fewer are to
  /// be asked for, from the beginning.
  Task<bool> read_blocks(const std::vector<const RegisterPoint*>& points,
                         std::map<int, std::vector<std::uint16_t>>& blocks) {
    blocks.clear();
    for (const auto& block : block_reads(points, readable, read_lengths[read_length_])) {
      bool refused = false;
      try {
        blocks[block.address] = co_await read_registers(block);
      } catch (const Failure& failure) {
        refused = failure.error.fault == Fault::rejected && block.count > read_lengths.back();
        if (!refused) throw;
      }
      if (!refused) continue;
      while (read_lengths[read_length_] >= block.count) ++read_length_;
      co_return false;
    }
    co_return true;
  }

  int exponent(double raw) const {
    if (!(raw >= -4 && raw <= 4))
      throw Failure{Fault::protocol, where_, fmt::format("tells a scale factor of {}; -4 to 4 are possible", raw)};
    return static_cast<int>(raw);
  }

  Clock& clock_;
  Order order_;
  std::string where_;
  RegisterMap map_;
  std::size_t read_length_ = 0;  ///< index into read_lengths
  Time next_demand_command_{};
  ModbusClient client_;
};

std::string device_of(const Settings& port) {
  const auto text = port.text();
  if (!text.starts_with("ASRL")) return text;
  const auto address = value_or_throw(parse_visa_address(text, port.where()));
  if (address.kind != VisaAddress::Kind::serial)
    throw port.failure("a meter's port is a serial device, not '" + text + "'");
  return address.device;
}

SerialSettings serial_of(const Settings& s) {
  SerialSettings serial;
  if (const auto baud = s.find("baud")) {
    const auto value = baud->integer();
    constexpr std::array<long long, 6> known{1200, 2400, 4800, 9600, 19200, 38400};
    if (std::ranges::find(known, value) == known.end())
      throw baud->failure(fmt::format("the meter knows 1200, 2400, 4800, 9600, 19200 and 38400 baud, not {}", value));
    serial.baud = static_cast<int>(value);
  }
  if (const auto parity = s.find("parity")) serial.parity = "NEO"[parity->one_of({"none", "even", "odd"})];
  return serial;
}

std::unique_ptr<Meter> make(const Settings& s, Surroundings& around, Order order) {
  const auto device = device_of(s.at("port"));
  const auto serial = serial_of(s);
  long long unit = 1;
  if (const auto asked = s.find("unit")) {
    unit = asked->integer();
    if (unit < 1 || unit > 247) throw asked->failure(fmt::format("a unit address is 1 to 247, not {}", unit));
  }
  auto line = around.rs485(device, order);
  line->configure(serial);
  return std::make_unique<Series4000K>(around.clock(), std::move(line), order,
                                       fmt::format("meter {} ({})", order.position, device), static_cast<int>(unit));
}

const bool listed =
    meters().add("series-4000-k", "Leviton Series 4000-K compact power and energy meter, Modbus RTU", make);

}  // namespace
}  // namespace blondel
