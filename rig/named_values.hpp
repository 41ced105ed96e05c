#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace blondel {

/// What the steps of a plan gave names to, so that later steps can speak of it.
///
/// Every pass of a block is a room of its own, named "3/" or "3/2/": a step sees what was named before it in its room
/// and in the rooms around that one. What no later step can see is forgotten.
template <class T>
class NamedValues {
 public:
  /// The steps from here on stand in that room; "" is the plan itself.
  void enter(const std::string& room) {
    if (room == room_) return;
    room_ = room;
    std::erase_if(values_, [&](const auto& entry) { return !room.starts_with(entry.first.first); });
  }

  /// @returns null where the name is not known here.
  const T* find(const std::string& name) const {
    for (const auto& [key, value] : values_)
      if (key.second == name) return &value;
    return nullptr;
  }

  /// @returns false, and keeps the old one, where the name is known here already.
  bool add(const std::string& name, T value) {
    if (find(name)) return false;
    values_.emplace(std::pair{room_, name}, std::move(value));
    return true;
  }

  /// The names that are known here.
  std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const auto& [key, value] : values_) all.push_back(key.second);
    return all;
  }

 private:
  std::string room_;
  std::map<std::pair<std::string, std::string>, T> values_;  // by room and name
};

}  // namespace blondel
