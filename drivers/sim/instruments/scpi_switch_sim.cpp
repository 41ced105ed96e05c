#include "drivers/sim/instruments/scpi_switch_sim.hpp"

#include <fmt/format.h>

namespace blondel::sim {

using namespace std::chrono_literals;

ScpiSwitchSim::ScpiSwitchSim(Clock& clock, Circuit& circuit, Order order, int channels)
    : clock_{clock}, circuit_{circuit}, server_{clock, order, ScpiSpelling{.identity = "BLONDEL,RELAY UNIT,0,1.0"}} {
  for (int channel = 1; channel <= channels; ++channel)
    closed_.push_back(circuit_.control_power(channel, clock_.now()));
  const auto set = [this](std::string pattern, bool to) {
    server_.add({.pattern = std::move(pattern),
                 .fewest = 1,
                 .most = 1,
                 .processing = 15ms,
                 .execute = [this, to](const Call& call) {
                   for (const int channel : channel_list(call)) move(channel, to);
                   return std::string{};
                 }});
  };
  const auto query = [this](std::string pattern, bool state) {
    server_.add({.pattern = std::move(pattern),
                 .fewest = 1,
                 .most = 1,
                 .processing = 2ms,
                 .execute = [this, state](const Call& call) {
                   std::string answer;
                   for (const int channel : channel_list(call))
                     answer += (answer.empty() ? "" : ",") + std::string{closed(channel) == state ? "1" : "0"};
                   return answer;
                 }});
  };
  server_.on_reset([this] { move_all(false); });
  set("ROUTe:CLOSe", true);
  set("ROUTe:OPEN", false);
  query("ROUTe:CLOSe?", true);
  query("ROUTe:OPEN?", false);
  server_.add({.pattern = "ROUTe:OPEN:ALL", .processing = 15ms, .execute = [this](const Call&) {
                 move_all(false);
                 return std::string{};
               }});
}

bool ScpiSwitchSim::closed(int channel) const {
  return closed_[static_cast<std::size_t>(channel) - 1];
}

void ScpiSwitchSim::move(int channel, bool to) {
  if (closed(channel) == to || channel == stuck_) return;
  closed_[static_cast<std::size_t>(channel) - 1] = to;
  circuit_.set_control_power(channel, to, clock_.now() + Circuit::notice);
}

void ScpiSwitchSim::move_all(bool to) {
  for (int channel = 1; channel <= static_cast<int>(closed_.size()); ++channel) move(channel, to);
}

void ScpiSwitchSim::close_all() {
  move_all(true);
}

std::vector<int> ScpiSwitchSim::channel_list(const Call& call) const {
  const auto& p = call.parameters[0];
  if (p.kind != Parameter::Kind::expression || p.text.empty() || p.text[0] != '@')
    throw Refusal{-104, "a channel list such as (@1,3:5) belongs there"};
  std::vector<int> channels;
  const auto number = [&](const std::string& text) {
    const auto value = read_number(text);
    if (!value || *value != static_cast<int>(*value)) throw Refusal{-170, p.text};
    if (*value < 1 || *value > static_cast<double>(closed_.size())) throw Refusal{-222, "there is no channel " + text};
    return static_cast<int>(*value);
  };
  for (std::size_t from = 1; from <= p.text.size();) {
    const auto to = std::min(p.text.find(',', from), p.text.size());
    const auto piece = p.text.substr(from, to - from);
    const auto colon = piece.find(':');
    const int first = number(piece.substr(0, colon));
    const int last = colon == std::string::npos ? first : number(piece.substr(colon + 1));
    for (int channel = first; channel <= last; ++channel) channels.push_back(channel);
    from = to + 1;
  }
  return channels;
}

}  // namespace blondel::sim
