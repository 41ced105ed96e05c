#include "rig/bench_certificates.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>

#include "references/quantity_text.hpp"
#include "reports/sha256.hpp"

namespace blondel {

namespace {

std::optional<Ratio> ratio_from_nothing_on(const Settings& at, const std::string& key) {
  const auto found = at.find(key);
  if (!found) return std::nullopt;
  const auto ratio = found->ratio();
  if (ratio.si() < 0) throw found->failure("expected 0 ppm or more");
  return ratio;
}

double kelvins_at(const Settings& at) {
  const auto text = at.text();
  const auto refused = [&] { return at.failure("expected kelvins from 0 on such as '2 K', found '" + text + "'"); };
  if (!text.ends_with(" K")) throw refused();
  const auto kelvins = parse_number(std::string_view{text}.substr(0, text.size() - 2), at.where());
  if (!kelvins || *kelvins < 0) throw refused();
  return *kelvins;
}

BenchCertificate read_one(const Settings& item, const std::filesystem::path& folder) {
  BenchCertificate one{.certificate = {}, .file = item.text(), .sha256 = {}, .where = item.where()};
  const auto path = folder / one.file;
  std::error_code failed;
  if (one.file.empty() || !std::filesystem::is_regular_file(path, failed))
    throw item.failure(fmt::format("expected a certificate's file, and '{}' is none", one.file));
  one.certificate = load_certificate(path.string());
  one.sha256 = value_or_throw(sha256_of_file(path));
  return one;
}

}  // namespace

std::vector<BenchCertificate> read_certificates(const Settings& list, const std::string& bench_path,
                                                const std::string& instrument,
                                                const std::vector<std::string>& quantities) {
  const auto folder = std::filesystem::path{bench_path}.parent_path();
  std::vector<BenchCertificate> all;
  for (const auto& item : list.items()) {
    auto one = read_one(item, folder);
    const auto& c = one.certificate;
    if (c.instrument != instrument)
      throw item.failure(
          fmt::format("expected a certificate of '{}', and {} is of '{}'", instrument, c.name(), c.instrument));
    if (std::ranges::find(quantities, c.quantity) == quantities.end())
      throw item.failure(fmt::format("{} is of {}, which nobody uses here; expected {}", c.name(), c.quantity,
                                     fmt::join(quantities, ", ")));
    if (const auto* other = find_certificate(all, c.quantity))
      throw item.failure(
          fmt::format("{} of '{}' has a certificate already, at {}", c.quantity, instrument, other->where));
    if (!all.empty() && all.front().certificate.serial != c.serial)
      throw item.failure(fmt::format("{} is of serial number {}, and {} of {}: one instrument has one", c.name(),
                                     c.serial, all.front().certificate.name(), all.front().certificate.serial));
    all.push_back(std::move(one));
  }
  if (all.empty()) throw list.failure("expected at least one certificate");
  return all;
}

const BenchCertificate* find_certificate(const std::vector<BenchCertificate>& all, const std::string& quantity) {
  const auto found =
      std::ranges::find_if(all, [&](const BenchCertificate& c) { return c.certificate.quantity == quantity; });
  return found == all.end() ? nullptr : &*found;
}

Environment read_environment(const Settings& at) {
  Environment e;
  e.temperature = at.at("temperature").temperature();
  e.within = kelvins_at(at.at("within"));
  e.reference_per_kelvin = ratio_from_nothing_on(at, "reference_per_kelvin");
  e.ct_per_kelvin = ratio_from_nothing_on(at, "ct_per_kelvin");
  e.leads = ratio_from_nothing_on(at, "leads");
  e.instability = ratio_from_nothing_on(at, "instability");
  at.finish();
  return e;
}

}  // namespace blondel
