#include "src/planner/pool_ledger.hpp"

#include <algorithm>

namespace hansa {
namespace {

using Candidate = std::pair<NodeResources, std::uint32_t>;  // what would be left, node

}  // namespace

NodeResources minus(NodeResources from, const NodeResources& what) {
  return from -= what;
}

std::vector<std::uint32_t> best_fit(const std::vector<NodeResources>& free, const NodeResources& share,
                                    std::size_t count) {
  std::vector<Candidate> fitting;
  for (std::size_t node = 0; node < free.size(); ++node) {
    if (!free[node].covers(share)) continue;
    Candidate candidate{minus(free[node], share), static_cast<std::uint32_t>(node)};
    if (count > 1 || fitting.empty()) {
      fitting.push_back(candidate);
    } else {
      fitting.front() = std::min(fitting.front(), candidate);
    }
  }
  if (fitting.size() < count) return {};
  std::partial_sort(fitting.begin(), fitting.begin() + static_cast<std::ptrdiff_t>(count), fitting.end());
  std::vector<std::uint32_t> nodes;
  nodes.reserve(count);
  for (std::size_t i = 0; i < count; ++i) nodes.push_back(fitting[i].second);
  std::sort(nodes.begin(), nodes.end());
  return nodes;
}

PoolLedger::PoolLedger(Pool pool) : pool_(std::move(pool)), nodes_(pool_.nodes), free_(pool_.nodes, pool_.per_node) {
  for (auto& node : nodes_) node.users.resize(pool_.per_node.accelerators);
  auto& all = by_free_[pool_.per_node];
  for (std::uint32_t node = 0; node < pool_.nodes; ++node) all.insert(all.end(), node);
}

// As best_fit(): what is left over orders the nodes as what is free does, since all give the same.
std::vector<std::uint32_t> PoolLedger::best_nodes(const Shape& shape, const std::vector<NodeResources>* within) const {
  std::vector<std::uint32_t> nodes;
  nodes.reserve(std::min<std::size_t>(shape.nodes, nodes_.size()));
  for (const auto& [free, here] : by_free_) {
    if (!free.covers(shape.per_node)) continue;
    for (const auto node : here) {
      if (within != nullptr && !(*within)[node].covers(shape.per_node)) continue;
      nodes.push_back(node);
      if (nodes.size() < shape.nodes) continue;
      const bool of_one_kind = nodes.front() == *here.begin();
      if (!of_one_kind) std::sort(nodes.begin(), nodes.end());
      return nodes;
    }
  }
  return {};
}

std::optional<Allocation> PoolLedger::place(const Shape& shape, const std::vector<NodeResources>* within) const {
  const auto nodes = best_nodes(shape, within);
  if (nodes.empty()) return std::nullopt;
  Allocation allocation{.pool = pool_.name, .per_node = shape.per_node};
  allocation.nodes.reserve(nodes.size());
  for (const auto node : nodes) allocation.nodes.push_back(share_on(node, shape.per_node.accelerators));
  return allocation;
}

NodeShare PoolLedger::share_on(std::uint32_t node, std::uint32_t accelerators) const {
  NodeShare share{.node = node};
  const auto& users = nodes_[node].users;
  for (std::uint32_t i = 0; i < users.size() && share.accelerators.size() < accelerators; ++i) {
    if (users[i] == 0) share.accelerators.push_back(i);
  }
  return share;
}

CommitmentId PoolLedger::take(Allocation allocation, Instant end) {
  const auto id = ++last_id_;
  change(allocation, +1);
  by_end_.emplace(end, id);
  commitments_.emplace(id, Commitment{std::move(allocation), end});
  return id;
}

void PoolLedger::give(CommitmentId id) {
  const auto found = commitments_.find(id);
  if (found == commitments_.end()) return;
  change(found->second.allocation, -1);
  by_end_.erase({found->second.end, id});
  commitments_.erase(found);
}

void PoolLedger::change(const Allocation& allocation, int sign) {
  ++version_;
  for (const auto& share : allocation.nodes) {
    if (share.node >= nodes_.size()) continue;  // the pool was larger when this was found
    auto& node = nodes_[share.node];
    if (sign > 0) {
      node.used += allocation.per_node;
    } else {
      node.used -= allocation.per_node;
    }
    for (const auto index : share.accelerators) {
      if (index < node.users.size()) node.users[index] = static_cast<std::uint16_t>(node.users[index] + sign);
    }
    update_free(share.node);
  }
}

// Indices count as well as numbers: a run found at a restart may name accelerators that another was given.
void PoolLedger::update_free(std::size_t node) {
  auto free = minus(pool_.per_node, nodes_[node].used);
  const auto& users = nodes_[node].users;
  const auto idle = static_cast<std::uint32_t>(std::count(users.begin(), users.end(), 0));
  free.accelerators = std::min(free.accelerators, idle);
  if (free == free_[node]) return;
  const auto old = by_free_.find(free_[node]);
  old->second.erase(static_cast<std::uint32_t>(node));
  if (old->second.empty()) by_free_.erase(old);
  by_free_[free].insert(static_cast<std::uint32_t>(node));
  free_[node] = free;
}

bool PoolLedger::is_sound(CommitmentId id) const {
  const auto& shares = commitment(id).allocation.nodes;
  return std::all_of(shares.begin(), shares.end(), [&](const NodeShare& share) {
    if (share.node >= nodes_.size() || !pool_.per_node.covers(nodes_[share.node].used)) return false;
    const auto& users = nodes_[share.node].users;
    return std::all_of(share.accelerators.begin(), share.accelerators.end(),
                       [&](std::uint32_t index) { return index < users.size() && users[index] == 1; });
  });
}

std::uint64_t PoolLedger::units_free() const {
  std::uint64_t units = 0;
  for (const auto& [free, nodes] : by_free_)
    units += nodes.size() * (pool_.has_accelerators() ? free.accelerators : free.cores);
  return units;
}

std::uint32_t PoolLedger::nodes_wholly_free() const {
  const auto found = by_free_.find(pool_.per_node);
  return found == by_free_.end() ? 0 : static_cast<std::uint32_t>(found->second.size());
}

NodeResources PoolLedger::largest_free() const {
  NodeResources largest;
  for (const auto& [free, nodes] : by_free_) {
    largest.accelerators = std::max(largest.accelerators, free.accelerators);
    largest.cores = std::max(largest.cores, free.cores);
    largest.memory_mib = std::max(largest.memory_mib, free.memory_mib);
  }
  return largest;
}

}  // namespace hansa
