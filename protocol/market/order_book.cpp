#include "protocol/market/order_book.hpp"

#include "protocol/market/request_hash.hpp"

namespace hansa {
namespace {

// Whether they can stay, and where, is part of what equal jobs share.
std::uint64_t hash_of(const JobRequest& request, bool can_stay, const SiteName& home) {
  FieldHash hash;
  hash.add(request);
  hash.add(can_stay);
  hash.add(home.value);
  return hash.value();
}

}  // namespace

OrderGroup& OrderBook::put(const PlaceOrder& order) {
  auto& group = group_for(order);
  auto number = OrderNumber{0};
  if (const auto known = entries_.find(order.job); known != entries_.end()) {
    if (known->second.group == group.id) number = known->second.number;
    if (auto* old = this->group(known->second.group)) {
      const auto entry = known->second;
      entries_.erase(known);
      (entry.is_fresh ? old->fresh : old->waiting).erase(entry.number);
      if (old != &group) drop_if_empty(*old);
    }
  }
  if (number == 0) number = ++last_number_;
  (order.waits_at_home ? group.waiting : group.fresh)[number] = order.job;
  entries_[order.job] = {group.id, number, !order.waits_at_home, order.waits_at_home};
  if (order.home) group.home = order.home;
  refresh(group);
  return group;
}

OrderGroup& OrderBook::group_for(const PlaceOrder& order) {
  const bool can_stay = order.home.has_value() || order.waits_at_home;
  const auto home = order.home ? order.home->site : SiteName{};
  const auto hash = hash_of(*order.request, can_stay, home);
  const auto [first, last] = by_hash_.equal_range(hash);
  for (auto at = first; at != last; ++at) {
    auto& known = groups_.at(at->second);
    if (known.can_stay == can_stay && known.home_site == home && known.request == order.request) return known;
  }
  const auto id = ++last_group_;
  auto& group = groups_[id];
  group.id = id;
  group.request = order.request;
  group.can_stay = can_stay;
  group.home_site = home;
  by_hash_.emplace(hash, id);
  return group;
}

void OrderBook::erase(const JobId& job) {
  const auto found = entries_.find(job);
  if (found == entries_.end()) return;
  const auto entry = found->second;
  entries_.erase(found);
  if (auto* group = this->group(entry.group)) {
    (entry.is_fresh ? group->fresh : group->waiting).erase(entry.number);
    drop_if_empty(*group);
  }
}

// Forgets a group that nobody is in; a call that is open for it finds nobody.
void OrderBook::drop_if_empty(OrderGroup& group) {
  if (group.size() > 0) return refresh(group);
  const auto hash = hash_of(*group.request, group.can_stay, group.home_site);
  const auto [first, last] = by_hash_.equal_range(hash);
  for (auto at = first; at != last; ++at) {
    if (at->second != group.id) continue;
    by_hash_.erase(at);
    break;
  }
  unasked_.erase(group.id);
  groups_.erase(group.id);
}

void OrderBook::settle(const JobId& job) {
  const auto found = entries_.find(job);
  if (found == entries_.end() || !found->second.is_fresh) return;
  auto& group = groups_.at(found->second.group);
  group.fresh.erase(found->second.number);
  group.waiting[found->second.number] = job;
  found->second.is_fresh = false;
  found->second.at_home = group.can_stay;
  refresh(group);
}

void OrderBook::refresh(OrderGroup& group) {
  if (group.fresh.empty() || group.call) {
    unasked_.erase(group.id);
  } else {
    unasked_.insert(group.id);
  }
}

void OrderBook::note_call(OrderGroup& group, std::optional<CallId> call) {
  group.call = call;
  refresh(group);
}

const OrderBook::Entry* OrderBook::find(const JobId& job) const {
  const auto found = entries_.find(job);
  return found == entries_.end() ? nullptr : &found->second;
}

OrderGroup* OrderBook::group(GroupId id) {
  const auto found = groups_.find(id);
  return found == groups_.end() ? nullptr : &found->second;
}

OrderGroup* OrderBook::group_after(GroupId id) {
  if (groups_.empty()) return nullptr;
  auto found = groups_.upper_bound(id);
  if (found == groups_.end()) found = groups_.begin();
  return &found->second;
}

}  // namespace hansa
