#pragma once

#include <map>
#include <memory>
#include <string>

#include "drivers/modbus/modbus_line.hpp"

namespace blondel {

/// One of several users of a line: positions whose meters share an RS-485 port. The line is closed with its last user.
class SharedLine final : public ModbusLine {
 public:
  explicit SharedLine(std::shared_ptr<ModbusLine> line) : line_{std::move(line)} {}

  std::string device() const override { return line_->device(); }
  SerialSettings settings() const override { return line_->settings(); }
  void configure(SerialSettings settings) override { line_->configure(settings); }
  Duration longest_gap() const override { return line_->longest_gap(); }
  LineCall& call() override { return line_->call(); }
  LineTurns& turns() override { return line_->turns(); }

 private:
  std::shared_ptr<ModbusLine> line_;
};

/// The lines that are open, by device.
class OpenLines {
 public:
  /// The line at a device: the one that is open, or the one that `open` makes.
  template <class Open>
  std::unique_ptr<ModbusLine> at(const std::string& device, Open open) {
    auto line = lines_[device].lock();
    if (!line) {
      line = open();
      lines_[device] = line;
    }
    return std::make_unique<SharedLine>(std::move(line));
  }

 private:
  std::map<std::string, std::weak_ptr<ModbusLine>> lines_;
};

}  // namespace blondel
