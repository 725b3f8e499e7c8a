// Dissemination: what is still to be told, and how often each thing was told already.
//
// News rides on messages that are sent anyway, within a byte budget each. An item is sent λ·ln(n + 1) times by
// everybody who learns it, which reaches all but about n^(1−λ) members in O(log n) periods; push-pull finds the rest.
// Least told goes first, and among those the newest. Newer news of the same thing replaces older.
//
// The queue holds keys, not values: what is told is always the latest of its kind.
// Invariants: an item is told to neither its subject (claims apart) nor the one it was heard from; the queue never
// holds more than its bound (the most told goes first).
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "hansa/types/ids.hpp"
#include "protocol/membership/options.hpp"

namespace hansa {

enum class GossipKind : std::uint8_t { claim, record, digest };

struct GossipKey {
  GossipKind kind = GossipKind::claim;
  SiteName site;
  SiteName reporter;  // of a suspicion: each accuser is news of its own, at most k + 1 of them

  auto operator<=>(const GossipKey&) const = default;
};

// Whether an item that is larger than a whole message may travel as the only one in it.
enum class Oversize : std::uint8_t { left_out, alone };

class Dissemination {
 public:
  explicit Dissemination(const MembershipOptions& options) : options_(options) {}

  // `bytes` is the item's size on the wire; `heard_from` is empty for own news.
  void tell(const GossipKey& key, std::size_t bytes, const SiteName& heard_from);
  void forget(const GossipKey& key);
  // The claims against a site are void: it refuted, or its state moved on.
  void forget_claims(const SiteName& site);
  void forget_site(const SiteName& site);

  // What goes into the next message to `to` (empty: anyone), counted as told once. `members` is n.
  std::vector<GossipKey> pick(const SiteName& to, std::size_t byte_budget, std::size_t members, Oversize oversize);

  bool empty() const { return items_.empty(); }
  std::size_t size() const { return items_.size(); }
  // How often an item is told among n members: ⌈λ·ln(n + 1)⌉.
  static std::uint32_t times_told(double lambda, std::size_t members);

 private:
  struct Item {
    GossipKey key;
    std::size_t bytes = 0;
    std::uint32_t told = 0;
    std::uint64_t age_rank = 0;  // larger: newer
    SiteName heard_from;
  };
  struct LeastToldNewest {
    bool operator()(const Item& a, const Item& b) const {
      return a.told != b.told ? a.told < b.told : a.age_rank > b.age_rank;
    }
  };
  // Where an item stands in the order.
  struct Place {
    std::uint32_t told = 0;
    std::uint64_t age_rank = 0;
  };

  static bool worth_telling(const Item& item, const SiteName& to);
  void insert(Item item);
  void count_told(Item item, std::size_t members);

  MembershipOptions options_;
  std::uint64_t age_rank_ = 0;
  std::set<Item, LeastToldNewest> items_;
  std::map<GossipKey, Place> places_;
};

}  // namespace hansa
