#include "src/planner/reservation.hpp"

#include <algorithm>

namespace hansa {
namespace {

// The nodes of a pool as they become free, one expected end after the other, until a shape fits.
class Emptying {
 public:
  Emptying(const PoolLedger& ledger, const Shape& shape) : ledger_(ledger), shape_(shape) {
    for (std::size_t node = 0; node < ledger.node_count(); ++node) free.push_back(ledger.free_on(node));
    fitting_ = static_cast<std::size_t>(
        std::count_if(free.begin(), free.end(), [&](const auto& node) { return node.covers(shape.per_node); }));
  }

  Instant run_until_it_fits() {
    if (fitting_ >= shape_.nodes) return Instant::min();
    for (auto end = ledger_.by_end().begin(); end != ledger_.by_end().end();) {
      const auto at = end->first;
      for (; end != ledger_.by_end().end() && end->first == at; ++end) {
        release(ledger_.commitment(end->second).allocation);
      }
      if (fitting_ >= shape_.nodes) return at;
    }
    return end_of_time;
  }

  std::vector<NodeResources> free;

 private:
  void release(const Allocation& allocation) {
    for (const auto& share : allocation.nodes) {
      if (share.node >= free.size()) continue;
      const bool fitted = free[share.node].covers(shape_.per_node);
      free[share.node] += allocation.per_node;
      if (!fitted && free[share.node].covers(shape_.per_node)) ++fitting_;
    }
  }

  const PoolLedger& ledger_;
  const Shape& shape_;
  std::size_t fitting_ = 0;
};

}  // namespace

Reservation reserve(const PoolLedger& ledger, const Shape& head) {
  Emptying nodes(ledger, head);
  Reservation reservation{.start = nodes.run_until_it_fits()};
  for (const auto node : best_fit(nodes.free, head.per_node, head.nodes)) nodes.free[node] -= head.per_node;
  reservation.spare = std::move(nodes.free);
  return reservation;
}

Instant when_fits(const PoolLedger& ledger, const Shape& shape) {
  return Emptying(ledger, shape).run_until_it_fits();
}

void Reservation::account(const Allocation& allocation, Instant end) {
  if (end <= start) return;
  for (const auto& share : allocation.nodes) {
    if (share.node < spare.size()) spare[share.node] -= allocation.per_node;
  }
}

}  // namespace hansa
