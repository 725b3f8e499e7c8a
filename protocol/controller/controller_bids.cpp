// Controller: the market's messages, and what this site offers when others call.
//
// Units that can start now are held for the caller, hard and briefly; when all are held or taken, the later start is
// bid instead of declining: the caller decides.
#include <algorithm>

#include "hansa/types/datasets.hpp"
#include "protocol/controller/controller.hpp"
#include "protocol/wire/limits.hpp"

namespace hansa {

void Controller::on(Now now, const SiteName& from, const CallForBids& m, Effects& out) {
  const auto decline = [&](DeclineReason reason, std::string text) {
    out.send.push_back({from, Decline{.call = m.call, .reason = reason, .text = std::move(text)}});
  };
  if (const auto wait = call_quota_.refuse(now.instant, from)) {
    out.send.push_back({from, Decline{.call = m.call, .reason = DeclineReason::slow_down, .retry_after = *wait}});
    return;
  }
  if (const auto reason = why_no_bid(from, m)) return decline(*reason, std::string(to_word(*reason)));
  const auto terms = terms_for(now, from, *m.request);
  note_terms(from, *m.request, terms, out);
  if (!terms.accepted) return decline(DeclineReason::policy, terms.rule + ": " + terms.text);
  auto bid = m.hold ? held_bid(now, from, m, terms) : std::nullopt;
  if (!bid) bid = later_bid(now, from, m, terms);
  if (!bid) return decline(DeclineReason::never_fits, std::string(to_word(DeclineReason::never_fits)));
  bid->call = m.call;
  bid->valid_for = options_.bid_valid;
  bid->store = store_;
  out.send.push_back({from, std::move(*bid)});
}

std::optional<DeclineReason> Controller::why_no_bid(const SiteName& from, const CallForBids& m) const {
  if (const auto closed = closed_to_guests()) return closed;
  const auto& request = *m.request;
  if (!labels_meet(options_.labels, request.resources.labels)) return DeclineReason::labels;
  if (!missing_dataset(options_.datasets, request.wishes).empty()) return DeclineReason::dataset;
  const auto& pools = parts_.planner->pools();
  if (std::none_of(pools.begin(), pools.end(), [&](const Pool& p) { return shape_in(p, request.resources); })) {
    return DeclineReason::never_fits;
  }
  if (request.on_partition == OnPartition::rerun && !can_hold_lease(request)) return DeclineReason::no_lease;
  const auto& bidder = host_.bidder();
  if (bidder.live_count() >= options_.bids_max || bidder.live_count_of(from) >= options_.bids_per_caller_max) {
    return DeclineReason::overloaded;
  }
  return std::nullopt;
}

// Compute as such may come to any number of nodes.
bool Controller::can_hold_lease(const JobRequest& request) const {
  const auto& abilities = parts_.abilities;
  if (!abilities.holds_leases || abilities.lease_nodes_max == ~0u) return abilities.holds_leases;
  return request.resources.pflops == 0 && request.resources.nodes <= abilities.lease_nodes_max;
}

// As many tasks as can start now, each held under a bid of its own.
std::optional<Bid> Controller::held_bid(Now now, const SiteName& from, const CallForBids& m, GuestTerms terms) {
  auto& planner = *parts_.planner;
  const auto count = std::clamp(m.count, 1u, limits::bids_per_call_max);
  std::vector<BidId> bids;
  std::optional<Estimate> first;
  while (bids.size() < count && terms.accepted) {
    const auto id = host_.bidder().mint(*parts_.ids, from, m.request, now.instant + options_.bid_valid);
    const auto held = planner.hold(id, m.request, now.instant, now.instant + options_.bid_hold, terms.pools);
    if (!held || (first && held->pool != first->pool)) {
      if (held) planner.release(id);
      host_.bidder().use_up(id, from);
      break;
    }
    if (!first) first = held;
    bids.push_back(id);
    if (!policy_) continue;
    offer_to_guest(id, from, *held);
    terms = terms_for(now, from, *m.request);  // of what is left
  }
  if (!first) return std::nullopt;
  auto bid = offer(now, from, *m.request, *first);
  bid.bids = std::move(bids);
  return bid;
}

std::optional<Bid> Controller::later_bid(Now now, const SiteName& from, const CallForBids& m, const GuestTerms& terms) {
  const auto estimate = parts_.planner->estimate(*m.request, now.instant, terms.pools);
  if (!estimate) return std::nullopt;
  auto bid = offer(now, from, *m.request, *estimate);
  if (!m.hold) return bid;
  bid.bids = {host_.bidder().mint(*parts_.ids, from, m.request, now.instant + options_.bid_valid)};
  offer_to_guest(bid.bids.front(), from, *estimate);
  return bid;
}

Bid Controller::offer(Now now, const SiteName& from, const JobRequest& request, const Estimate& estimate) const {
  const auto& pools = parts_.planner->pools();
  const auto pool = std::find_if(pools.begin(), pools.end(), [&](const Pool& p) { return p.name == estimate.pool; });
  const auto units = static_cast<double>(estimate.shape.units(*pool));
  const auto price = policy_ ? ruling_on(now, from, request, *pool, 0).price_per_unit_hour : pool->price_per_unit_hour;
  return Bid{.earliest_start = std::max(Duration{0}, estimate.start - now.instant),
             .pool = pool->name,
             .model = pool->model,
             .tflops = units * pool->tflops_per_unit,
             .price_per_hour = units * price};
}

void Controller::on(Now now, const SiteName& from, const Bid& m, Effects& out) {
  market_.step(now, from, m, out);
}

void Controller::on(Now now, const SiteName& from, const Decline& m, Effects& out) {
  market_.step(now, from, m, out);
}

void Controller::ask(Now now, Ticket ticket, const Caller&, const QuoteJob& call, Effects& out) {
  if (auto error = refuse_unfit(now, *call.request)) {
    out.replies.push_back({ticket, std::move(*error)});
    return;
  }
  const QuoteId id{ticket.value};
  quotes_.emplace(id, ticket);
  market_.quote(now, id, call.request, home_offer(now, *call.request), out);
}

void Controller::answer_quote(const QuoteVerdict& verdict, Effects& out) {
  const auto asked = quotes_.extract(verdict.quote);
  if (!asked) return;
  Quote quote;
  for (const auto& site : verdict.explanation->sites) {
    const bool offers = site.part == Part::bid || site.part == Part::home;
    quote.lines.push_back({.site = site.site,
                           .offers = offers,
                           .reason = site.reason.empty() && !offers ? std::string(to_word(site.part)) : site.reason,
                           .pool = site.pool,
                           .model = site.model,
                           .start = site.start + site.transfer,
                           .price_per_hour = site.price_per_hour,
                           .tflops = site.tflops,
                           .chosen = site.chosen > 0});
  }
  out.replies.push_back({asked.mapped(), ApiReply{ApiAnswer{std::move(quote)}}});
}

// How fast files come from a peer, from those that came: what a transfer there is reckoned with.
void Controller::measured(const SiteName& peer, std::uint64_t bytes, Duration elapsed) {
  constexpr std::uint64_t enough_bytes = 1u << 20;  // smaller ones measure the round trip
  if (bytes < enough_bytes || elapsed <= Duration{0}) return;
  const auto speed = static_cast<double>(bytes) / seconds(elapsed);
  auto& known = link_speed_[peer];
  known = known == 0 ? speed : known + (speed - known) / 4;
}

}  // namespace hansa
