#include "protocol/membership/dissemination.hpp"

#include <algorithm>
#include <cmath>

namespace hansa {

namespace {

// Nothing is smaller; and no more than this many items are looked at in vain for one message.
constexpr std::size_t item_bytes_min = 24;
constexpr std::size_t skips_max = 64;

}  // namespace

void Dissemination::tell(const GossipKey& key, std::size_t bytes, const SiteName& heard_from) {
  forget(key);
  if (items_.size() >= options_.queue_items_max) forget(std::prev(items_.end())->key);
  insert({key, bytes, 0, ++age_rank_, heard_from});
}

void Dissemination::insert(Item item) {
  places_[item.key] = {item.told, item.age_rank};
  items_.insert(std::move(item));
}

void Dissemination::forget(const GossipKey& key) {
  const auto found = places_.find(key);
  if (found == places_.end()) return;
  items_.erase({.told = found->second.told, .age_rank = found->second.age_rank});
  places_.erase(found);
}

void Dissemination::forget_claims(const SiteName& site) {
  const auto about_site = [&](const GossipKey& key) { return key.kind == GossipKind::claim && key.site == site; };
  std::vector<GossipKey> claims;
  for (auto place = places_.lower_bound({GossipKind::claim, site, {}}); place != places_.end(); ++place) {
    if (!about_site(place->first)) break;
    claims.push_back(place->first);
  }
  for (const auto& claim : claims) forget(claim);
}

void Dissemination::forget_site(const SiteName& site) {
  forget_claims(site);
  forget({GossipKind::record, site, {}});
  forget({GossipKind::digest, site, {}});
}

bool Dissemination::worth_telling(const Item& item, const SiteName& to) {
  if (to.empty()) return true;
  return item.heard_from != to && (item.key.site != to || item.key.kind == GossipKind::claim);
}

std::vector<GossipKey> Dissemination::pick(const SiteName& to, std::size_t byte_budget, std::size_t members,
                                           Oversize oversize) {
  std::vector<Item> picked;
  std::size_t left = byte_budget;
  std::size_t skips = 0;
  for (auto item = items_.begin(); item != items_.end() && left >= item_bytes_min && skips < skips_max; ++item) {
    const bool alone = picked.empty() && oversize == Oversize::alone && item->bytes > byte_budget;
    if (!worth_telling(*item, to) || (item->bytes > left && !alone)) {
      ++skips;
      continue;
    }
    picked.push_back(*item);
    left -= std::min(left, item->bytes);
  }
  std::vector<GossipKey> keys;
  for (auto& item : picked) {
    keys.push_back(item.key);
    count_told(std::move(item), members);
  }
  return keys;
}

void Dissemination::count_told(Item item, std::size_t members) {
  forget(item.key);
  if (++item.told < times_told(options_.lambda, members)) insert(std::move(item));
}

std::uint32_t Dissemination::times_told(double lambda, std::size_t members) {
  return static_cast<std::uint32_t>(std::max(1.0, std::ceil(lambda * std::log(static_cast<double>(members) + 1))));
}

}  // namespace hansa
