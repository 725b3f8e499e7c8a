// The looking-ahead side of EasyPlanner: estimates and the digest.
#include <algorithm>
#include <limits>

#include "src/planner/easy_planner.hpp"

namespace hansa {
namespace {

std::uint32_t seconds_until(Instant at, Instant now) {
  const auto wait = std::chrono::ceil<std::chrono::seconds>(std::max(at - now, Duration{0})).count();
  return static_cast<std::uint32_t>(std::min<std::int64_t>(wait, std::numeric_limits<std::uint32_t>::max()));
}

// So many units of a pool, on as few nodes as they need, with a fair part of the other resources of a node left alone.
Shape shape_of_units(const Pool& pool, std::uint64_t units) {
  const auto per_node = std::max<std::uint64_t>(1, pool.units_per_node());
  const auto nodes = (units + per_node - 1) / per_node;
  const auto share = static_cast<std::uint32_t>((units + nodes - 1) / nodes);
  return {static_cast<std::uint32_t>(nodes),
          pool.has_accelerators() ? NodeResources{.accelerators = share} : NodeResources{.cores = share}};
}

std::uint64_t units_of(const Pool& pool, const Shape& shape) {
  const auto share =
      std::max<std::uint64_t>(1, pool.has_accelerators() ? shape.per_node.accelerators : shape.per_node.cores);
  return std::uint64_t{shape.nodes} * pool.units_per_node() / std::max<std::uint64_t>(1, pool.units_per_node() / share);
}

}  // namespace

// Built again after a change, but no more often than its cost allows.
const Timetable& EasyPlanner::timetable(Instant now) {
  const auto rest = [&] {
    return Duration{static_cast<std::int64_t>(timetable_->steps() * 1'000'000 / options_.timetable_steps_per_second)};
  };
  if (!timetable_ || (timetable_stale_ && now - timetable_->built_at() >= rest())) {
    timetable_.emplace(ledgers_, line_, options_, now);
    timetable_stale_ = false;
  }
  return *timetable_;
}

std::optional<EasyPlanner::Option> EasyPlanner::option_now(const GroupKey& key, Instant end, Instant now) {
  refresh_reservations(now);
  for (const auto& choice : key.choices) {
    if (auto option = place(choice, end)) return option;
  }
  return std::nullopt;
}

std::optional<Estimate> EasyPlanner::estimate(const JobRequest& request, Instant now, const PoolNames& only) {
  expire_holds(now);
  auto key = key_of(request.resources, only);
  if (key.choices.empty()) return std::nullopt;
  const auto& last = last_estimate_;
  if (last && last->now == now && last->changes == changes_ && last->key == key) return last->estimate;
  auto estimated = estimate(key, now);
  last_estimate_ = KnownEstimate{std::move(key), now, changes_, estimated};
  return estimated;
}

std::optional<Estimate> EasyPlanner::estimate(const GroupKey& key, Instant now) {
  if (const auto option = option_now(key, now + key.limit, now)) {
    const auto choice =
        std::find_if(key.choices.begin(), key.choices.end(), [&](const Choice& c) { return c.pool == option->pool; });
    return Estimate{now, pool_facts_[option->pool].name, choice->shape};
  }
  const auto& table = timetable(now);
  std::optional<Estimate> best;
  for (const auto& choice : key.choices) {
    const auto start =
        std::max(now + options_.soonest, table.start_at_end(ledgers_[choice.pool], choice, key.limit, line_));
    if (!best || start < best->start) best = Estimate{start, pool_facts_[choice.pool].name, choice.shape};
  }
  return best;
}

std::optional<Instant> EasyPlanner::expected_start(const RunKey& run, Instant now) {
  expire_holds(now);
  const auto* waiting = line_.find(run);
  if (waiting == nullptr) return std::nullopt;
  if (waiting->has_hold) return now;
  return std::max(now, timetable(now).start_of({run, *waiting}, line_));
}

std::optional<Instant> EasyPlanner::wait_of(std::size_t pool, const Shape& shape, Instant now) {
  const Choice choice{static_cast<std::uint32_t>(pool), shape, units_of(pool_facts_[pool], shape)};
  if (!pool_facts_[pool].per_node.covers(shape.per_node) || shape.nodes > pool_facts_[pool].nodes) return std::nullopt;
  if (place(choice, now + options_.typical_limit)) return now;
  const auto start = timetable(now).start_at_end(ledgers_[pool], choice, options_.typical_limit, line_);
  return std::max(now + options_.soonest, start);
}

PoolDigest EasyPlanner::digest_of(std::size_t pool, Instant now) {
  const auto& facts = pool_facts_[pool];
  const auto largest = ledgers_[pool].largest_free();
  PoolDigest digest{.pool = facts.name,
                    .units_free = ledgers_[pool].units_free(),
                    .largest_nodes = ledgers_[pool].nodes_wholly_free(),
                    .largest_units_on_node = facts.has_accelerators() ? largest.accelerators : largest.cores,
                    .queued_unit_seconds = line_.queued_unit_seconds(pool)};
  const auto wait = [&](std::uint64_t units) {
    return seconds_until(
        wait_of(pool, shape_of_units(facts, std::max<std::uint64_t>(1, units)), now).value_or(end_of_time), now);
  };
  digest.wait_small_s = wait(1);
  digest.wait_middle_s = wait(facts.units() / 4);
  digest.wait_large_s = wait(facts.units());
  return digest;
}

std::vector<PoolDigest> EasyPlanner::digest(Instant now) {
  expire_holds(now);
  refresh_reservations(now);
  std::vector<PoolDigest> digests;
  for (std::size_t pool = 0; pool < pool_facts_.size(); ++pool) digests.push_back(digest_of(pool, now));
  return digests;
}

}  // namespace hansa
