#include "src/planner/waiting_line.hpp"

#include <algorithm>
#include <cstring>
#include <tuple>

namespace hansa {
namespace {

std::uint64_t times_covered(std::uint64_t total, std::uint64_t need, std::uint64_t best) {
  return need == 0 ? best : std::min(best, total / need);
}

// How many shares of a kind one empty node holds.
std::uint64_t shares_per_node(const NodeResources& node, const NodeResources& share) {
  std::uint64_t best = 1024;
  best = times_covered(node.accelerators, share.accelerators, best);
  best = times_covered(node.cores, share.cores, best);
  best = times_covered(node.memory_mib, share.memory_mib, best);
  return std::max<std::uint64_t>(1, best);
}

}  // namespace

GroupKey group_of(const std::vector<Pool>& pools, const ResourceRequest& request) {
  std::vector<std::tuple<std::size_t, std::size_t, Choice>> ranked;  // preference, declared order
  for (std::size_t i = 0; i < pools.size(); ++i) {
    const auto shape = shape_in(pools[i], request);
    if (!shape) continue;
    const auto shares = shares_per_node(pools[i].per_node, shape->per_node);
    const auto units = (std::uint64_t{shape->nodes} * pools[i].units_per_node() + shares - 1) / shares;
    ranked.emplace_back(preference_of(pools[i], request), i, Choice{static_cast<std::uint32_t>(i), *shape, units});
  }
  std::sort(ranked.begin(), ranked.end());
  GroupKey key{.limit = std::clamp(request.time_limit, Duration{0}, forever)};
  for (const auto& rank : ranked) key.choices.push_back(std::get<Choice>(rank));
  return key;
}

std::uint64_t unit_seconds_of(const GroupKey& key) {
  if (key.choices.empty()) return 0;
  const auto limit =
      std::chrono::ceil<std::chrono::seconds>(std::min<Duration>(key.limit, std::chrono::hours(24 * 365)));
  return key.choices.front().units * static_cast<std::uint64_t>(std::max<std::int64_t>(1, limit.count()));
}

std::size_t WaitingLine::Hash::operator()(const RunKey& run) const noexcept {
  std::uint64_t store = 0;
  std::memcpy(&store, run.job.store.bytes.data(), sizeof store);
  auto mix = store ^ (run.job.number * 0x9E3779B97F4A7C15u) ^ (run.epoch.value << 40) ^
             (static_cast<std::uint64_t>(static_cast<std::uint32_t>(run.job.task)) << 20);
  mix = (mix ^ (mix >> 30)) * 0xBF58476D1CE4E5B9u;
  return mix ^ (mix >> 31);
}

WaitingLine::WaitingLine(const WaitingLine& other) : pools_(other.pools_.size()), arrivals_(other.arrivals_) {
  runs_.reserve(other.runs_.size());
  for (const auto& [key, group] : other.groups_) {
    for (const auto& queued : group.ready) insert(queued.run->first, key, queued.run->second);
    for (const auto& queued : group.unready) insert(queued.run->first, key, queued.run->second);
  }
}

void WaitingLine::put(const RunKey& run, const GroupKey& key, Instant order, bool ready) {
  const auto known = runs_.find(run);
  if (known == runs_.end()) {
    insert(run, key, {.place = {order, ++arrivals_}, .ready = ready});
    return;
  }
  const auto waiting = known->second;
  if (waiting.ready == ready && waiting.place.order == order && *waiting.group->key == key) return;
  erase(run);
  insert(run, key, {.place = {order, waiting.place.arrival}, .ready = ready, .has_hold = waiting.has_hold});
}

void WaitingLine::insert(const RunKey& run, const GroupKey& key, const Waiting& waiting) {
  const auto [group, fresh] = groups_.try_emplace(key);
  group->second.key = &group->first;
  auto& entry = *runs_.emplace(run, waiting).first;
  entry.second.group = &group->second;
  change_line(group->second, waiting.ready, [&](auto& line) { line.insert(Queued{waiting.place, &entry}); });
  if (!key.choices.empty()) pools_[key.choices.front().pool].unit_seconds += unit_seconds_of(key);
}

void WaitingLine::erase(const RunKey& run) {
  const auto found = runs_.find(run);
  if (found == runs_.end()) return;
  const auto waiting = found->second;
  auto& group = *waiting.group;
  const auto& key = *group.key;
  if (!key.choices.empty()) pools_[key.choices.front().pool].unit_seconds -= unit_seconds_of(key);
  change_line(group, waiting.ready, [&](auto& line) { line.erase(Queued{waiting.place, nullptr}); });
  runs_.erase(found);
  if (group.ready.empty() && group.unready.empty()) groups_.erase(groups_.find(key));
}

template <class Change>
void WaitingLine::change_line(Group& group, bool ready, Change change) {
  auto& line = group.line(ready);
  const auto before = line.empty() ? Place::before_all() : line.begin()->place;
  change(line);
  const auto after = line.empty() ? Place::before_all() : line.begin()->place;
  if (before == after) return;
  for (const auto& choice : group.key->choices) {
    auto& fronts = ready ? pools_[choice.pool].ready : pools_[choice.pool].unready;
    fronts.erase({before, nullptr});
    if (!line.empty()) fronts.insert({after, &group});
  }
}

const Waiting* WaitingLine::find(const RunKey& run) const {
  const auto found = runs_.find(run);
  return found == runs_.end() ? nullptr : &found->second;
}

void WaitingLine::set_hold(const RunKey& run, bool has_hold) {
  const auto found = runs_.find(run);
  if (found != runs_.end()) found->second.has_hold = has_hold;
}

}  // namespace hansa
