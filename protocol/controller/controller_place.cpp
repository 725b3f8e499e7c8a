// Controller: where jobs go. Home when home starts it now and nothing speaks against it; else the market decides.
#include <algorithm>

#include "hansa/types/datasets.hpp"
#include "hansa/types/job.hpp"
#include "protocol/controller/controller.hpp"
#include "protocol/market/admission.hpp"

namespace hansa {
namespace {

// The reason that users see while nobody has the job.
std::string waiting_word(bool fits_somewhere) {
  return fits_somewhere ? "Resources" : "NoSiteFits";
}

}  // namespace

void Controller::job_changed(Now now, const JobId& id, Effects& out) {
  copier_.changed(now, id);
  const auto* job = origin_.find(id);
  count_for_user(id, job);
  follow_promise(now, id, job);
  if (!job || std::holds_alternative<Ended>(job->record.state)) {
    drop_move(id, out);
    market_.forget(id);
    home_pauses_.erase(id);
    home_again_.clear(id);
    answer_waiters(now, id, out);
    if (id.task != JobId::no_task) answer_waiters(now, JobId{.store = id.store, .number = id.number}, out);
  } else if (origin_.is_placeable(id)) {
    place(now, id, out);
  } else if (const auto* delegated = std::get_if<Delegated>(&job->record.state)) {
    delegated_changed(now, *job, *delegated, out);
  } else {
    drop_move(id, out);  // taken back, and then held
    market_.remove(id);
  }
}

// A job that waits in the own queue stays on the market, and one that waits elsewhere for longer than it was promised;
// one that runs, or is in good hands elsewhere, does not.
void Controller::delegated_changed(Now now, const Origin::Job& job, const Delegated& delegated, Effects& out) {
  const auto& id = job.record.id;
  const auto* run = delegated.host == options_.site ? host_.find({.job = id, .epoch = job.record.epoch}) : nullptr;
  if (delegated.wish == Wish::move) return;
  if (run && Host::waits(*run) && delegated.wish == Wish::none) {
    if (market_.is_filed(id)) return;
    const auto home = home_offer(now, *job.record.request);
    market_.place(now, {.job = id, .request = job.record.request, .home = home, .waits_at_home = true});
    return;
  }
  const auto overdue = promises_.overdue(now.instant, id);
  if (overdue && delegated.wish == Wish::none && !delegated.started && hears_of(delegated.host)) {
    if (market_.is_filed(id)) return;
    market_.place(now, {.job = id, .request = job.record.request, .home = overdue, .waits_at_home = true});
    return;
  }
  drop_move(id, out);
  market_.remove(id);
}

void Controller::place(Now now, const JobId& id, Effects& out) {
  if (const auto move = moves_.find(id); move != moves_.end() && now.instant < move->second.until) {
    const auto target = move->second.target;
    promises_.made(now.instant, id, move->second.promise);
    moves_.erase(move);
    origin_.award(now, id, target, out);
    return;
  }
  drop_move(id, out);  // the bid is too old by now
  const auto request = origin_.find(id)->record.request;
  const auto home = is_home_passed_over(now, id) ? std::nullopt : home_offer(now, *request);
  const bool at_once = home && home->start <= now.instant;
  const bool content = request->wishes.prefer != Prefer::cheapest && home && home->preference == 0;
  if (at_once && content) return go_home(now, id, out);
  if (membership_.isolated() && home) return go_home(now, id, out);
  market_.place(now, {.job = id, .request = request, .home = home, .waits_at_home = false});
}

// Into the own queue: Delegated(self) and its run's record in one commit.
void Controller::go_home(Now now, const JobId& id, Effects& out) {
  // Something of an earlier run may still be alive here: it is stopped first, and then this is looked at again.
  if (host_.has_business_with(id) || is_home_passed_over(now, id)) return;
  const auto* job = origin_.find(id);
  if (!job) return;
  const auto request = job->record.request;
  if (const auto run = origin_.delegate_to_self(now, id, out)) host_.take_own(now, *run, request, out);
}

void Controller::hear_market(Now now, Effects& out) {
  for (const auto& verdict : market_.take_verdicts()) carry_out(now, verdict, out);
  for (const auto& quote : market_.take_quotes()) answer_quote(quote, out);
}

void Controller::carry_out(Now now, const Verdict& verdict, Effects& out) {
  const AwardTarget target{.host = verdict.site, .store = verdict.store, .bid = verdict.bid};
  switch (verdict.kind) {
    case VerdictKind::award:
      note(verdict, out);
      if (may_not_leave(verdict, out)) break;
      if (verdict.was_at_home) {
        start_move(now, verdict.job, target, verdict.promise, out);
      } else {
        promises_.made(now.instant, verdict.job, verdict.promise);
        origin_.award(now, verdict.job, target, out);
      }
      break;
    case VerdictKind::home:
      note(verdict, out);
      go_home(now, verdict.job, out);
      break;
    case VerdictKind::nothing: {
      note(verdict, out);
      const auto* job = origin_.find(verdict.job);
      if (!job) break;
      const auto by_policy = verdict.explanation ? policy_word(*verdict.explanation) : std::string();
      origin_.set_reason(verdict.job,
                         by_policy.empty() ? waiting_word(fits_somewhere(*job->record.request)) : by_policy);
      break;
    }
  }
}

// The policy is another one than when the call left: its bid is given back, and the job is looked at anew.
bool Controller::may_not_leave(const Verdict& verdict, Effects& out) {
  const auto* job = origin_.find(verdict.job);
  if (!job || !why_not_sent(*job->record.request, verdict.site)) return false;
  out.send.push_back({verdict.site, Release{.bids = {verdict.bid}}});
  origin_.look_again(verdict.job);
  return true;
}

// A better place for a job that waits here: it is taken back first, if it has not started meanwhile.
void Controller::start_move(Now now, const JobId& id, const AwardTarget& target, const HomeOffer& promise,
                            Effects& out) {
  drop_move(id, out);
  // The units of its bid are held for no longer, and what it promised was for about now.
  moves_.emplace(id, Move{.target = target, .promise = promise, .until = now.instant + options_.bid_hold});
  origin_.move(now, id, out);
  const auto* job = origin_.find(id);
  const auto* delegated = job ? std::get_if<Delegated>(&job->record.state) : nullptr;
  if (!delegated || delegated->wish != Wish::move) drop_move(id, out);
}

void Controller::drop_move(const JobId& id, Effects& out) {
  if (auto move = moves_.extract(id)) {
    const auto& target = move.mapped().target;
    out.send.push_back({target.host, Release{.bids = {target.bid}}});
  }
}

void Controller::note(const Verdict& verdict, Effects& out) {
  if (!verdict.explanation || !origin_.find(verdict.job)) return;
  if (noted_ != verdict.explanation) {
    noted_ = verdict.explanation;
    noted_text_ = to_json(*verdict.explanation);
  }
  out.persist.emplace_back(PutNote{verdict.job, noted_text_});
}

std::optional<HomeOffer> Controller::home_offer(Now now, const JobRequest& request) {
  if (draining_ || !backend_problem_.empty() || why_not_here(request)) return std::nullopt;
  const auto estimate = parts_.planner->estimate(request, now.instant);
  if (!estimate) return std::nullopt;
  const auto& pools = parts_.planner->pools();
  const auto pool = std::find_if(pools.begin(), pools.end(), [&](const Pool& p) { return p.name == estimate->pool; });
  const auto units = static_cast<double>(estimate->shape.units(*pool));
  const auto price = policy_ ? policy_->price_of(*pool) : pool->price_per_unit_hour;
  return HomeOffer{
      .start = estimate->start,
      .pool = pool->name,
      .model = pool->model,
      .tflops = units * pool->tflops_per_unit,
      .price_per_hour = units * price,
      .preference = preference_of(*pool, request.resources) + dataset_steps(options_.datasets, request.wishes)};
}

std::optional<std::string> Controller::why_not_here(const JobRequest& request) const {
  return why_not(request, {.site = options_.site,
                           .is_self = true,
                           .region = options_.region,
                           .labels = options_.labels,
                           .pools = parts_.planner->pools(),
                           .datasets = options_.datasets});
}

bool Controller::fits_somewhere(const JobRequest& request) const {
  if (!why_not_here(request)) return true;
  for (const auto& [name, site] : capacity_.sites()) {
    const auto& record = site.record;
    if (why_not_sent(request, name)) continue;
    if (admits(request, {.site = name,
                         .region = record.region,
                         .labels = record.labels,
                         .pools = record.pools,
                         .rtt = link(name).rtt,
                         .datasets = record.datasets})) {
      return true;
    }
  }
  return false;
}

// A request that no site could ever meet is refused, once this site can know.
std::optional<Error> Controller::refuse_unfit(Now now, const JobRequest& request) const {
  if (fits_somewhere(request)) return std::nullopt;
  const auto known = capacity_.sites().size();
  const bool knows_all = known >= peers_configured_;
  if (!knows_all && now.instant < started_at_ + options_.know_peers_within) return std::nullopt;
  return refusal("no site could ever run this job (" + describe(request.resources) + "): here, " +
                 why_not_here(request).value_or("") + "; nor at any of the " + std::to_string(known) +
                 " other sites known (hansa capacity shows what there is)");
}

// --- MarketView -----------------------------------------------------------------------------------------------------

LinkFacts Controller::link(const SiteName& site) const {
  LinkFacts facts{.connected = links_.contains(site)};
  if (const auto* member = membership_.find(site)) {
    facts.state = member->state;
    facts.rtt = member->rtt.smoothed();
  }
  if (const auto speed = link_speed_.find(site); speed != link_speed_.end()) facts.bytes_per_second = speed->second;
  return facts;
}

bool Controller::isolated() const {
  return membership_.isolated();
}

std::optional<Instant> Controller::home_start(const JobId& id, Instant now) {
  const auto* job = origin_.find(id);
  if (!job) return std::nullopt;
  if (const auto overdue = promises_.overdue(now, id)) return overdue->start;
  const RunKey key{.job = id, .epoch = job->record.epoch};
  const auto* run = host_.find(key);
  if (!run || !Host::waits(*run)) return std::nullopt;
  return parts_.planner->expected_start(key, now);
}

}  // namespace hansa
