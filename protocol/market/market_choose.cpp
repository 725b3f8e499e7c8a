// Market: whose bid to take. Every bid id that came is awarded or released here, or on its late arrival.
#include <algorithm>
#include <cstdio>
#include <limits>

#include "protocol/market/market.hpp"

namespace hansa {
namespace {

std::string in_seconds(Duration duration) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f s", seconds(duration));
  return text;
}

// Why a bid that came may not be taken up.
bool is_alive(const AskedSite& asked, const MarketOptions& options, Instant now) {
  return asked.received + asked.bid->valid_for >= now + options.bid_life_min;
}

}  // namespace

void Market::quote(Now now, QuoteId id, const Shared<JobRequest>& request, const std::optional<HomeOffer>& home,
                   Effects& out) {
  auto found = survey(now.instant, *request, home, nullptr);
  keep_best(found, options_.quote_fanout, std::numeric_limits<double>::infinity());
  Call call{.quote = id, .request = request, .home = home};
  if (found.candidates.empty()) {
    call.not_asked = std::move(found.not_asked);
    call.left_out = found.left_out;
    return finish_quote(now, call);
  }
  open_call(now, std::move(call), std::move(found), out);
}

void Market::close(Now now, CallId id, Effects& out) {
  const auto node = calls_.extract(id);
  const auto& call = node.mapped();
  calls_by_end_.erase({call.deadline, id});
  for (const auto& asked : call.asked) capacity_.give_back(asked.site, asked.expected_pool, asked.expected_units);
  if (call.quote) return finish_quote(now, call);
  const auto reference = reference_of(call);
  auto bids = standings(now.instant, call, reference);
  if (auto* group = book_.group(call.group)) {
    const auto awards = choose(now.instant, call, *group, bids, reference);
    group->explanation = explain(now, call, bids, reference, how_of(now.instant, call, bids));
    if (awards.size() == call.jobs.size()) {
      group->asked_at = Instant::min();  // there may be more where this came from
    } else {
      group->pause = awards.empty() ? std::clamp(2 * group->pause, options_.call_interval, options_.call_interval_max)
                                    : options_.call_interval;
      retry_later(now.instant, *group);
    }
    book_.note_call(*group, std::nullopt);
    decide(now.instant, call, *group, awards);
  }
  release_unused(call, bids, out);
}

// Who gets which bid: in the order of the call the best that is left, if it gains enough over staying.
std::vector<Market::Taken> Market::choose(Instant now, const Call& call, const OrderGroup& group,
                                          std::vector<Standing>& bids, double reference_tflops) {
  std::vector<Taken> taken;
  for (const auto& job : call.jobs) {
    const auto* entry = book_.find(job);
    if (entry == nullptr || entry->group != group.id) continue;  // it wants no place any more, or another one
    auto* best = best_for(now, job, bids);
    if (best == nullptr) continue;
    if (group.can_stay) {
      const auto home = home_total(now, group, job, reference_tflops);
      if (!home || *home - margin_seconds(job) <= best->total) continue;
    }
    taken.push_back({job, best, best->asked->bid->bids[best->used++]});
  }
  return taken;
}

HomeOffer Market::promise_of(Instant now, const Standing& standing) {
  const auto& bid = *standing.asked->bid;
  return {.site = standing.asked->site,
          .start = now + standing.option.start + standing.option.transfer,
          .pool = bid.pool,
          .model = bid.model,
          .tflops = bid.tflops,
          .price_per_hour = bid.price_per_hour,
          .preference = standing.option.preference};
}

void Market::decide(Instant now, const Call& call, OrderGroup& group, const std::vector<Taken>& awards) {
  const auto explanation = group.explanation;
  const bool can_stay = group.can_stay;
  for (const auto& award : awards) {  // the group may be gone with its last job
    const auto& asked = *award.of->asked;
    const auto& store = asked.bid->store;
    verdicts_.push_back({.job = award.job,
                         .kind = VerdictKind::award,
                         .site = asked.site,
                         .store = store.is_zero() ? capacity_.find(asked.site)->record.store : store,
                         .bid = award.bid,
                         .promise = promise_of(now, *award.of),
                         .was_at_home = book_.find(award.job)->at_home,
                         .explanation = explanation});
    ++awards_[award.job];
    book_.erase(award.job);
  }
  for (const auto& job : call.jobs) {
    const auto* entry = book_.find(job);
    if (entry == nullptr || !entry->is_fresh || entry->group != call.group) continue;
    verdicts_.push_back(
        {.job = job, .kind = can_stay ? VerdictKind::home : VerdictKind::nothing, .explanation = explanation});
    book_.settle(job);
  }
}

void Market::release_unused(const Call& call, const std::vector<Standing>& standings, Effects& out) {
  for (const auto& asked : call.asked) {
    if (!asked.bid) continue;
    std::size_t used = 0;
    for (const auto& standing : standings) used += standing.asked == &asked ? standing.used : 0;
    const auto& bids = asked.bid->bids;
    capacity_.take(asked.site, asked.bid->pool, used * asked.units_each);
    if (used == bids.size()) continue;
    out.send.push_back({asked.site, Release{.bids = {bids.begin() + static_cast<std::ptrdiff_t>(used), bids.end()}}});
  }
}

double Market::reference_of(const Call& call) const {
  if (call.home && call.home->tflops > 0) return call.home->tflops;
  double slowest = 0;
  for (const auto& asked : call.asked) {
    if (asked.bid && asked.bid->tflops > 0 && (slowest <= 0 || asked.bid->tflops < slowest))
      slowest = asked.bid->tflops;
  }
  return slowest;
}

// The bids that may be taken up, best first.
std::vector<Market::Standing> Market::standings(Instant now, const Call& call, double reference_tflops) const {
  std::vector<const AskedSite*> asked;
  std::vector<Option> options;
  for (const auto& site : call.asked) {
    if (!site.bid || (!call.quote && (site.bid->bids.empty() || !is_alive(site, options_, now)))) continue;
    if (!call.quote && view_.link(site.site).state != MemberState::alive) continue;
    asked.push_back(&site);
    options.push_back(option_of(site, *call.request, now));
    options.back().reference_tflops = reference_tflops;
  }
  std::vector<Standing> standings;
  for (auto& ranked : rank(score_, *call.request, options)) {
    standings.push_back({asked[ranked.option], options[ranked.option], std::move(ranked.card), ranked.total});
  }
  return standings;
}

Market::Standing* Market::best_for(Instant now, const JobId& job, std::vector<Standing>& standings) const {
  for (auto& standing : standings) {
    if (standing.used >= standing.asked->bid->bids.size()) continue;
    if (!passing_over_.passes_over(now, standing.asked->site, job)) return &standing;
  }
  return nullptr;
}

// One sentence on what was decided.
std::string Market::how_of(Instant now, const Call& call, const std::vector<Standing>& bids) const {
  if (bids.empty()) return "no site made a bid that could be taken up";
  const auto& best = bids.front();
  const auto there =
      best.asked->site.value + " would start it in " + in_seconds(best.option.start + best.option.transfer);
  if (!call.home) return there;
  const auto here = in_seconds(std::max(Duration{0}, call.home->start - now));
  const bool is_self = call.home->site.value.empty();
  if (best.used > 0)
    return there + ", " + (is_self ? "this site" : call.home->site.value + ", where it waits,") + " in " + here;
  return there + ", which is not enough better than " + here + (is_self ? " here" : " there") + " to move it";
}

ExplainedSite Market::explain_home(Instant now, const Call& call, double reference_tflops) const {
  const auto& home = *call.home;
  const Option option = home_option(now, home, reference_tflops);
  return {.site = option.site,
          .part = Part::home,
          .pool = home.pool,
          .model = home.model,
          .start = option.start,
          .tflops = home.tflops,
          .price_per_hour = home.price_per_hour,
          .card = score_.card(option, *call.request)};
}

ExplainedSite Market::explain_asked(const AskedSite& asked, const std::vector<Standing>& standings,
                                    bool closed_early) const {
  ExplainedSite line{.site = asked.site, .part = Part::asked, .reason = "it did not answer in time"};
  if (closed_early) line.reason = "others had answered well enough before it did";
  if (asked.decline) {
    line.part = Part::declined;
    line.reason = std::string(to_word(asked.decline->reason));
    if (!asked.decline->text.empty()) line.reason += ": " + asked.decline->text;
  }
  if (!asked.bid) return line;
  line.part = Part::bid;
  line.reason.clear();
  line.pool = asked.bid->pool;
  line.model = asked.bid->model;
  line.offered = static_cast<std::uint32_t>(asked.bid->bids.size());
  const auto standing =
      std::find_if(standings.begin(), standings.end(), [&](const auto& s) { return s.asked == &asked; });
  if (standing == standings.end()) {
    line.reason = "the bid could not be taken up any more";
    return line;
  }
  line.start = standing->option.start;
  line.transfer = standing->option.transfer;
  line.tflops = standing->option.tflops;
  line.price_per_hour = standing->option.price_per_hour;
  line.chosen = static_cast<std::uint32_t>(standing->used);
  line.card = standing->card;
  return line;
}

SharedExplanation Market::explain(Now now, const Call& call, const std::vector<Standing>& standings,
                                  double reference_tflops, std::string how) const {
  Explanation explanation{.at = now.wall,
                          .jobs = static_cast<std::uint32_t>(std::max<std::size_t>(1, call.jobs.size())),
                          .score = std::string(score_.name()),
                          .how = std::move(how)};
  if (call.home) explanation.sites.push_back(explain_home(now.instant, call, reference_tflops));
  const bool closed_early = now.instant < call.deadline;
  for (const auto& asked : call.asked) explanation.sites.push_back(explain_asked(asked, standings, closed_early));
  explanation.sites.insert(explanation.sites.end(), call.not_asked.begin(), call.not_asked.end());
  explanation.sites_left_out = call.left_out;
  return std::make_shared<const Explanation>(std::move(explanation));
}

// Nothing was held, so nothing is chosen in earnest: it marks what an award would have gone to.
void Market::finish_quote(Now now, const Call& call) {
  const auto reference = reference_of(call);
  auto bids = standings(now.instant, call, reference);
  const auto home =
      call.home ? std::optional(total_at_home(now.instant, *call.request, *call.home, reference)) : std::nullopt;
  const bool away = !bids.empty() && (!home || *home - seconds(options_.margin) > bids.front().total);
  if (away) bids.front().used = 1;
  auto explanation =
      *explain(now, call, bids, reference, away || !home ? how_of(now.instant, call, bids) : "it would be run here");
  if (!away && home) explanation.sites.front().chosen = 1;
  quotes_.push_back({*call.quote, std::make_shared<const Explanation>(std::move(explanation))});
}

}  // namespace hansa
