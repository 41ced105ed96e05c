#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "drivers/sim/instruments/program_message.hpp"
#include "drivers/time/clock.hpp"
#include "drivers/time/task.hpp"

namespace blondel::sim {

/// Why an instrument does not do what it was told: thrown by what executes a command, ends in the error queue.
struct Refusal {
  int code;
  std::string detail;
};

/// A command as whoever executes it sees it.
struct Call {
  std::vector<int> suffixes;  ///< of the nodes that may carry one, in order; 1 where none was sent
  std::vector<Parameter> parameters;

  /// @throws Refusal(-104) when the parameter is of another kind.
  double number(std::size_t index) const;
  std::string word(std::size_t index) const;  ///< upper case; a string's inside counts as a word
  bool on_or_off(std::size_t index) const;    ///< ON, OFF, 1, 0
};

/// What an instrument understands, and how long it takes over it.
struct Command {
  /// E.g. "SOURce:PHASe#:VOLTage:RANGe" or "OUTPut:STATe?": capitals are the short form, # may be a number, and a
  /// final ? makes it a query.
  std::string pattern;
  std::size_t fewest = 0, most = 0;  ///< parameters
  Duration processing{};
  /// @returns the answer of a query, without terminator; a setting's is not looked at. @throws Refusal.
  std::function<std::string(const Call&)> execute;
  /// When a query can be answered, where that takes more than processing: new data, for instance.
  std::function<Time(const Call&)> due = {};
  /// What the instrument must find out before it executes the command; takes no bench time.
  std::function<Task<void>()> before = {};
};

/// The commands of an instrument, found by header: long or short form, nothing between, capitals or not.
class CommandTable {
 public:
  void add(Command command);

  struct Match {
    const Command* command = nullptr;
    Call call;
  };
  /// @throws Refusal: -113 undefined header, -114 suffix out of range, -108 parameter not allowed, -109 missing
  ///         parameter.
  Match find(const MessageUnit& unit) const;

 private:
  struct Node {
    std::string brief, whole;  ///< upper case
    bool numbered = false;
    /// @returns whether a node as sent is this one, and its number.
    bool matches(const std::string& sent, std::vector<int>& suffixes) const;
  };
  struct Entry {
    std::vector<Node> nodes;
    bool query = false;
    Command command;
  };
  std::vector<Entry> entries_;
};

/// Whether a word as sent is the long or the short form of one such as "AMPLitude".
bool is_form_of(const std::string& sent, const std::string& pattern);

}  // namespace blondel::sim
