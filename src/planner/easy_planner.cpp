// The queue's side of EasyPlanner: entries, and the pass that decides what starts.
#include "src/planner/easy_planner.hpp"

#include <algorithm>
#include <cstring>

namespace hansa {
namespace {

constexpr std::size_t no_pool = static_cast<std::size_t>(-1);

std::vector<PoolLedger> ledgers_of(const std::vector<Pool>& pools) {
  std::vector<PoolLedger> ledgers;
  for (const auto& pool : pools) ledgers.emplace_back(pool);
  return ledgers;
}

}  // namespace

EasyPlanner::EasyPlanner(std::vector<Pool> pools, EasyOptions options)
    : pool_facts_(std::move(pools)),
      options_(options),
      ledgers_(ledgers_of(pool_facts_)),
      states_(pool_facts_.size()),
      line_(pool_facts_.size()) {}

std::size_t EasyPlanner::RunHash::operator()(const RunKey& run) const noexcept {
  std::uint64_t store = 0;
  std::memcpy(&store, run.job.store.bytes.data(), sizeof store);
  const auto task = static_cast<std::uint64_t>(static_cast<std::uint32_t>(run.job.task));
  const auto mix = (store ^ run.job.number ^ (task << 32)) * 0x9E3779B97F4A7C15u + run.epoch.value;
  return mix ^ (mix >> 29);
}

void EasyPlanner::changed() {
  starts_due_ = reservations_due_ = timetable_stale_ = true;
}

// --- Entries --------------------------------------------------------------------------------------------------------

// All who wait grow older at the same rate, so aging is a fixed place in line: a gang's credit just moves it forward.
Instant EasyPlanner::order_of(const QueueEntry& entry, const GroupKey& key) const {
  if (options_.gang_credit <= Duration{0} || key.choices.empty()) return entry.queued_at;
  const auto& choice = key.choices.front();
  const auto share = static_cast<double>(choice.units) /
                     static_cast<double>(std::max<std::uint64_t>(1, pool_facts_[choice.pool].units()));
  return entry.queued_at - std::chrono::duration_cast<Duration>(options_.gang_credit * std::min(1.0, share));
}

GroupKey EasyPlanner::key_of(const ResourceRequest& request, const PoolNames& only) const {
  auto key = group_of(pool_facts_, request);
  if (only.empty()) return key;
  std::erase_if(key.choices, [&](const Choice& choice) {
    return std::find(only.begin(), only.end(), pool_facts_[choice.pool].name) == only.end();
  });
  return key;
}

void EasyPlanner::put(const QueueEntry& entry) {
  if (running_.contains(entry.run)) return;
  const auto key = key_of(entry.request->resources, entry.pools);
  line_.put(entry.run, key, order_of(entry, key), entry.ready);
  const bool has_hold = held_runs_.contains(entry.run);
  line_.set_hold(entry.run, has_hold);
  if (has_hold && entry.ready) {
    held_and_ready_.insert(entry.run);
  } else {
    held_and_ready_.erase(entry.run);
  }
  changed();
}

void EasyPlanner::remove(const RunKey& run) {
  line_.erase(run);
  drop_hold_of(run);
  if (const auto found = running_.find(run); found != running_.end()) {
    if (found->second.pool != no_pool) ledgers_[found->second.pool].give(found->second.id);
    running_.erase(found);
  }
  changed();
}

void EasyPlanner::occupy(const RunKey& run, const Shared<JobRequest>& request, const Allocation& allocation,
                         Instant since) {
  remove(run);
  const auto pool = pool_index(allocation.pool);
  const auto end = end_after(since, request->resources.time_limit);
  running_[run] = pool == no_pool ? Under{no_pool, 0} : Under{pool, ledgers_[pool].take(allocation, end)};
}

std::size_t EasyPlanner::pool_index(const std::string& name) const {
  for (std::size_t i = 0; i < pool_facts_.size(); ++i) {
    if (pool_facts_[i].name == name) return i;
  }
  return no_pool;
}

// --- What starts ----------------------------------------------------------------------------------------------------

std::vector<StartDecision> EasyPlanner::starts(Instant now) {
  expire_holds(now);
  std::vector<StartDecision> out;
  if (!starts_due_) return out;
  start_held_runs(now, out);
  pass(now, &out);
  starts_due_ = false;
  if (!out.empty()) {
    timetable_stale_ = true;
    ++changes_;
  }
  return out;
}

// Their units are theirs already, whatever the line says; unless a run that was found runs on them.
void EasyPlanner::start_held_runs(Instant now, std::vector<StartDecision>& out) {
  std::vector<std::pair<Place, RunKey>> ready;
  for (const auto& run : held_and_ready_) ready.emplace_back(line_.find(run)->place, run);
  std::sort(ready.begin(), ready.end());
  for (const auto& [place, run] : ready) {
    const auto hold = holds_.find(held_runs_.at(run));
    const auto under = hold->second.under;
    const auto limit = hold->second.limit;
    const bool sound = ledgers_[under.pool].is_sound(under.id);
    const auto allocation = ledgers_[under.pool].commitment(under.id).allocation;
    drop_hold(hold);
    if (!sound) continue;
    line_.erase(run);
    running_[run] = {under.pool, ledgers_[under.pool].take(allocation, end_after(now, limit))};
    out.push_back({run, allocation});
  }
}

void EasyPlanner::begin_pass() {
  for (auto& state : states_) {
    state.has_head = false;
    state.open = true;
    state.tried = 0;
  }
}

// Walks the line in order, a group at a time. With `out` it starts what may start; without, it only finds out who the
// heads are, so that a hold can respect them.
void EasyPlanner::pass(Instant now, std::vector<StartDecision>* out) {
  begin_pass();
  auto at = Place::before_all();
  while (const auto* front = next_front(at)) {
    at = front->place;
    const auto& group = *front->group;
    if (out != nullptr && start_front(group, now, *out)) continue;
    reserve_for(*group.key);
    count_trial(*group.key);
  }
  reservations_due_ = false;
}

const Front* EasyPlanner::next_front(const Place& after) const {
  const Front* next = nullptr;
  for (std::size_t pool = 0; pool < states_.size(); ++pool) {
    if (!states_[pool].open) continue;
    const auto& fronts = line_.fronts(pool, true);
    const auto front = fronts.upper_bound({after, nullptr});
    if (front != fronts.end() && (next == nullptr || *front < *next)) next = &*front;
  }
  return next;
}

bool EasyPlanner::start_front(const Group& group, Instant now, std::vector<StartDecision>& out) {
  const auto end = end_after(now, group.key->limit);
  for (const auto& choice : group.key->choices) {
    if (!states_[choice.pool].open) continue;
    auto option = place(choice, end);
    if (!option) continue;
    const auto run = group.ready.begin()->run->first;
    line_.erase(run);  // the group may be gone with it
    running_[run] = commit(option->pool, option->allocation, end);
    out.push_back({run, std::move(option->allocation)});
    return true;
  }
  return false;
}

// Becomes the head of a pool that has none: of those that could hold it, the one that frees first.
void EasyPlanner::reserve_for(const GroupKey& key) {
  PoolState* best = nullptr;
  for (const auto& choice : key.choices) {
    auto& state = states_[choice.pool];
    if (!state.open || state.has_head) continue;
    const auto& reservation = reservation_for(choice);
    if (best == nullptr || reservation.start < best->known->reservation.start) best = &state;
  }
  if (best != nullptr) best->has_head = true;
}

const Reservation& EasyPlanner::reservation_for(const Choice& choice) {
  auto& known = states_[choice.pool].known;
  const auto& ledger = ledgers_[choice.pool];
  if (!known || known->shape != choice.shape || known->ledger_version != ledger.version()) {
    known = KnownReservation{choice.shape, ledger.version(), reserve(ledger, choice.shape)};
  }
  return known->reservation;
}

// A pool is done with when its depth is used up, or when it has a head and nothing left to give.
void EasyPlanner::count_trial(const GroupKey& key) {
  for (const auto& choice : key.choices) {
    auto& state = states_[choice.pool];
    if (!state.open || !state.has_head) continue;
    if (++state.tried > options_.backfill_depth) state.open = false;
    if (state.tried == 1 && ledgers_[choice.pool].largest_free().cores == 0) state.open = false;
  }
}

// A fit that leaves the pool's head its start.
std::optional<EasyPlanner::Option> EasyPlanner::place(const Choice& choice, Instant end) const {
  const auto* reservation = states_[choice.pool].reservation();
  const bool in_time = reservation == nullptr || end <= reservation->start;
  auto allocation = ledgers_[choice.pool].place(choice.shape, in_time ? nullptr : &reservation->spare);
  if (!allocation) return std::nullopt;
  return Option{choice.pool, std::move(*allocation)};
}

// A head's reservation stays as it is, less what was taken by its own rule: it need not be worked out again.
EasyPlanner::Under EasyPlanner::commit(std::size_t pool, const Allocation& allocation, Instant end) {
  auto& state = states_[pool];
  auto& ledger = ledgers_[pool];
  const bool still_known = state.has_head && state.known->ledger_version == ledger.version();
  if (state.has_head) state.known->reservation.account(allocation, end);
  const auto id = ledger.take(allocation, end);
  if (still_known) state.known->ledger_version = ledger.version();
  return {pool, id};
}

void EasyPlanner::refresh_reservations(Instant now) {
  if (reservations_due_) pass(now, nullptr);
}

std::optional<Instant> EasyPlanner::reserved_start(std::size_t pool) const {
  const auto* reservation = states_[pool].reservation();
  return reservation != nullptr ? std::optional(reservation->start) : std::nullopt;
}

}  // namespace hansa
