#include "drivers/reference_meters/zera_answer.hpp"

#include <algorithm>

namespace blondel {

Result<std::map<std::string, std::vector<double>>> parse_zera_values(const std::string& answer,
                                                                     const std::string& module,
                                                                     const std::vector<std::string>& units,
                                                                     const Asked& asked) {
  const auto nonsense = [&](const std::string& why) {
    return fail(Fault::protocol, asked.where, "'" + asked.query + "' was answered '" + shown(answer) + "': " + why);
  };
  auto fields = split(answer, ';');
  if (fields.back().empty()) fields.pop_back();
  if (fields.empty()) return nonsense("nothing");
  std::map<std::string, std::vector<double>> values;
  for (const auto& field : fields) {
    if (field.empty()) return nonsense("an empty field, nothing has been measured yet");
    const auto parts = split(field, ':');
    if (parts.size() != 4) return nonsense("a field has module, name, unit and value");
    if (parts[0] != module) return nonsense("the module is not " + module);
    const bool known_unit = std::ranges::any_of(units, [&](const auto& unit) { return parts[2] == "[" + unit + "]"; });
    if (!known_unit) return nonsense("the unit is not " + units.front());
    auto numbers = parse_numbers(parts[3], asked);
    if (!numbers) return tl::unexpected<Error>{numbers.error()};
    if (!values.emplace(parts[1], std::move(*numbers)).second) return nonsense(parts[1] + " stands twice");
  }
  return values;
}

Result<std::vector<ZeraRange>> parse_zera_catalogue(const std::string& answer, char unit, const Asked& asked) {
  std::vector<ZeraRange> ranges;
  auto names = split(answer, ';');
  if (names.back().empty()) names.pop_back();
  for (const auto& range : names) {
    const auto at = range.find_first_not_of("0123456789.");
    const auto suffix = at == std::string::npos ? std::string{} : range.substr(at);
    double scale = 0;
    if (suffix == std::string{unit}) scale = 1;
    if (suffix == std::string{'m', unit}) scale = 1e-3;
    if (suffix == std::string{'k', unit}) scale = 1e3;
    if (scale == 0)
      return fail(
          Fault::protocol, asked.where,
          "'" + asked.query + "' was answered '" + shown(answer) + "': '" + shown(range) + "' is no range in " + unit);
    const auto number = parse_number(range.substr(0, at), asked);
    if (!number) return tl::unexpected<Error>{number.error()};
    ranges.push_back({range, *number * scale});
  }
  if (ranges.empty()) return fail(Fault::protocol, asked.where, "'" + asked.query + "' was answered without a range");
  std::ranges::sort(ranges, {}, &ZeraRange::full_scale);
  return ranges;
}

}  // namespace blondel
