#pragma once

#include <memory>
#include <string>

#include "drivers/time/clock.hpp"

namespace blondel {

/// What a person sees while a run goes on. Costs nothing worth measuring, and never decides anything.
class Progress {
 public:
  virtual ~Progress() = default;
  virtual void begins(const std::string& title, Duration predicted) = 0;
  virtual void step(int number, int of, const std::string& name) = 0;
  /// What is being done now, e.g. "0.05 In, PF 0.5 ind".
  virtual void now_doing(const std::string& what) = 0;
  /// The run waits until that instant.
  virtual void toward(Time instant) = 0;
  /// A line that stays.
  virtual void line(const std::string& text) = 0;
  virtual void ends() = 0;
};

/// A bar on a terminal, plain lines elsewhere, nothing with --quiet, JSON lines with --json.
enum class ProgressKind { automatic, plain, json, quiet };
std::unique_ptr<Progress> make_progress(ProgressKind kind);

}  // namespace blondel
