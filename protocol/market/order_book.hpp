// OrderBook: which jobs want a place, grouped by what they want.
//
// A thousand equal jobs are one question to the federation, not a thousand. Within a group the order is that of
// placing; those that wait come before those that were just submitted, because they were here first.
#pragma once

#include <absl/container/btree_map.h>

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "hansa/types/ids.hpp"
#include "hansa/types/job.hpp"
#include "hansa/types/time.hpp"
#include "protocol/market/explanation.hpp"

namespace hansa {

// What this site itself would do with the job, or the site in whose queue it waits.
struct HomeOffer {
  SiteName site;  // empty: this one
  Instant start;
  std::string pool;
  std::string model;
  double tflops = 0;  // of the whole shape; 0: unknown
  double price_per_hour = 0;
  std::size_t preference = 0;
};

struct PlaceOrder {
  JobId job;
  Shared<JobRequest> request;
  std::optional<HomeOffer> home;  // nothing: this site can't or may not run it
  bool waits_at_home = false;     // it is in the queue there already
};

using GroupId = std::uint64_t;
using OrderNumber = std::uint64_t;
using OrderLine = absl::btree_map<OrderNumber, JobId>;  // a B-tree takes half of what a node for each entry takes

struct OrderGroup {
  GroupId id = 0;
  Shared<JobRequest> request;
  bool can_stay = false;              // this site could run them
  SiteName home_site;                 // where they could stay; empty: this site
  std::optional<HomeOffer> home;      // as last told; `start` of a waiting job is asked for anew
  OrderLine waiting;                  // at home, or nowhere because nobody has them yet
  OrderLine fresh;                    // want a verdict now
  std::optional<CallId> call;         // the one that is open for them
  Instant asked_at = Instant::min();  // the last call
  Duration pause{0};                  // until the next without better news
  std::optional<Instant> retry_at;    // when the pause is over
  std::uint64_t news_seen = 0;        // the state of gossip that the last call knew
  SharedExplanation explanation;      // of the last choice

  std::size_t size() const { return waiting.size() + fresh.size(); }
};

class OrderBook {
 public:
  struct Entry {
    GroupId group = 0;
    OrderNumber number = 0;
    bool is_fresh = true;
    bool at_home = false;
  };

  // Files an order, or files it anew; a job that waits already keeps its place in line.
  OrderGroup& put(const PlaceOrder& order);
  void erase(const JobId& job);
  // The verdict was that it waits: at home, if it can stay there.
  void settle(const JobId& job);

  const Entry* find(const JobId& job) const;
  OrderGroup* group(GroupId id);
  // The group after this one in a fixed order, to walk them all in turns.
  OrderGroup* group_after(GroupId id);
  std::size_t group_count() const { return groups_.size(); }
  std::size_t job_count() const { return entries_.size(); }
  // Groups with fresh jobs and no open call.
  const std::set<GroupId>& unasked() const { return unasked_; }
  // The open call of a group changed.
  void note_call(OrderGroup& group, std::optional<CallId> call);

 private:
  OrderGroup& group_for(const PlaceOrder& order);
  void drop_if_empty(OrderGroup& group);
  void refresh(OrderGroup& group);

  absl::btree_map<JobId, Entry> entries_;
  std::map<GroupId, OrderGroup> groups_;
  std::unordered_multimap<std::uint64_t, GroupId> by_hash_;  // looked up only, never walked
  std::set<GroupId> unasked_;
  GroupId last_group_ = 0;
  OrderNumber last_number_ = 0;
};

}  // namespace hansa
