// Market: when to ask, and for which jobs. Fresh ones at once; those that wait when gossip crosses their need.
#include <algorithm>
#include <limits>

#include "protocol/market/market.hpp"
#include "protocol/wire/limits.hpp"

namespace hansa {
namespace {

constexpr double no_limit = std::numeric_limits<double>::infinity();

}  // namespace

bool Market::may_ask(Instant now, const OrderGroup& group) const {
  if (group.call) return false;
  if (group.asked_at == Instant::min()) return true;
  if (now < group.asked_at + options_.call_interval) return false;
  return group.news_seen < news_ || now >= group.asked_at + group.pause;
}

void Market::ask_for_fresh(Now now, Effects& out) {
  for (std::size_t i = 0; i < options_.calls_open_max && calls_.size() < options_.calls_open_max; ++i) {
    if (book_.unasked().empty()) return;
    auto& group = *book_.group(*book_.unasked().begin());
    if (!may_ask(now.instant, group)) {
      settle_fresh(group, group.explanation, {});
    } else {
      ask_for(now, group, out);
    }
  }
}

// In turns, so many a tick: 64,000 different jobs that wait are looked at over some seconds.
void Market::scan_waiting(Now now, Effects& out) {
  const bool retry = !retries_.empty() && retries_.begin()->first <= now.instant;
  if ((groups_to_visit_ == 0 && !retry) || now.instant < scan_next_) return;
  const auto sites = std::max<std::size_t>(1, capacity_.sites().size());
  const auto visits = std::clamp<std::size_t>(options_.scan_sites_max / sites, 1, options_.scan_groups_max);
  for (std::size_t i = 0; i < visits && calls_.size() < options_.calls_open_max; ++i) {
    auto* group = next_to_look_at(now.instant);
    if (group == nullptr) break;
    if (!group->waiting.empty() && may_ask(now.instant, *group)) ask_for(now, *group, out);
  }
  scan_next_ = now.instant + options_.scan_pace;
}

// Those whose pause is over, then the others in a circle.
OrderGroup* Market::next_to_look_at(Instant now) {
  while (!retries_.empty() && retries_.begin()->first <= now) {
    auto* group = book_.group(retries_.begin()->second);
    retries_.erase(retries_.begin());
    if (group == nullptr) continue;  // nobody wants anything of the kind any more
    group->retry_at.reset();
    return group;
  }
  if (groups_to_visit_ == 0) return nullptr;
  --groups_to_visit_;
  auto* group = book_.group_after(scan_at_);
  if (group != nullptr) scan_at_ = group->id;
  return group;
}

// The losers of a race for the same units must not race again all at once: chance stretches the pause by up to half.
void Market::retry_later(Instant now, OrderGroup& group) {
  if (group.retry_at) retries_.erase({*group.retry_at, group.id});
  const auto pause = static_cast<double>(group.pause.count()) * (1 + rng_.unit() / 2);
  group.retry_at = std::max(now, group.asked_at) + Duration{static_cast<std::int64_t>(pause)};
  retries_.emplace(*group.retry_at, group.id);
}

// Opens a call for those of the group who could gain by it; the fresh ones who could not get their verdict.
void Market::ask_for(Now now, OrderGroup& group, Effects& out) {
  const auto* sole_job =
      group.size() > 1 ? nullptr : &(group.fresh.empty() ? group.waiting : group.fresh).begin()->second;
  auto found = survey(now.instant, *group.request, group.home, sole_job);
  double total_max = no_limit;
  Call call{.group = group.id, .request = group.request, .home = group.home};
  call.jobs = who_could_gain(now.instant, group, found, total_max);
  if (call.jobs.empty()) return stay(now, group, std::move(call), std::move(found));
  keep_best(found, options_.fanout, total_max);
  const std::set<JobId> asked_for(call.jobs.begin(), call.jobs.end());
  const bool full = call.jobs.size() >= limits::bids_per_call_max && book_.find(call.jobs.back())->is_fresh;
  group.asked_at = now.instant;
  group.news_seen = news_;
  book_.note_call(group, open_call(now, std::move(call), std::move(found), out).id);
  const bool others = std::any_of(group.fresh.begin(), group.fresh.end(),
                                  [&](const auto& fresh) { return !asked_for.contains(fresh.second); });
  if (full || !others) return;  // when it is full, the other fresh ones come next
  settle_fresh(group,
               explain(now, {.request = group.request, .home = group.home}, {}, 0,
                       "the expected start here is too near for a gain elsewhere"),
               asked_for);
}

// Nobody gains by asking.
void Market::stay(Now now, OrderGroup& group, Call call, Survey found) {
  const bool isolated = view_.isolated();
  const bool nobody = found.candidates.empty();
  keep_best(found, 0, -no_limit);
  call.not_asked = std::move(found.not_asked);
  call.left_out = found.left_out;
  const auto* how = isolated ? "this site reaches no peer, so it asks for no bids"
                    : nobody ? "there is no site that could be asked"
                             : "no other site looks better than waiting here";
  group.explanation = explain(now, call, {}, found.reference_tflops, how);
  settle_fresh(group, group.explanation, {});
}

// Those who wait first, then the fresh, in the order of placing. `total_max` is the most that a place may count and
// still be a gain to one of them.
std::vector<JobId> Market::who_could_gain(Instant now, const OrderGroup& group, const Survey& survey,
                                          double& total_max) {
  std::vector<JobId> jobs;
  if (survey.candidates.empty()) return jobs;
  double best = no_limit;
  for (const auto& candidate : survey.candidates) best = std::min(best, candidate.total);
  double worst_at_home = -no_limit;
  const auto consider = [&](const JobId& job) {
    const auto home = group.can_stay ? home_total(now, group, job, survey.reference_tflops) : no_limit;
    if (!home || *home - margin_seconds(job) <= best) return;
    worst_at_home = std::max(worst_at_home, *home - margin_seconds(job));
    jobs.push_back(job);
  };
  for (auto at = first_to_gain(now, group, survey, best);
       at != group.waiting.end() && jobs.size() < limits::bids_per_call_max; ++at) {
    consider(at->second);
  }
  for (auto at = group.fresh.begin(); at != group.fresh.end() && jobs.size() < limits::bids_per_call_max; ++at) {
    consider(at->second);
  }
  total_max = worst_at_home;
  return jobs;
}

// Who stands further back waits longer, so the first who could gain is found by halving.
OrderLine::const_iterator Market::first_to_gain(Instant now, const OrderGroup& group, const Survey& survey,
                                                double best_total) {
  const auto& waiting = group.waiting;
  if (waiting.empty() || !group.can_stay) return waiting.begin();
  auto low = waiting.begin()->first;
  auto high = waiting.rbegin()->first + 1;
  while (low < high) {
    const auto middle = low + (high - low) / 2;
    const auto at = waiting.lower_bound(middle);
    const auto home = at == waiting.end() ? std::optional<double>(no_limit)
                                          : home_total(now, group, at->second, survey.reference_tflops);
    if (home && *home - seconds(options_.margin) > best_total) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return waiting.lower_bound(low);
}

void Market::settle_fresh(OrderGroup& group, const SharedExplanation& explanation, const std::set<JobId>& but) {
  std::vector<JobId> settled;
  for (const auto& [number, job] : group.fresh) {
    if (!but.contains(job)) settled.push_back(job);
  }
  const auto kind = group.can_stay ? VerdictKind::home : VerdictKind::nothing;
  for (const auto& job : settled) {
    verdicts_.push_back({.job = job, .kind = kind, .explanation = explanation});
    book_.settle(job);
  }
}

double Market::margin_seconds(const JobId& job) const {
  const auto found = awards_.find(job);
  const auto doublings = found == awards_.end() ? 0 : std::min(found->second, options_.margin_doublings_max);
  return seconds(options_.margin) * static_cast<double>(std::uint64_t{1} << doublings);
}

// What staying counts for one job; nothing when it is under way already.
std::optional<double> Market::home_total(Instant now, const OrderGroup& group, const JobId& job,
                                         double reference_tflops) {
  auto home = group.home.value_or(HomeOffer{});
  if (book_.find(job)->at_home) {  // its place in the own queue has moved since
    const auto start = view_.home_start(job, now);
    if (!start) return std::nullopt;
    home.start = *start;
  }
  return total_at_home(now, *group.request, home, reference_tflops);
}

Option Market::home_option(Instant now, const HomeOffer& home, double reference_tflops) const {
  const bool is_self = home.site.value.empty();
  return {.site = is_self ? self_ : home.site,
          .is_self = is_self,
          .start = std::max(Duration{0}, home.start - now),
          .tflops = home.tflops,
          .reference_tflops = reference_tflops,
          .price_per_hour = home.price_per_hour,
          .preference = home.preference,
          .expected_delay = is_self ? Duration{0} : view_.expected_delay(home.site, now)};
}

double Market::total_at_home(Instant now, const JobRequest& request, const HomeOffer& home,
                             double reference_tflops) const {
  return score_.card(home_option(now, home, reference_tflops), request).total();
}

}  // namespace hansa
