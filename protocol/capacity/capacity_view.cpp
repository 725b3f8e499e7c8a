#include "protocol/capacity/capacity_view.hpp"

#include <algorithm>

#include "hansa/types/datasets.hpp"

namespace hansa {
namespace {

using std::chrono::seconds;

// Of a site whose digest is not here yet: worth a question when nobody better is known.
constexpr Duration unknown_wait = std::chrono::minutes(5);
// What is not free now is not expected sooner.
constexpr Duration soonest = seconds(1);
// What this site took since the digest delays the next by so much, at least: the digest could not know of it.
constexpr Duration delay_of_taken = seconds(30);

std::uint64_t less(std::uint64_t from, std::uint64_t what) {
  return from - std::min(from, what);
}

const PoolDigest* digest_of(const CapacityView::Site& site, const std::string& pool) {
  if (!site.digest) return nullptr;
  const auto& pools = site.digest->pools;
  const auto found = std::find_if(pools.begin(), pools.end(), [&](const PoolDigest& d) { return d.pool == pool; });
  return found == pools.end() ? nullptr : &*found;
}

std::uint32_t units_on_node(const Pool& pool, const Shape& shape) {
  return pool.has_accelerators() ? shape.per_node.accelerators : shape.per_node.cores;
}

// How many such requests fit into what is free, as far as three numbers tell.
std::uint64_t fitting_at_once(const Pool& pool, const PoolDigest& digest, std::uint64_t taken, const Shape& shape) {
  const auto free = less(digest.units_free, taken);
  const auto units = std::max<std::uint64_t>(1, shape.units(pool));
  const auto share = units_on_node(pool, shape);
  if (share > digest.largest_units_on_node) return 0;
  if (shape.nodes <= 1) return free / units;
  const bool whole_nodes = 2 * share > pool.units_per_node();
  if (!whole_nodes) return free / units;
  const auto nodes_free = less(digest.largest_nodes, taken / std::max(1u, pool.units_per_node()));
  return std::min<std::uint64_t>(free / units, nodes_free / shape.nodes);
}

double between(double x, double x0, double y0, double x1, double y1) {
  return x1 <= x0 ? y1 : y0 + (y1 - y0) * std::clamp((x - x0) / (x1 - x0), 0.0, 1.0);
}

// The digest tells the wait for one unit, a quarter of the pool and the whole of it.
Duration wait_told(const Pool& pool, const PoolDigest& digest, std::uint64_t units) {
  const auto all = static_cast<double>(pool.units());
  const auto x = static_cast<double>(units);
  const double wait = x <= all / 4 ? between(x, 1, digest.wait_small_s, all / 4, digest.wait_middle_s)
                                   : between(x, all / 4, digest.wait_middle_s, all, digest.wait_large_s);
  return Duration{static_cast<std::int64_t>(wait * 1e6)};
}

// Whether anything a request may need got easier to have.
bool is_better(const PoolDigest& now, const PoolDigest& before) {
  return now.units_free > before.units_free || now.largest_nodes > before.largest_nodes ||
         now.largest_units_on_node > before.largest_units_on_node || now.wait_small_s < before.wait_small_s ||
         now.wait_middle_s < before.wait_middle_s || now.wait_large_s < before.wait_large_s;
}

std::uint64_t* taken_from(CapacityView::Site& site, const std::string& pool) {
  const auto& pools = site.record.pools;
  const auto found = std::find_if(pools.begin(), pools.end(), [&](const Pool& p) { return p.name == pool; });
  return found == pools.end() ? nullptr : &site.taken[static_cast<std::size_t>(found - pools.begin())];
}

}  // namespace

void CapacityView::learn(const SiteRecord& record) {
  auto& site = sites_[record.site];
  const auto newer = std::pair(record.incarnation, record.version);
  if (newer < std::pair(site.record.incarnation, site.record.version)) return;
  if (site.record.store != record.store || site.record.pools != record.pools) {
    site.digest.reset();
    site.taken.assign(record.pools.size(), 0);
  }
  site.record = record;
}

bool CapacityView::learn(Instant now, const CapacityDigest& digest) {
  const auto found = sites_.find(digest.site);
  if (found == sites_.end()) return false;
  auto& site = found->second;
  const auto newer = std::pair(digest.incarnation, digest.version);
  if (site.digest && newer <= std::pair(site.digest->incarnation, site.digest->version)) return false;
  bool better = !site.digest || (site.digest->draining && !digest.draining);
  for (const auto& pool : digest.pools) {
    const auto* before = digest_of(site, pool.pool);
    better = better || before == nullptr || is_better(pool, *before);
  }
  site.digest = digest;
  site.digest_at = now;
  std::fill(site.taken.begin(), site.taken.end(), 0);
  return better;
}

void CapacityView::take(const SiteName& site, const std::string& pool, std::uint64_t units) {
  const auto found = sites_.find(site);
  if (found == sites_.end()) return;
  if (auto* taken = taken_from(found->second, pool)) *taken += units;
}

void CapacityView::give_back(const SiteName& site, const std::string& pool, std::uint64_t units) {
  const auto found = sites_.find(site);
  if (found == sites_.end()) return;
  if (auto* taken = taken_from(found->second, pool)) *taken = less(*taken, units);
}

const CapacityView::Site* CapacityView::find(const SiteName& site) const {
  const auto found = sites_.find(site);
  return found == sites_.end() ? nullptr : &found->second;
}

Outlook outlook_of(const Pool& pool, const PoolDigest* digest, Duration age, std::uint64_t taken, const Shape& shape,
                   const ResourceRequest& request) {
  const auto units = shape.units(pool);
  Outlook outlook{.pool = pool.name,
                  .model = pool.model,
                  .shape = shape,
                  .start = unknown_wait,
                  .tflops = pool.tflops_per_unit * static_cast<double>(units),
                  .price_per_hour = pool.price_per_unit_hour * static_cast<double>(units),
                  .preference = preference_of(pool, request),
                  .units = units};
  if (digest == nullptr) return outlook;
  outlook.at_once = fitting_at_once(pool, *digest, taken, shape);
  outlook.start = Duration{0};
  if (outlook.at_once > 0) return outlook;
  outlook.start = std::max(soonest, wait_told(pool, *digest, units) - age);
  if (taken > 0) outlook.start = std::max(outlook.start, delay_of_taken);
  return outlook;
}

std::vector<Outlook> CapacityView::outlooks(const Site& site, const JobRequest& request, Instant now) const {
  std::vector<Outlook> outlooks;
  const auto& pools = site.record.pools;
  for (std::size_t i = 0; i < pools.size(); ++i) {
    const auto shape = shape_in(pools[i], request.resources);
    if (!shape) continue;
    const auto age = std::max(Duration{0}, now - site.digest_at);
    outlooks.push_back(
        outlook_of(pools[i], digest_of(site, pools[i].name), age, site.taken[i], *shape, request.resources));
    outlooks.back().preference += dataset_steps(site.record.datasets, request.wishes);
  }
  return outlooks;
}

}  // namespace hansa
