// Market: what comes in.
#include "protocol/market/market.hpp"

#include <algorithm>

namespace hansa {

// Calls are numbered from anywhere: a bid for a daemon that was restarted since must not meet another call's number.
Market::Market(SiteName self, MarketOptions options, const Score& score, CapacityView& capacity, MarketView& view,
               Rng rng)
    : self_(std::move(self)),
      options_(options),
      score_(score),
      capacity_(capacity),
      view_(view),
      rng_(rng),
      passing_over_(options),
      last_call_{rng_.next() >> 1} {}

void Market::place(Now now, const PlaceOrder& order) {
  book_.put(order);
  if (!look_again_at_) look_again_at_ = now.instant + options_.look_again;
}

void Market::forget(const JobId& job) {
  book_.erase(job);
  passing_over_.forget(job);
  awards_.erase(job);
}

void Market::picture_improved(Instant now) {
  ++news_;
  if (groups_to_visit_ == 0) scan_next_ = std::max(scan_next_, now);
  groups_to_visit_ = book_.group_count();
}

void Market::step(Now now, const SiteName& from, const Bid& bid, Effects& out) {
  const auto found = calls_.find(bid.call);
  auto* asked = found == calls_.end() ? nullptr : found->second.find(from);
  if (asked == nullptr || asked->has_answered()) {  // late, repeated or never asked for
    const bool repeated = asked != nullptr && asked->bid && asked->bid->bids == bid.bids;
    if (!bid.bids.empty() && !repeated) out.send.push_back({from, Release{.bids = bid.bids}});
    return;
  }
  asked->bid = sane(bid);
  asked->received = now.instant;
  if (found->second.is_settled(options_)) close(now, bid.call, out);
}

void Market::step(Now now, const SiteName& from, const Decline& decline, Effects& out) {
  const auto found = calls_.find(decline.call);
  auto* asked = found == calls_.end() ? nullptr : found->second.find(from);
  if (asked == nullptr || asked->has_answered()) return;
  asked->decline = decline;
  const auto wait = std::clamp(decline.retry_after, Duration{0}, options_.wait_when_told_max);
  if (wait > Duration{0}) passing_over_.asked_to_wait(now.instant + wait, from);
  if (found->second.is_settled(options_)) close(now, decline.call, out);
}

void Market::tick(Now now, Effects& out) {
  while (!calls_by_end_.empty() && calls_by_end_.begin()->first <= now.instant) {
    close(now, calls_by_end_.begin()->second, out);
  }
  if (look_again_at_ && now.instant >= *look_again_at_) {
    groups_to_visit_ = book_.group_count();
    look_again_at_.reset();
    if (groups_to_visit_ > 0) look_again_at_ = now.instant + options_.look_again;
  }
  ask_for_fresh(now, out);
  scan_waiting(now, out);
}

std::optional<Instant> Market::deadline() const {
  std::optional<Instant> first = look_again_at_;
  const auto sooner = [&](Instant at) { first = first ? std::min(*first, at) : at; };
  if (!calls_by_end_.empty()) sooner(calls_by_end_.begin()->first);
  const bool room = calls_.size() < options_.calls_open_max;
  if (room && !book_.unasked().empty()) sooner(Instant::min());
  if (room && groups_to_visit_ > 0) sooner(scan_next_);
  if (room && !retries_.empty()) sooner(std::max(scan_next_, retries_.begin()->first));
  return first;
}

SharedExplanation Market::explanation(const JobId& job) {
  const auto* entry = book_.find(job);
  return entry == nullptr ? nullptr : book_.group(entry->group)->explanation;
}

}  // namespace hansa
