#include "src/backends/process/allocation_text.hpp"

#include <algorithm>

namespace hansa {

std::string format_indices(const std::vector<std::uint32_t>& indices) {
  std::string text;
  for (const auto index : indices) text.append(text.empty() ? "" : ",").append(std::to_string(index));
  return text;
}

std::string format_where(const Allocation& allocation) {
  std::vector<std::uint32_t> nodes;
  for (const auto& share : allocation.nodes) nodes.push_back(share.node);
  std::sort(nodes.begin(), nodes.end());
  std::string ranges;
  for (std::size_t first = 0; first < nodes.size();) {
    std::size_t last = first;
    while (last + 1 < nodes.size() && nodes[last + 1] == nodes[last] + 1) ++last;
    if (!ranges.empty()) ranges += ",";
    ranges += std::to_string(nodes[first]);
    if (last > first) ranges += "-" + std::to_string(nodes[last]);
    first = last + 1;
  }
  return allocation.pool + "[" + ranges + "]";
}

const Pool* pool_of(const Allocation& allocation, const std::vector<Pool>& pools) {
  const auto found = std::find_if(pools.begin(), pools.end(), [&](const Pool& p) { return p.name == allocation.pool; });
  return found == pools.end() ? nullptr : &*found;
}

std::uint64_t units_of(const Allocation& allocation, const std::vector<Pool>& pools) {
  const auto* pool = pool_of(allocation, pools);
  const bool counts_accelerators = pool != nullptr ? pool->has_accelerators() : allocation.per_node.accelerators > 0;
  const auto per_node = counts_accelerators ? allocation.per_node.accelerators : allocation.per_node.cores;
  return std::uint64_t{per_node} * allocation.nodes.size();
}

}  // namespace hansa
