// The local queue and its timetable: what starts now, on which node, and when could this request start.
//
// Pure: an opinion of one site, handed to the Controller by bin/. Deterministic: same calls, same answers. For a
// backend without a queue of its own it decides what runs when and where; for one with a queue it only estimates.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "hansa/ports/backend.hpp"
#include "hansa/types/ids.hpp"
#include "hansa/types/job.hpp"
#include "hansa/types/resources.hpp"
#include "hansa/types/site.hpp"
#include "hansa/types/time.hpp"

namespace hansa {

// Pools by name; empty: any that could hold the request. What policy leaves a guest.
using PoolNames = std::vector<std::string>;

struct QueueEntry {
  RunKey run;
  Shared<JobRequest> request;
  Instant queued_at;   // its place in line; aging counts from here
  bool ready = false;  // confirmed and its files here: may start. Unready entries keep their place, not their units
  PoolNames pools;     // only these

  bool may_use(const std::string& pool) const {
    return pools.empty() || std::find(pools.begin(), pools.end(), pool) != pools.end();
  }
};

struct StartDecision {
  RunKey run;
  Allocation allocation;
};

// When and where a request could start.
struct Estimate {
  Instant start;
  std::string pool;
  Shape shape;
};

class Planner {
 public:
  virtual ~Planner() = default;

  // Puts a run into the queue, or updates one that waits there. Idempotent.
  virtual void put(const QueueEntry& entry) = 0;
  // The run waits, runs or is held no more. Unknown runs are ignored.
  virtual void remove(const RunKey& run) = 0;
  // The run occupies `allocation` since `since`, whatever the planner thought (after a start, or found at a restart).
  virtual void occupy(const RunKey& run, const Shared<JobRequest>& request, const Allocation& allocation,
                      Instant since) = 0;

  // Reserves units that can start now for a bid until `until` at most: hard, nothing else gets them. Returns nothing
  // when no units are free for it now.
  virtual std::optional<Estimate> hold(const BidId& bid, const Shared<JobRequest>& request, Instant now, Instant until,
                                       const PoolNames& only = {}) = 0;
  virtual void release(const BidId& bid) = 0;
  // The bid became this run: its units stay held for the run until `until`, or until it starts.
  virtual void hold_becomes(const BidId& bid, const QueueEntry& entry, Instant now, Instant until) = 0;

  // What a batch system says of its nodes and its queue; only planners for backends with a queue of their own listen.
  virtual void learn(const LoadReported& /*load*/, Instant /*now*/) {}

  // What starts now, in order. Everything returned counts as occupied from here on.
  virtual std::vector<StartDecision> starts(Instant now) = 0;
  // Earliest start of a request that would join the queue's end now; nothing if no pool could ever hold it.
  virtual std::optional<Estimate> estimate(const JobRequest& request, Instant now, const PoolNames& only = {}) = 0;
  // Expected start of a run that waits here.
  virtual std::optional<Instant> expected_start(const RunKey& run, Instant now) = 0;

  // When starts() could have something new without any other call (a hold that ends); nothing if never.
  virtual std::optional<Instant> deadline() const = 0;

  virtual std::vector<PoolDigest> digest(Instant now) = 0;
  virtual const std::vector<Pool>& pools() const = 0;
  virtual std::size_t queue_length() const = 0;

  virtual std::unique_ptr<Planner> clone() const = 0;
};

}  // namespace hansa
