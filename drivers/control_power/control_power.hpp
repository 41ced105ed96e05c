#pragma once

#include <functional>
#include <memory>

#include "drivers/sources/ac_source.hpp"

namespace blondel {

/// What switches the control power of the meters, position by position (from 1).
class ControlPower {
 public:
  virtual ~ControlPower() = default;
  virtual Task<Identity> open(Time deadline) = 0;
  virtual int positions() const = 0;
  virtual Task<void> set(int position, bool on) = 0;
  virtual Task<bool> is_on(int position) = 0;
};

using MakeControlPower = std::function<std::unique_ptr<ControlPower>(const Settings&, Surroundings&, Order)>;
Catalog<MakeControlPower>& control_powers();

}  // namespace blondel
