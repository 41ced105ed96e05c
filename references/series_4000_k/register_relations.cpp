#include "references/series_4000_k/register_relations.hpp"

#include <fmt/format.h>

#include <cmath>
#include <optional>
#include <utility>

namespace blondel::series_4000_k {
namespace {

constexpr double largest_integer = 0.95 * 32767;
/// The sum of three phases: what their accuracy allows.
constexpr double sum_share = 0.005;

class Relations {
 public:
  Relations(const RegisterMap& map, const std::map<std::string, double>& readings, const Configuration& configuration,
            const ScaleExponents& exponents, const RenewalSlack& slack)
      : map_{map}, readings_{readings}, configuration_{configuration}, exponents_{exponents}, slack_{slack} {}

  std::vector<Contradiction> all() {
    for (const auto& point : map_.points())
      if (point.twin && point.format != RegisterFormat::float32) twins(point, *map_.find(*point.twin));
    repeats();
    phases();
    return std::move(told_);
  }

 private:
  std::optional<double> reading(const std::string& name) const {
    const auto found = readings_.find(name);
    return found == readings_.end() ? std::nullopt : std::optional{found->second};
  }

  static bool of_demand(const RegisterPoint& point) { return point.name.find("_demand_") != std::string::npos; }

  double slack(const RegisterPoint& point, double value) const {
    if (point.scale == RegisterScale::energy) return slack_.kilo_hours;
    if (point.unit == "pulses") return slack_.pulses;
    return slack_.relative * std::abs(value) + (of_demand(point) ? slack_.demand : 0);
  }

  void tell(const RegisterPoint& integer, std::string text) {
    told_.push_back({std::move(text), of_demand(integer) ? integer.name : std::string{}});
  }

  void twins(const RegisterPoint& integer, const RegisterPoint& floating) {
    const auto i = reading(integer.name), f = reading(floating.name);
    if (!i || !f) return;
    if (std::isnan(*f) || std::isnan(*i)) {
      // Thirty-two bits have no agreed way to say "no value".
      if (std::isnan(*f) != std::isnan(*i) && integer.format != RegisterFormat::uint32)
        tell(integer, fmt::format("{} reads {} and {} reads {}: one has a value, the other has none", integer.name, *i,
                                  floating.name, *f));
      return;
    }
    const double step = scaled(integer, 1, exponents_);
    if (integer.format == RegisterFormat::uint16 && integer.scale != RegisterScale::fixed &&
        *f > largest_integer * step)
      return;
    // What accumulates may tell whole units only; what is measured is rounded.
    const double rounding = integer.scale == RegisterScale::none     ? 0
                            : integer.scale == RegisterScale::energy ? step
                                                                     : step / 2;
    const double apart = rounding + slack(integer, *f) + std::ldexp(std::abs(*f), -24);
    if (std::abs(*i - *f) <= apart) return;
    tell(integer, fmt::format("{} reads {} and {} reads {}: further apart than {:.3g}", integer.name, *i, floating.name,
                              *f, apart));
  }

  void repeats() {
    const auto first = reading("real_energy_f"), again = reading("real_energy_repeat_f");
    if (!first || !again || *first == *again) return;
    told_.push_back({fmt::format("real_energy_f reads {} and real_energy_repeat_f reads {}", *first, *again), {}});
  }

  void phases() {
    const auto total = reading("real_power_total_f");
    if (!total || !std::isfinite(*total)) return;
    const auto wired = connection(configuration_.type);
    double sum = 0;
    for (std::size_t k = 0; k < 3; ++k) {
      if (!wired.element[k]) continue;
      const auto one = reading(fmt::format("real_power_{}_f", "abc"[k]));
      if (!one || !std::isfinite(*one)) return;
      sum += *one;
    }
    if (std::abs(sum - *total) <= sum_share * std::abs(*total) + 1e-9) return;
    told_.push_back(
        {fmt::format("the phases' real power adds up to {} and real_power_total_f reads {}", sum, *total), {}});
  }

  const RegisterMap& map_;
  const std::map<std::string, double>& readings_;
  const Configuration& configuration_;
  const ScaleExponents& exponents_;
  const RenewalSlack& slack_;
  std::vector<Contradiction> told_;
};

}  // namespace

std::vector<Contradiction> contradictions(const RegisterMap& map, const std::map<std::string, double>& readings,
                                          const Configuration& configuration, const ScaleExponents& exponents,
                                          const RenewalSlack& slack) {
  return Relations{map, readings, configuration, exponents, slack}.all();
}

}  // namespace blondel::series_4000_k
