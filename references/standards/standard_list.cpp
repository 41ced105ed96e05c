#include "references/standards/standard_list.hpp"

#include <algorithm>
#include <mutex>
#include <ranges>
#include <tuple>

#include "references/data_folder.hpp"
#include "references/nearest_name.hpp"
#include "references/side_by_side.hpp"

namespace blondel {
namespace {

std::vector<std::filesystem::path> yaml_files(const std::filesystem::path& folder) {
  std::error_code problem;
  std::vector<std::filesystem::path> files;
  for (const auto& file : std::filesystem::directory_iterator{folder, problem})
    if (file.path().extension() == ".yaml") files.push_back(file.path());
  if (problem) throw Failure{Fault::malformed, folder.string(), "cannot be read: " + problem.message()};
  std::ranges::sort(files);  // so that the same broken file is named each time
  return files;
}

}  // namespace

double StandardEntry::verified_share() const {
  int seen = 0;
  for (const auto& [mark, count] : marks)
    if (Provenance{"", mark, "", ""}.verified()) seen += count;
  return figures > 0 ? static_cast<double>(seen) / static_cast<double>(figures) : 0;
}

StandardList StandardList::scan(const std::filesystem::path& folder) {
  StandardList list;
  const auto paths = yaml_files(folder);
  auto loaded = side_by_side(paths.size(), [&](std::size_t i) { return Standard::load(paths[i].string()); });
  for (std::size_t i = 0; i < paths.size(); ++i) {
    const auto& path = paths[i];
    auto& standard = loaded[i];
    for (const auto& other : list.standards_) {
      if (other.name() != standard.name()) continue;
      if (other.edition() == standard.edition())
        throw Failure{
            Fault::malformed, path.string() + ":1:1",
            fmt::format("{}, edition {} stands in {} already", standard.name(), standard.edition(), other.file())};
      if (other.is_default_edition() && standard.is_default_edition())
        throw Failure{Fault::malformed, path.string() + ":1:1",
                      fmt::format("the default edition of {} is {} already, in {}", standard.name(), other.edition(),
                                  other.file())};
    }
    list.standards_.push_back(std::move(standard));
  }
  std::ranges::stable_sort(list.standards_, [](const Standard& a, const Standard& b) {
    return std::tie(a.name(), a.edition()) < std::tie(b.name(), b.edition());
  });
  return list;
}

const StandardList& StandardList::ours() {
  static std::mutex guard;
  static std::map<std::filesystem::path, StandardList> read;
  const auto folder = data_folder() / "standards";
  const std::lock_guard lock{guard};
  auto found = read.find(folder);
  if (found == read.end()) found = read.emplace(folder, scan(folder)).first;
  return found->second;
}

std::vector<StandardEntry> StandardList::entries() const {
  std::vector<StandardEntry> all;
  for (const auto& standard : standards_)
    for (const auto& class_name : standard.classes()) {
      StandardEntry e{
          standard.full_name(class_name), standard.edition(), standard.is_default_edition(), standard.file(), 0,
          standard.marks(class_name)};
      for (const auto& [mark, count] : e.marks) e.figures += static_cast<std::size_t>(count);
      all.push_back(std::move(e));
    }
  return all;
}

StandardClass StandardList::find(const std::string& full_name, const std::optional<std::string>& edition,
                                 const std::string& where) const {
  std::vector<StandardClass> found;
  std::vector<std::string> names;
  std::vector<std::pair<std::size_t, std::string>> known;  // by how far they are from what was asked for
  for (const auto& standard : standards_)
    for (const auto& class_name : standard.classes()) {
      const auto name = standard.full_name(class_name);
      if (name == full_name && (!edition || standard.edition() == *edition)) found.push_back({&standard, class_name});
      known.emplace_back(edit_distance(full_name, name), name + ":" + standard.edition());
      names.push_back(name);
    }
  std::ranges::stable_sort(known, {}, &std::pair<std::size_t, std::string>::first);
  if (found.size() > 1)
    std::erase_if(found, [](const StandardClass& one) { return !one.standard->is_default_edition(); });
  else if (found.empty())
    throw Failure{Fault::malformed, where,
                  fmt::format("there is no limit table for '{}'{}{}; there are: {}", full_name,
                              edition ? ", edition " + *edition : "",
                              std::ranges::count(names, full_name) > 0 ? "" : hint(full_name, names),
                              fmt::join(known | std::views::values, ", "))};
  if (found.empty())
    throw Failure{Fault::malformed, where,
                  fmt::format("'{}' exists in more than one edition and none is the default, name one; there are: {}",
                              full_name, fmt::join(known | std::views::values, ", "))};
  return found.front();
}

LimitTable StandardList::table(const std::string& full_name, const std::string& load,
                               const std::optional<std::string>& edition, const std::string& where) const {
  const auto [standard, class_name] = find(full_name, edition, where);
  if (auto limits = standard->class_limits(class_name, load)) return *std::move(limits);
  std::string why;
  for (const auto* list : {&standard->not_covered(), &standard->left_open()})
    for (const auto& absent : *list)
      if (absent.section == (load == "balanced" ? "balanced" : "single_phase") &&
          std::ranges::count(absent.classes, class_name) > 0)
        why += fmt::format("{}{}: {}", why.empty() ? ": " : "; ", absent.what, absent.why);
  throw Failure{
      Fault::malformed, where,
      fmt::format("{}, edition {}, has no limits under {} load{}", full_name, standard->edition(), load, why)};
}

}  // namespace blondel
