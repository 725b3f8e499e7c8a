#include "protocol/handoff/bidder.hpp"

namespace hansa {

BidId Bidder::mint(IdSource& ids, const SiteName& caller, const Shared<JobRequest>& request, Instant valid_until) {
  const BidId bid{ids.draw()};
  live_.emplace(bid, LiveBid{caller, request});
  ++per_caller_[caller];
  expiry_.set(bid, valid_until);
  return bid;
}

bool Bidder::is_live(const BidId& bid, const SiteName& caller) const {
  const auto found = live_.find(bid);
  return found != live_.end() && found->second.caller == caller;
}

bool Bidder::is_for(const BidId& bid, const JobRequest& request) const {
  const auto found = live_.find(bid);
  return found != live_.end() && *found->second.request == request;
}

bool Bidder::use_up(const BidId& bid, const SiteName& caller) {
  if (!is_live(bid, caller)) return false;
  kill(live_.find(bid));
  return true;
}

void Bidder::expire(Instant now) {
  for (const auto& bid : expiry_.take_due(now)) {
    if (const auto found = live_.find(bid); found != live_.end()) kill(found);
  }
}

std::size_t Bidder::live_count_of(const SiteName& caller) const {
  const auto found = per_caller_.find(caller);
  return found == per_caller_.end() ? 0 : found->second;
}

void Bidder::kill(std::map<BidId, LiveBid>::iterator bid) {
  const auto count = per_caller_.find(bid->second.caller);
  if (--count->second == 0) per_caller_.erase(count);
  expiry_.clear(bid->first);
  dead_.push_back(bid->first);
  live_.erase(bid);
}

}  // namespace hansa
