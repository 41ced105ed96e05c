#include "drivers/meters/register_blocks.hpp"

#include <algorithm>

namespace blondel {

std::vector<BlockRead> block_reads(std::vector<const RegisterPoint*> points, const std::vector<RegisterRange>& ranges,
                                   int longest) {
  std::ranges::sort(points, {}, [](const RegisterPoint* p) { return p->address; });
  const auto range_of = [&](int number) {
    return std::ranges::find_if(ranges, [&](const RegisterRange& r) { return r.first <= number && number <= r.last; });
  };
  std::vector<BlockRead> blocks;
  for (const auto* point : points) {
    const int end = point->address + point->words;
    if (!blocks.empty()) {
      auto& last = blocks.back();
      const auto range = range_of(point->number);
      const bool together = range != ranges.end() && range == range_of(last.address + 1);
      if (together && end - last.address <= longest) {
        last.count = std::max(last.count, end - last.address);
        continue;
      }
    }
    blocks.push_back({point->address, point->words});
  }
  return blocks;
}

}  // namespace blondel
