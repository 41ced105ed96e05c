#include "references/standards/standard_head.hpp"

#include <algorithm>
#include <utility>

namespace blondel {
namespace {

class HeadReader {
 public:
  HeadReader(const Settings& file, const std::string& name) : file_{file} { data_.file = name; }

  StandardHead read() {
    read_head();
    read_connections();
    return {std::move(data_), std::move(words_)};
  }

 private:
  std::string title_of(const char* key) { return file_.at(key).text(); }

  void read_head() {
    data_.name = title_of("standard");
    data_.edition = title_of("edition");
    data_.title = title_of("title");
    data_.energy =
        file_.at("energy").one_of({"active", "reactive"}) == 0 ? MeteredEnergy::active : MeteredEnergy::reactive;
    if (const auto chosen = file_.find("default_edition")) data_.default_edition = yes_or_no(*chosen);
    const auto classes = file_.at("classes");
    for (const auto& one : classes.items()) {
      if (std::ranges::find(data_.classes, one.text()) != data_.classes.end())
        throw one.failure("class " + one.text() + " stands here for the second time");
      data_.classes.push_back(one.text());
    }
    if (data_.classes.empty()) throw classes.failure("expected at least one class");
    const auto sources = file_.at("sources");
    for (const auto& key : sources.keys()) words_.sources.emplace_back(key, sources.at(key).text());
    words_.classes = data_.classes;
  }

  void read_connections() {
    const auto map = file_.at("connections");
    for (const auto& name : map.keys()) {
      const auto at = map.at(name);
      CurrentColumn c;
      c.name = name;
      c.base = std::vector<std::string>{"In", "Ib", "Itr", "TA"}[at.at("base").one_of({"In", "Ib", "Itr", "TA"})];
      if (const auto amperes = at.find("amperes")) c.amperes = amperes->current();
      if (c.amperes && !(c.amperes->si() > 0)) throw at.at("amperes").failure("expected a current above 0");
      if (const auto most = at.find("maximum")) {
        if (!c.amperes) throw most->failure("a maximum needs the amperes of the base");
        c.imax = most->current() / *c.amperes;
        if (!(*c.imax >= 1)) throw most->failure("expected no less than the base current");
      }
      if (const auto classes = at.find("classes"))
        for (const auto& one : classes->items()) c.classes.push_back(data_.classes[one.one_of(data_.classes)]);
      else
        c.classes = data_.classes;
      if (const auto note = at.find("note")) note->text();
      at.finish();
      words_.connections.push_back(std::move(c));
    }
    if (words_.connections.empty()) throw map.failure("expected at least one");
    for (const auto& row : section_rows(file_, "current_ratios")) current_ratio(row);
    data_.connections = words_.connections;
  }

  /// "Imax/Itr" with its least value: each names one current by one that is known.
  void current_ratio(const Settings& at) {
    const auto text = at.at("ratio").text();
    const auto slash = text.find('/');
    if (slash == std::string::npos) throw at.at("ratio").failure("expected a ratio such as 'Imax/Itr'");
    const auto over = text.substr(0, slash), under = text.substr(slash + 1);
    const RowReader row{at, words_, "current_ratios"};
    auto named = words_.connections;
    auto printed = row.read(
        "at_least", text, [&](const std::string& c) { return row.needed("at_least", c).text(); },
        [&](const Applies& to, const CurrentColumn& connection) {
          const double value = above_0(row.needed("at_least", to.class_name));
          auto& known = std::ranges::find(named, connection.name, &CurrentColumn::name)->named[to.class_name];
          known[connection.base] = 1;
          if (known.contains(under))
            known[over] = value * known[under];
          else if (known.contains(over))
            known[under] = known[over] / value;
          else
            throw at.at("ratio").failure(fmt::format("neither {} nor {} is known here", over, under));
        });
    words_.connections = std::move(named);
    data_.rows.push_back(std::move(printed));
  }

  const Settings& file_;
  RowWords words_;
  StandardData data_;
};

}  // namespace

double above_0(const Settings& at) {
  const double value = at.number();
  if (!(value > 0)) throw at.failure("expected a number above 0, found '" + at.text() + "'");
  return value;
}

std::vector<Settings> section_rows(const Settings& file, const std::string& section) {
  const auto list = file.find(section);
  return list ? list->items() : std::vector<Settings>{};
}

StandardHead read_standard_head(const Settings& file, const std::string& name) {
  return HeadReader{file, name}.read();
}

}  // namespace blondel
