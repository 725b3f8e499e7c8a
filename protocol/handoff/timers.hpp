// Timers: when each of many things is due next, and which is due first.
//
// A machine has one deadline; inside it many jobs and runs wait to repeat themselves. One instant a key; setting it
// again moves it. Keys due at the same instant come in their own order, so that a run repeats exactly.
#pragma once

#include <limits>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "hansa/types/time.hpp"

namespace hansa {

template <class Key>
class Timers {
 public:
  void set(const Key& key, Instant at) {
    const auto [entry, fresh] = at_.try_emplace(key, at);
    if (!fresh) {
      if (entry->second == at) return;
      order_.erase({entry->second, key});
      entry->second = at;
    }
    order_.emplace(at, key);
  }

  void clear(const Key& key) {
    const auto entry = at_.find(key);
    if (entry == at_.end()) return;
    order_.erase({entry->second, key});
    at_.erase(entry);
  }

  std::optional<Instant> next() const {
    if (order_.empty()) return std::nullopt;
    return order_.begin()->first;
  }

  // Never later than this.
  void set_sooner(const Key& key, Instant at) {
    const auto entry = at_.find(key);
    if (entry == at_.end() || at < entry->second) set(key, at);
  }

  // Takes out what is due, the most urgent `count_max` of it; the rest stays due.
  std::vector<Key> take_due(Instant now, std::size_t count_max = std::numeric_limits<std::size_t>::max()) {
    std::vector<Key> due;
    while (!order_.empty() && order_.begin()->first <= now && due.size() < count_max) {
      due.push_back(order_.begin()->second);
      at_.erase(due.back());
      order_.erase(order_.begin());
    }
    return due;
  }

  // Each key's instant, in the keys' order.
  const std::map<Key, Instant>& all() const { return at_; }

  bool operator==(const Timers&) const = default;

 private:
  std::map<Key, Instant> at_;
  std::set<std::pair<Instant, Key>> order_;
};

// How often a message that must take effect is repeated: the first wait doubles up to the last.
struct Backoff {
  Duration first = std::chrono::seconds(1);
  Duration last = std::chrono::seconds(30);

  Duration after(std::uint32_t tries) const {
    auto wait = first;
    for (std::uint32_t i = 0; i < tries && wait < last; ++i) wait *= 2;
    return wait < last ? wait : last;
  }
};

}  // namespace hansa
