// GuestUse: how many units of each pool guests have: run on, wait for, or were offered.
//
// Problem: policy keeps a share of each pool for this site's own users, and a promise made twice would break it. Idea:
// every unit that was promised to a guest is counted, from the bid on until the run is over; a guest's bid is for one
// pool, and its run stays there, so that what is counted is what is used.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "hansa/types/ids.hpp"

namespace hansa {

class GuestUse {
 public:
  struct Part {
    SiteName origin;
    std::string pool;
    std::uint64_t units = 0;
  };

  void offer(const BidId& bid, Part part) { put(offers_, bid, std::move(part)); }
  void withdraw(const BidId& bid) { erase(offers_, bid); }
  // The bid became this run.
  void taken_up(const BidId& bid, const RunKey& run);
  void put(const RunKey& run, Part part) { put(runs_, run, std::move(part)); }
  void erase(const RunKey& run) { erase(runs_, run); }
  const Part* find(const RunKey& run) const;

  std::uint64_t of_pool(const std::string& pool) const;
  std::uint64_t of_origin(const std::string& pool, const SiteName& origin) const;

 private:
  template <class Key>
  void put(std::map<Key, Part>& parts, const Key& key, Part part);
  template <class Key>
  void erase(std::map<Key, Part>& parts, const Key& key);

  std::map<BidId, Part> offers_;
  std::map<RunKey, Part> runs_;
  std::map<std::string, std::map<SiteName, std::uint64_t>> sums_;
};

}  // namespace hansa
