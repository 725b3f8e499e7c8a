// Which chunks were sent to whom a short while ago.
//
// A chunk is sent as it lies on the disk: who gets it checks it anyway. Who asks for the same one again may have got
// damage, and then it is worth the time to see whether ours is damaged.
#pragma once

#include <deque>
#include <mutex>
#include <set>
#include <utility>

#include "hansa/types/crypto.hpp"
#include "hansa/types/ids.hpp"

namespace hansa::staging {

class RecentlySent {
 public:
  // Notes it; whether it was noted before.
  bool again(const SiteName& to, const ContentHash& hash) {
    const std::lock_guard lock(mutex_);
    const std::pair item{to, hash};
    if (!sent_.insert(item).second) return true;
    order_.push_back(item);
    if (order_.size() > remembered_max) {
      sent_.erase(order_.front());
      order_.pop_front();
    }
    return false;
  }

 private:
  static constexpr std::size_t remembered_max = 1024;
  std::mutex mutex_;
  std::set<std::pair<SiteName, ContentHash>> sent_;
  std::deque<std::pair<SiteName, ContentHash>> order_;
};

}  // namespace hansa::staging
