#include "src/planner/batch_planner.hpp"

#include <algorithm>

namespace hansa {
namespace {

// An end that the batch system says again a little differently is the same.
constexpr Duration same_end = std::chrono::seconds(5);

bool is_same_end(Instant a, Instant b) {
  return a > b ? a - b < same_end : b - a < same_end;
}

// What occupies units until `end`, whatever it is.
Shared<JobRequest> until(Instant end, Instant now) {
  JobRequest request;
  request.resources.time_limit = end >= end_of_time ? forever : std::max(Duration{0}, end - now);
  return Shared<JobRequest>(std::move(request));
}

std::uint32_t wait_in_seconds(Instant at, Instant now) {
  if (at <= now) return 0;
  const auto wait = std::chrono::ceil<std::chrono::seconds>(at - now).count();
  return static_cast<std::uint32_t>(std::min<std::int64_t>(wait, ~std::uint32_t{0}));
}

}  // namespace

BatchPlanner::BatchPlanner(std::vector<Pool> pools, BatchOptions options)
    : timetable_(std::move(pools)), options_(options) {}

// --- Entries --------------------------------------------------------------------------------------------------------

void BatchPlanner::put(const QueueEntry& entry) {
  if (handed_.contains(entry.run)) remove(entry.run);  // it was handed over and came back
  if (const auto known = waiting_.find(entry.run); known != waiting_.end())
    ready_.erase({known->second.queued_at, entry.run});
  waiting_.insert_or_assign(entry.run, entry);
  if (entry.ready) ready_.insert({entry.queued_at, entry.run});
  timetable_.put(entry);
}

void BatchPlanner::remove(const RunKey& run) {
  if (const auto waiting = waiting_.extract(run)) ready_.erase({waiting.mapped().queued_at, run});
  handed_.erase(run);
  timetable_.remove(run);
}

// Found at a restart: where it is, the next report says.
void BatchPlanner::occupy(const RunKey& run, const Shared<JobRequest>& request, const Allocation& allocation,
                          Instant since) {
  remove(run);
  handed_[run] = {.entry = {.run = run, .request = request, .queued_at = since}, .at = since};
  timetable_.occupy(run, request, allocation, since);
}

void BatchPlanner::hold_becomes(const BidId& bid, const QueueEntry& entry, Instant now, Instant until) {
  put(entry);
  timetable_.hold_becomes(bid, entry, now, until);
}

// --- What the batch system says -------------------------------------------------------------------------------------

void BatchPlanner::learn(const LoadReported& load, Instant now) {
  outlooks_ = load.pools;
  learn_foreign(load, now);
  learn_running(load, now);
  learn_waiting(load, now);
}

void BatchPlanner::learn_foreign(const LoadReported& load, Instant now) {
  std::set<RunKey> there;
  for (const auto& use : load.uses) {
    if (!use.foreign) continue;
    there.insert(use.run);
    const auto known = foreign_.find(use.run);
    if (known != foreign_.end() && known->second.allocation == use.allocation &&
        is_same_end(known->second.end, use.end))
      continue;
    foreign_[use.run] = {use.allocation, use.end};
    timetable_.occupy(use.run, until(use.end, now), use.allocation, now);
  }
  std::erase_if(foreign_, [&](const auto& entry) {
    if (there.contains(entry.first)) return false;
    timetable_.remove(entry.first);
    return true;
  });
}

void BatchPlanner::learn_running(const LoadReported& load, Instant now) {
  for (const auto& use : load.uses) {
    const auto handed = handed_.find(use.run);
    if (use.foreign || handed == handed_.end()) continue;
    auto& run = handed->second;
    if (run.stand == Stand::on_nodes && run.allocation == use.allocation) continue;
    run.stand = Stand::on_nodes;
    run.allocation = use.allocation;
    timetable_.occupy(use.run, until(use.end, now), use.allocation, now);
  }
}

void BatchPlanner::learn_waiting(const LoadReported& load, Instant now) {
  for (const auto& wait : load.waits) {
    const auto handed = handed_.find(wait.run);
    if (handed == handed_.end()) continue;
    auto& run = handed->second;
    run.expected = wait.start;
    if (run.stand != Stand::in_line && now - run.at >= options_.patience) stand_in_line(wait.run, run);
  }
}

// In the timetable it waits, and is never ready: it keeps its place and takes no units.
void BatchPlanner::stand_in_line(const RunKey& run, Handed& handed) {
  handed.stand = Stand::in_line;
  timetable_.remove(run);
  auto entry = handed.entry;
  entry.ready = false;
  timetable_.put(entry);
}

const LoadReported::Outlook* BatchPlanner::outlook_of(const std::string& pool) const {
  const auto found =
      std::find_if(outlooks_.begin(), outlooks_.end(), [&](const auto& each) { return each.pool == pool; });
  return found == outlooks_.end() ? nullptr : &*found;
}

// By the nearest of the three sizes that is not smaller.
Instant BatchPlanner::outlook_start(const Estimate& estimate) const {
  const auto* outlook = outlook_of(estimate.pool);
  if (outlook == nullptr) return Instant{};
  const auto pool =
      std::find_if(pools().begin(), pools().end(), [&](const Pool& p) { return p.name == estimate.pool; });
  const auto units = estimate.shape.units(*pool);
  if (units <= 1) return outlook->small;
  return units <= std::max<std::uint64_t>(1, pool->units() / 4) ? outlook->middle : outlook->large;
}

// --- What is handed over --------------------------------------------------------------------------------------------

std::vector<StartDecision> BatchPlanner::starts(Instant now) {
  auto out = timetable_.starts(now);
  for (const auto& decision : out) {
    auto waiting = waiting_.extract(decision.run);
    if (!waiting) continue;
    ready_.erase({waiting.mapped().queued_at, decision.run});
    handed_[decision.run] = {.entry = std::move(waiting.mapped()), .at = now};
  }
  hand_ahead(now, out);
  return out;
}

// In every pool that the run may have.
bool BatchPlanner::others_wait_everywhere(const QueueEntry& entry) const {
  bool fits = false;
  for (const auto& pool : pools()) {
    if (!entry.may_use(pool.name) || !shape_in(pool, entry.request->resources)) continue;
    const auto* outlook = outlook_of(pool.name);
    if (outlook == nullptr || !outlook->others_wait) return false;
    fits = true;
  }
  return fits;
}

// The first of those that wait here, whose nodes the batch system will choose.
void BatchPlanner::hand_ahead(Instant now, std::vector<StartDecision>& out) {
  auto in_line = static_cast<std::size_t>(std::count_if(
      handed_.begin(), handed_.end(), [](const auto& entry) { return entry.second.stand != Stand::on_nodes; }));
  std::vector<RunKey> chosen;
  for (const auto& [order, run] : ready_) {
    if (in_line + chosen.size() >= options_.ahead_max) break;
    if (others_wait_everywhere(waiting_.at(run))) chosen.push_back(run);
  }
  for (const auto& run : chosen) {
    const auto& entry = waiting_.at(run);
    const auto estimate = timetable_.estimate(*entry.request, now, entry.pools);
    if (!estimate || estimate->start >= end_of_time) continue;
    Allocation allocation{.pool = estimate->pool, .per_node = estimate->shape.per_node};
    for (std::uint32_t node = 0; node < estimate->shape.nodes; ++node) allocation.nodes.push_back({.node = node});
    auto waiting = waiting_.extract(run);
    ready_.erase({waiting.mapped().queued_at, run});
    auto& handed = handed_[run] = {.entry = std::move(waiting.mapped()), .at = now};
    stand_in_line(run, handed);
    out.push_back({run, std::move(allocation)});
  }
}

// --- Looking ahead --------------------------------------------------------------------------------------------------

// Units that are free here, but not for us, are held for nobody.
std::optional<Estimate> BatchPlanner::hold(const BidId& bid, const Shared<JobRequest>& request, Instant now,
                                           Instant until, const PoolNames& only) {
  auto held = timetable_.hold(bid, request, now, until, only);
  if (held && outlook_start(*held) > now) {
    timetable_.release(bid);
    return std::nullopt;
  }
  return held;
}

std::optional<Estimate> BatchPlanner::estimate(const JobRequest& request, Instant now, const PoolNames& only) {
  auto estimated = timetable_.estimate(request, now, only);
  if (!estimated || estimated->start >= end_of_time) return std::nullopt;
  estimated->start = std::max(estimated->start, outlook_start(*estimated));
  return estimated;
}

std::optional<Instant> BatchPlanner::expected_start(const RunKey& run, Instant now) {
  const auto handed = handed_.find(run);
  if (handed != handed_.end() && handed->second.expected < end_of_time) return std::max(now, handed->second.expected);
  const auto start = timetable_.expected_start(run, now);
  return start && *start < end_of_time ? start : std::nullopt;
}

std::vector<PoolDigest> BatchPlanner::digest(Instant now) {
  auto digests = timetable_.digest(now);
  for (auto& pool : digests) {
    const auto* outlook = outlook_of(pool.pool);
    if (outlook == nullptr) continue;
    pool.wait_small_s = std::max(pool.wait_small_s, wait_in_seconds(outlook->small, now));
    pool.wait_middle_s = std::max(pool.wait_middle_s, wait_in_seconds(outlook->middle, now));
    pool.wait_large_s = std::max(pool.wait_large_s, wait_in_seconds(outlook->large, now));
    if (outlook->small > now) pool.units_free = 0;
  }
  return digests;
}

}  // namespace hansa
