#pragma once

#include <functional>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "drivers/reference_meters/error_calculator.hpp"
#include "drivers/scpi/scpi_client.hpp"

namespace blondel {

/// The error calculator of a ZERA COM5003 or MT310s2: an instance of `CALC:EC01` for each input, on the session of the
/// reference meter that it belongs to.
///
/// The instrument counts pulses of the reference by the constant of its ranges, and compares with a target that it
/// rounds down to whole pulses; that rounding is taken out of the result. Unverified: that the inputs are called SC1 to
/// SC8 and each can be had by an instance of its own, and that the constant asked for at POW1 holds for reactive energy
/// too.
/// Source: the maker's published instrument software and its recorded answers (zera-classes, module sec1module).
class ZeraErrorCalculator final : public ErrorCalculator {
 public:
  /// @param client, limit  the session, and how long one answer may take; asked for each time
  ZeraErrorCalculator(Clock& clock, std::string where, std::function<ScpiClient&()> client,
                      std::function<Duration()> limit);

  std::vector<std::string> inputs() const override;
  Task<void> start(CalculatorRun run) override;
  Task<std::optional<CalculatedError>> result(std::string input) override;
  Task<void> stop(std::string input) override;
  Task<double> reference_constant() override;

  /// The inputs at which a calculation is under way, between commas; empty where there is none.
  std::string under_way() const;

 private:
  struct Run {
    double exact_target = 0;  ///< pulses of the reference that are no error
    double told_target = 0;   ///< as the instrument has it
    Duration longest_gap{};
    std::pair<long long, double> seen{-1, -1};  ///< status and progress
    Time seen_since;                            ///< when they were seen for the first time
  };

  /// "CALC:EC01:0002:" @throws Failure (incapable) for an unknown input.
  std::string root(const std::string& input) const;
  Task<void> set(std::string root, CalculatorRun run, std::string constant);
  Task<CalculatedError> read(std::string root, Run run);
  /// @throws Failure (instrument) where nothing has moved for too long.
  Task<void> notice_silence(std::string input, long long status);

  Clock& clock_;
  std::string where_;
  std::function<ScpiClient&()> client_;
  std::function<Duration()> limit_;
  std::map<std::string, Run> runs_;
};

}  // namespace blondel
