#pragma once

#include <algorithm>
#include <map>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "references/error.hpp"

namespace blondel {

/// The list in which the makers of one role (sources, steps, ...) enter themselves under the name a file uses.
/// Entries are made while the program loads, so a look-up never races with one.
template <class Maker>
class Catalog {
 public:
  explicit Catalog(std::string role) : role_{std::move(role)} {}

  /// Enters a maker. @returns true, so that a namespace-scope constant can hold it.
  /// @throws std::logic_error when the name is taken.
  bool add(std::string name, std::string summary, Maker maker) {
    if (!entries_.emplace(name, Entry{std::move(summary), std::move(maker)}).second)
      throw std::logic_error{role_ + " listed twice: " + name};
    return true;
  }

  /// The maker of that name, or an Error that lists the names there are.
  Result<Maker> find(const std::string& name, const std::string& where) const {
    if (const auto found = entries_.find(name); found != entries_.end()) return found->second.maker;
    std::string known;
    for (const auto& [other, entry] : entries_) known += (known.empty() ? "" : ", ") + other;
    return fail(Fault::malformed, where, "no " + role_ + " is called '" + name + "'; there are: " + known);
  }

  struct Line {
    std::string name, summary;
  };
  /// Every entry by name, for `blondel list`.
  std::vector<Line> lines() const {
    std::vector<Line> all;
    for (const auto& [name, entry] : entries_) all.push_back({name, entry.summary});
    return all;
  }

  const std::string& role() const { return role_; }

 private:
  struct Entry {
    std::string summary;
    Maker maker;
  };
  std::string role_;
  std::map<std::string, Entry> entries_;
};

}  // namespace blondel
