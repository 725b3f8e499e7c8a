// The bidding side of EasyPlanner: units held for a bid, and what becomes of them.
#include "src/planner/easy_planner.hpp"

namespace hansa {

std::optional<Estimate> EasyPlanner::hold(const BidId& bid, const Shared<JobRequest>& request, Instant now,
                                          Instant until, const PoolNames& only) {
  expire_holds(now);
  if (const auto known = holds_.find(bid); known != holds_.end()) return known->second.promised;
  const auto key = key_of(request->resources, only);
  const auto end = end_after(until, key.limit);  // it may start as late as that
  const auto option = option_now(key, end, now);
  if (!option) return std::nullopt;
  const auto& allocation = option->allocation;
  const Estimate promised{
      now, allocation.pool, {static_cast<std::uint32_t>(allocation.nodes.size()), allocation.per_node}};
  const auto under = commit(option->pool, allocation, end);
  holds_.emplace(bid, Hold{.under = under, .promised = promised, .until = until, .limit = key.limit});
  holds_by_end_.emplace(until, bid);
  timetable_stale_ = true;
  ++changes_;
  return promised;
}

void EasyPlanner::release(const BidId& bid) {
  if (const auto hold = holds_.find(bid); hold != holds_.end()) drop_hold(hold);
}

void EasyPlanner::drop_hold(std::map<BidId, Hold>::iterator hold) {
  ledgers_[hold->second.under.pool].give(hold->second.under.id);
  holds_by_end_.erase({hold->second.until, hold->first});
  if (const auto& run = hold->second.run) {
    held_and_ready_.erase(*run);
    held_runs_.erase(*run);
    line_.set_hold(*run, false);
  }
  holds_.erase(hold);
  changed();
}

void EasyPlanner::drop_hold_of(const RunKey& run) {
  const auto held = held_runs_.find(run);
  if (held != held_runs_.end()) release(held->second);
}

void EasyPlanner::hold_becomes(const BidId& bid, const QueueEntry& entry, Instant now, Instant until) {
  expire_holds(now);
  const auto found = holds_.find(bid);
  if (found == holds_.end() || running_.contains(entry.run)) {
    release(bid);
    return put(entry);
  }
  auto& hold = found->second;
  if (hold.run && *hold.run != entry.run) return put(entry);  // a bid becomes one run
  if (const auto other = held_runs_.find(entry.run); other != held_runs_.end() && other->second != bid) {
    release(other->second);
  }
  hold.run = entry.run;
  held_runs_[entry.run] = bid;
  holds_by_end_.erase({hold.until, bid});
  hold.until = until;
  holds_by_end_.emplace(until, bid);
  const auto allocation = ledgers_[hold.under.pool].commitment(hold.under.id).allocation;
  ledgers_[hold.under.pool].give(hold.under.id);
  hold.under = {hold.under.pool, ledgers_[hold.under.pool].take(allocation, end_after(until, hold.limit))};
  put(entry);
}

void EasyPlanner::expire_holds(Instant now) {
  while (!holds_by_end_.empty() && holds_by_end_.begin()->first <= now) release(holds_by_end_.begin()->second);
}

std::optional<Instant> EasyPlanner::deadline() const {
  if (holds_by_end_.empty()) return std::nullopt;
  return holds_by_end_.begin()->first;
}

}  // namespace hansa
