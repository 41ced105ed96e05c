#include "references/standards/standard_list.hpp"

#include <algorithm>
#include <tuple>

#include "references/data_folder.hpp"
#include "references/nearest_name.hpp"

namespace blondel {

StandardList StandardList::scan(const std::filesystem::path& folder) {
  std::error_code problem;
  std::vector<std::filesystem::path> files;
  for (const auto& file : std::filesystem::directory_iterator{folder, problem})
    if (file.path().extension() == ".csv") files.push_back(file.path());
  if (problem) throw Failure{Fault::malformed, folder.string(), "cannot be read: " + problem.message()};
  std::ranges::sort(files);  // so that the same broken file is named each time

  StandardList list;
  for (const auto& path : files) {
    const auto table = LimitTable::load(path.string());
    list.entries_.push_back(
        {table.standard(), table.edition(), table.load_kind(), path, table.rows().size(), table.marks()});
  }
  const auto key = [](const StandardEntry& e) { return std::tie(e.name, e.edition, e.load); };
  std::ranges::stable_sort(list.entries_, [&](const auto& a, const auto& b) { return key(a) < key(b); });
  const auto twice =
      std::ranges::adjacent_find(list.entries_, [&](const auto& a, const auto& b) { return key(a) == key(b); });
  if (twice != list.entries_.end())
    throw Failure{Fault::malformed, std::next(twice)->path.string(),
                  fmt::format("{}, edition {}, {} load stands in {} already", twice->name, twice->edition, twice->load,
                              twice->path.string())};
  return list;
}

StandardList StandardList::ours() {
  return scan(data_folder() / "standards");
}

LimitTable StandardList::table(const std::string& name, const std::string& load,
                               const std::optional<std::string>& edition, const std::string& where) const {
  std::vector<const StandardEntry*> found;
  for (const auto& e : entries_)
    if (e.name == name && e.load == load && (!edition || e.edition == *edition)) found.push_back(&e);
  if (found.size() == 1) return LimitTable::load(found.front()->path.string());

  std::string known;
  std::vector<std::string> names;
  for (const auto& e : entries_) {
    known += fmt::format("{}{}:{} {}", known.empty() ? "" : ", ", e.name, e.edition, e.load);
    names.push_back(e.name);
  }
  const auto asked = fmt::format("'{}', {} load{}", name, load, edition ? ", edition " + *edition : "");
  if (found.empty())
    throw Failure{Fault::malformed, where,
                  "there is no limit table for " + asked + hint(name, names) + "; there are: " + known};
  throw Failure{Fault::malformed, where, asked + " exists in more than one edition, name one; there are: " + known};
}

}  // namespace blondel
