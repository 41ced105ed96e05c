#include "rig/class_test/imax_setting.hpp"

#include <fmt/format.h>

#include <cmath>

#include "rig/stimulus_settings.hpp"

namespace blondel {
namespace {

constexpr double last_bits = 1e-9;

/// What the standard itself demands of Imax over the rated current; at least that current.
double least_imax(const CurrentColumn& connection, const std::string& class_name) {
  const auto own = connection.named.find(class_name);
  if (own == connection.named.end() || !own->second.contains("Imax")) return 1;
  const auto rated = own->second.find(connection.rated(class_name));
  return own->second.at("Imax") / (rated == own->second.end() ? 1 : rated->second);
}

}  // namespace

double read_imax(const Settings& at, const CurrentColumn& connection, const std::string& class_name) {
  const double imax = read_current_ratio(at);
  if (connection.imax && std::abs(imax - *connection.imax) > last_bits * imax)
    throw at.failure(fmt::format("{} fixes Imax at {:.6g} {}; leave 'imax' out, found '{}'", connection.name,
                                 *connection.imax, connection.base, at.text()));
  const double least = least_imax(connection, class_name);
  if (imax < least * (1 - last_bits))
    throw at.failure(fmt::format("expected an Imax of at least {:.6g} In: points above Imax are left out, found '{}'",
                                 least, at.text()));
  return imax;
}

}  // namespace blondel
