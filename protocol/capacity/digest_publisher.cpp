#include "protocol/capacity/digest_publisher.hpp"

#include <algorithm>
#include <cmath>

namespace hansa {

DigestPublisher::DigestPublisher(std::vector<Pool> pools, PublisherOptions options)
    : pools_(std::move(pools)), options_(std::move(options)) {}

bool DigestPublisher::wants(Instant now) const {
  return now >= deadline();
}

Instant DigestPublisher::deadline() const {
  if (!told_at_) return Instant::min();
  const auto in_any_case = *told_at_ + options_.interval_max;
  return touched_ ? std::min(in_any_case, *looked_at_ + options_.interval_min) : in_any_case;
}

bool DigestPublisher::offer(Instant now, bool draining, const std::vector<PoolDigest>& digest) {
  const bool publish = !told_at_ || now >= *told_at_ + options_.interval_max ||
                       (now >= *told_at_ + options_.interval_min && is_news(now, draining, digest));
  looked_at_ = now;
  touched_ = false;
  if (!publish) return false;
  told_ = digest;
  told_draining_ = draining;
  told_at_ = now;
  return true;
}

bool DigestPublisher::is_news(Instant now, bool draining, const std::vector<PoolDigest>& digest) const {
  if (draining != told_draining_ || digest.size() != told_.size() || digest.size() != pools_.size()) return true;
  for (std::size_t i = 0; i < digest.size(); ++i) {
    if (is_news(now, pools_[i], digest[i], told_[i])) return true;
  }
  return false;
}

bool DigestPublisher::is_news(Instant now, const Pool& pool, const PoolDigest& digest, const PoolDigest& told) const {
  const auto per_node = pool.units_per_node();
  return level(digest.units_free, pool.units()) != level(told.units_free, pool.units()) ||
         level(digest.largest_nodes, pool.nodes) != level(told.largest_nodes, pool.nodes) ||
         level(digest.largest_units_on_node, per_node) != level(told.largest_units_on_node, per_node) ||
         wait_moved(now, digest.wait_small_s, told.wait_small_s) ||
         wait_moved(now, digest.wait_middle_s, told.wait_middle_s) ||
         wait_moved(now, digest.wait_large_s, told.wait_large_s);
}

// 0 for nothing, then one for each threshold reached, and one for all of it.
int DigestPublisher::level(std::uint64_t free, std::uint64_t all) const {
  if (free == 0) return 0;
  const auto part = static_cast<double>(free) / static_cast<double>(std::max<std::uint64_t>(1, all));
  const auto reached =
      std::count_if(options_.thresholds.begin(), options_.thresholds.end(), [&](double at) { return part >= at; });
  return 1 + static_cast<int>(reached) + (free >= all ? 1 : 0);
}

// Others count the told wait down as time passes; so does this.
bool DigestPublisher::wait_moved(Instant now, std::uint32_t wait_s, std::uint32_t told_s) const {
  const auto passed = hansa::seconds(now - *told_at_);
  const auto believed = std::max(0.0, static_cast<double>(told_s) - passed);
  const auto wait = static_cast<double>(wait_s);
  const auto bound =
      std::max(hansa::seconds(options_.wait_change_min), options_.wait_change * std::max(wait, believed));
  return std::abs(wait - believed) > bound;
}

}  // namespace hansa
