#include "protocol/controller/guest_use.hpp"

namespace hansa {

template <class Key>
void GuestUse::put(std::map<Key, Part>& parts, const Key& key, Part part) {
  erase(parts, key);
  sums_[part.pool][part.origin] += part.units;
  parts.emplace(key, std::move(part));
}

template <class Key>
void GuestUse::erase(std::map<Key, Part>& parts, const Key& key) {
  const auto gone = parts.extract(key);
  if (!gone) return;
  const auto pool = sums_.find(gone.mapped().pool);
  const auto origin = pool->second.find(gone.mapped().origin);
  origin->second -= gone.mapped().units;
  if (origin->second == 0) pool->second.erase(origin);
  if (pool->second.empty()) sums_.erase(pool);
}

template void GuestUse::put(std::map<BidId, Part>&, const BidId&, Part);
template void GuestUse::put(std::map<RunKey, Part>&, const RunKey&, Part);
template void GuestUse::erase(std::map<BidId, Part>&, const BidId&);
template void GuestUse::erase(std::map<RunKey, Part>&, const RunKey&);

void GuestUse::taken_up(const BidId& bid, const RunKey& run) {
  const auto offer = offers_.find(bid);
  if (offer == offers_.end()) return;
  auto part = offer->second;
  withdraw(bid);
  put(run, std::move(part));
}

const GuestUse::Part* GuestUse::find(const RunKey& run) const {
  const auto found = runs_.find(run);
  return found == runs_.end() ? nullptr : &found->second;
}

std::uint64_t GuestUse::of_pool(const std::string& pool) const {
  const auto found = sums_.find(pool);
  std::uint64_t sum = 0;
  if (found == sums_.end()) return sum;
  for (const auto& [origin, units] : found->second) sum += units;
  return sum;
}

std::uint64_t GuestUse::of_origin(const std::string& pool, const SiteName& origin) const {
  const auto found = sums_.find(pool);
  if (found == sums_.end()) return 0;
  const auto mine = found->second.find(origin);
  return mine == found->second.end() ? 0 : mine->second;
}

}  // namespace hansa
