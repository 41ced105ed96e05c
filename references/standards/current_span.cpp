#include "references/standards/current_span.hpp"

#include <algorithm>
#include <numbers>

#include "references/quantity_text.hpp"

namespace blondel {
namespace {

const std::vector<std::string> names{"In", "Ib", "Itr", "Imin", "Ist", "Imax", "TA"};

tl::unexpected<Error> refuse(std::string_view text, const std::string& where) {
  return fail(Fault::malformed, where,
              fmt::format("expected currents such as '0.05 In <= I < 0.1 In', '0.05 In <= I <= Imax', 'Imax' or "
                          "'2.5 A', found '{}'",
                          text));
}

}  // namespace

std::string CurrentColumn::rated(const std::string& class_name) const {
  if (const auto own = named.find(class_name); own != named.end())
    for (const char* current : {"In", "Ib"})
      if (own->second.contains(current)) return current;
  return base;
}

Result<RatedCurrent> parse_rated_current(std::string_view text, const std::string& where) {
  if (text == "Imax/sqrt(2)") return RatedCurrent{1 / std::numbers::sqrt2, "Imax"};
  if (std::ranges::find(names, text) != names.end()) return RatedCurrent{1, std::string{text}};
  const auto blank = text.rfind(' ');
  if (blank == std::string_view::npos) return refuse(text, where);
  const auto name = std::string{text.substr(blank + 1)};
  if (std::ranges::find(names, name) == names.end()) {
    const auto amperes = parse_current(text, where);
    if (!amperes || !(amperes->si() > 0)) return refuse(text, where);
    return RatedCurrent{amperes->si(), "A"};
  }
  const auto factor = parse_number(text.substr(0, blank), where);
  if (!factor || !(*factor > 0))
    return fail(Fault::malformed, where, fmt::format("expected a current above 0, found '{}'", text));
  return RatedCurrent{*factor, name};
}

Result<CurrentSpan> parse_current_span(std::string_view text, const std::string& where) {
  constexpr std::string_view low = " <= I ", with_end = "<= ", without_end = "< ";
  const auto middle = text.find(low);
  if (middle == std::string_view::npos) {
    const auto alone = parse_rated_current(text, where);
    if (!alone) return refuse(text, where);
    return CurrentSpan{*alone, *alone, true};
  }
  auto upper = text.substr(middle + low.size());
  const bool closed = upper.starts_with(with_end);
  if (!closed && !upper.starts_with(without_end)) return refuse(text, where);
  upper.remove_prefix(closed ? with_end.size() : without_end.size());
  const auto from = parse_rated_current(text.substr(0, middle), where);
  const auto to = parse_rated_current(upper, where);
  if (!from) return tl::unexpected{from.error()};
  if (!to) return tl::unexpected{to.error()};
  return CurrentSpan{*from, *to, closed};
}

Result<double> ratio_to_rated(const RatedCurrent& current, const CurrentColumn& connection,
                              const std::string& class_name, std::optional<double> imax_to_rated,
                              const std::string& where) {
  const auto own = connection.named.find(class_name);
  const auto over_base = [&](const std::string& name) -> std::optional<double> {
    if (name == connection.base) return 1.0;
    if (own == connection.named.end() || !own->second.contains(name)) return std::nullopt;
    return own->second.at(name);
  };
  const double rated = over_base(connection.rated(class_name)).value_or(1);
  if (current.of == "Imax") {
    if (imax_to_rated) return current.factor * *imax_to_rated;
    if (connection.imax) return current.factor * *connection.imax / rated;
    return fail(Fault::malformed, where, "Imax is the meter's, and may only end a range here");
  }
  if (current.of == "A") {
    if (connection.amperes) return current.factor / connection.amperes->si() / rated;
    return fail(Fault::malformed, where,
                fmt::format("amperes need a base current in amperes, and '{}' has none", connection.name));
  }
  if (const auto multiple = over_base(current.of)) return current.factor * *multiple / rated;
  return fail(
      Fault::malformed, where,
      fmt::format("'{}' is no current of '{}', whose base is {}", current.of, connection.name, connection.base));
}

}  // namespace blondel
