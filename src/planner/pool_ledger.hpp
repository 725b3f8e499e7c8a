// PoolLedger: what of one pool is taken, node by node, by whom and until when at the latest.
//
// A commitment is an allocation with an expected end: a run under way (since + time limit) or units held for a bid.
// What is found at a restart is entered as it is found, even if it takes more than a node has; a node then simply has
// nothing free. Placing packs: of the nodes that cover a share the fullest are taken, so that whole nodes stay whole
// for gangs. The nodes of a gang are distinct.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "hansa/types/resources.hpp"
#include "hansa/types/time.hpp"

namespace hansa {

// When something that starts then and may take so long is over, at the latest.
inline Instant end_after(Instant start, Duration limit) {
  return limit >= end_of_time - start ? end_of_time : start + std::max(limit, Duration{0});
}

// Names a commitment within its ledger; never used again.
using CommitmentId = std::uint64_t;

struct Commitment {
  Allocation allocation;
  Instant end;
};

class PoolLedger {
 public:
  explicit PoolLedger(Pool pool);

  const Pool& pool() const { return pool_; }
  std::size_t node_count() const { return nodes_.size(); }
  NodeResources free_on(std::size_t node) const { return free_[node]; }

  // Where `shape` would go now. With `within`, a node must also have its share there (spare of a reservation).
  std::optional<Allocation> place(const Shape& shape, const std::vector<NodeResources>* within = nullptr) const;

  CommitmentId take(Allocation allocation, Instant end);
  void give(CommitmentId id);
  const Commitment& commitment(CommitmentId id) const { return commitments_.at(id); }
  const std::map<CommitmentId, Commitment>& commitments() const { return commitments_; }
  const std::set<std::pair<Instant, CommitmentId>>& by_end() const { return by_end_; }

  // Whether nobody else was put onto what this commitment has.
  bool is_sound(CommitmentId id) const;

  std::uint64_t units_free() const;
  std::uint32_t nodes_wholly_free() const;
  // The most that one node has free, each resource for itself.
  NodeResources largest_free() const;
  // Changes with every take and give.
  std::uint64_t version() const { return version_; }

 private:
  struct Node {
    NodeResources used;
    std::vector<std::uint16_t> users;  // of each accelerator
  };
  void change(const Allocation& allocation, int sign);
  void update_free(std::size_t node);
  std::vector<std::uint32_t> best_nodes(const Shape& shape, const std::vector<NodeResources>* within) const;
  NodeShare share_on(std::uint32_t node, std::uint32_t accelerators) const;

  Pool pool_;
  std::vector<Node> nodes_;
  std::vector<NodeResources> free_;
  // Nodes by what they have free: of 20,000 equal nodes most are alike, and a search looks at each kind once.
  std::map<NodeResources, std::set<std::uint32_t>> by_free_;
  std::map<CommitmentId, Commitment> commitments_;
  std::set<std::pair<Instant, CommitmentId>> by_end_;
  CommitmentId last_id_ = 0;
  std::uint64_t version_ = 0;
};

// Each resource less `what`, down to nothing.
NodeResources minus(NodeResources from, const NodeResources& what);

// Of `free` nodes that cover `share` the `count` fullest, lowest index first among equals; empty if there are fewer.
std::vector<std::uint32_t> best_fit(const std::vector<NodeResources>& free, const NodeResources& share,
                                    std::size_t count);

}  // namespace hansa
