#include "protocol/controller/controller.hpp"

#include <algorithm>

namespace hansa {
namespace {

std::uint64_t fact(const StoredState& stored, const std::string& name) {
  const auto found = stored.facts.find(name);
  return found == stored.facts.end() ? 0 : found->second;
}

}  // namespace

Controller::Controller(ControllerOptions options, ControllerParts parts, const StoredState& stored)
    : options_(std::move(options)),
      parts_(std::move(parts)),
      store_(stored.store),
      origin_(options_.site, stored.store, options_.origin),
      host_(options_.site, parts_.daemon, parts_.boot, options_.host),
      copier_(options_.site, parts_.daemon, options_.copier),
      shelf_(options_.shelf),
      custodian_(options_.custodian),
      membership_(options_.site, options_.membership, *parts_.signatures, Rng{parts_.seed},
                  Incarnation{fact(stored, Membership::incarnation_fact) + 1}),
      publisher_(parts_.planner->pools(), options_.publisher),
      market_(options_.site, options_.market, *parts_.score, capacity_, *this, Rng{parts_.seed ^ 0x9e3779b97f4a7c15}) {
  if (!parts_.notary) return;
  const OwnIdentity self{.site = options_.site,
                         .region = options_.region,
                         .transport = options_.transport_key,
                         .endpoints = options_.endpoints,
                         .bulk_endpoints = options_.bulk_endpoints};
  admissions_ = std::make_unique<Admissions>(self, options_.admission, *parts_.notary, Rng{parts_.seed + 1});
}

void Controller::start(Now now, StoredState stored, Effects& out) {
  const Tally::Watch watch(tally_, out);
  started_at_ = now.instant;
  const auto numbers = fact(stored, "job_number");
  draining_ = fact(stored, "draining") != 0;
  origin_.restore(now, std::move(stored.jobs), numbers, out);
  for (auto& run : stored.runs) {  // one copy of what a job and its run both have
    const auto* job = origin_.find(run.key.job);
    if (job && job->record.request == run.request) run.request = job->record.request;
  }
  host_.restore(now, std::move(stored.runs), out);
  shelf_.restore(std::move(stored.copies));
  custodian_.restore(stored.facts);
  count_under_policy(now);
  membership_.set_own_record(own_record());
  restore_trust(now, stored.documents);
  restore_reputation(now, stored.documents);
  stores_.restore(stored.documents);
  settle(now, out);
}

SiteRecord Controller::own_record() const {
  auto pools = parts_.planner->pools();
  for (auto& pool : pools) pool.price_per_unit_hour = policy_ ? policy_->price_of(pool) : pool.price_per_unit_hour;
  return {.site = options_.site,
          .store = store_,
          .region = options_.region,
          .identity = parts_.signatures->identity(),
          .transport = options_.transport_key,
          .endpoints = options_.endpoints,
          .bulk_endpoints = options_.bulk_endpoints,
          .protocol = options_.protocol,
          .labels = options_.labels,
          .pools = std::move(pools),
          .datasets = options_.datasets};
}

std::optional<Hello> Controller::hello() const {
  if (!ready_ || !membership_.own_record()) return std::nullopt;
  return Hello{.protocol = options_.protocol, .daemon = parts_.daemon, .record = *membership_.own_record()};
}

void Controller::link(Now now, const SiteName& peer, bool up, Effects& out) {
  if (!up) {
    links_.erase(peer);
    stores_.link_down(peer);
    if (admissions_) admissions_->link(now, peer, false, out);
    return;
  }
  const Tally::Watch watch(tally_, out);
  links_.insert(peer);
  if (admissions_) admissions_->link(now, peer, true, out);
  origin_.host_reachable(now, peer);
  host_.origin_reachable(now, peer, out);
  settle(now, out);
}

void Controller::stop(Now now, Effects& out) {
  const Tally::Watch watch(tally_, out);
  give_back_guests(now, out);
  if (ready_) membership_.leave(now, out);
  settle(now, out);
}

void Controller::tick(Now now, Effects& out) {
  const Tally::Watch watch(tally_, out);
  origin_.tick(now, out);
  host_.tick(now, out);
  if (ready_) membership_.tick(now, out);
  if (ready_ && admissions_) admissions_->tick(now, out);
  end_checks(now, out);
  look_at_overdue(now);
  keep_reputation(now, out);
  market_.tick(now, out);
  if (ready_) copier_.tick(now, origin_, out);
  shelf_.tick(now, out);
  if (ready_) tick_custody(now, out);
  for (const auto& id : home_again_.take_due(now.instant)) origin_.look_again(id);
  end_waits(now, out);
  settle(now, out);
}

std::optional<Instant> Controller::deadline() const {
  std::optional<Instant> first;
  const auto sooner = [&first](std::optional<Instant> at) {
    if (at && (!first || *at < *first)) first = at;
  };
  sooner(origin_.deadline());
  sooner(host_.deadline());
  sooner(parts_.planner->deadline());
  if (ready_) sooner(membership_.deadline());
  if (ready_) sooner(copier_.deadline());
  sooner(shelf_.deadline());
  if (ready_) sooner(custodian_.deadline());
  if (ready_) sooner(payload_waits_.next());
  if (ready_ && admissions_) sooner(admissions_->deadline());
  sooner(next_check());
  sooner(market_.deadline());
  sooner(promises_.deadline());
  sooner(wait_ends_.next());
  sooner(home_again_.next());
  if (ready_) sooner(publisher_.deadline());
  return first;
}

// Lets what one machine decided reach the others, until nothing changes any more.
void Controller::settle(Now now, Effects& out) {
  constexpr int rounds_max = 16;
  hear_admissions(now, out);
  for (int round = 0; round < rounds_max; ++round) {
    hear_membership(now, out);
    const auto changes = host_.take_changed();
    const auto jobs = origin_.take_changed();
    if (round > 0 && changes.empty() && jobs.empty()) break;
    std::set<BidId> kept;
    for (const auto& change : changes) {
      if (queue_changed(now, change)) kept.insert(*change.bid);
    }
    // The units of a bid that became a run are the run's now.
    for (const auto& bid : host_.bidder().take_dead()) {
      if (kept.contains(bid)) continue;
      parts_.planner->release(bid);
      guests_.withdraw(bid);
    }
    for (const auto& id : jobs) job_changed(now, id, out);
    start_runs(now, out);
    market_.ask_for_fresh(now, out);
    hear_market(now, out);
  }
  publish_digest(now);
  note_transfers(now, out);
  name_accounts(out);
  merge_awards(out);
}

void Controller::note_transfers(Now now, const Effects& out) {
  for (const auto& command : out.staging) {
    if (const auto* fetch = std::get_if<FetchInputs>(&command); fetch && fetch->origin != options_.site) {
      fetching_.try_emplace(fetch->run, now.instant);
    }
    if (const auto* pull = std::get_if<PullOutputs>(&command); pull && pull->host != options_.site) {
      fetching_.try_emplace(pull->run, now.instant);
    }
    if (const auto* drop = std::get_if<DropRunFiles>(&command)) fetching_.erase(drop->run);
  }
}

void Controller::publish_digest(Now now) {
  if (!ready_ || !publisher_.wants(now.instant)) return;
  auto digest = parts_.planner->digest(now.instant);
  if (!publisher_.offer(now.instant, closed_to_guests().has_value(), digest)) return;
  membership_.publish({.site = options_.site, .draining = closed_to_guests().has_value(), .pools = std::move(digest)});
}

// Awards to one host that leave in the same step travel as one message.
void Controller::merge_awards(Effects& out) {
  std::map<SiteName, Award*> first;
  for (auto& send : out.send_durable) {
    auto* award = std::get_if<Award>(&send.message);
    if (!award) continue;
    const auto [known, fresh] = first.try_emplace(send.to, award);
    if (fresh) continue;
    std::move(award->tasks.begin(), award->tasks.end(), std::back_inserter(known->second->tasks));
    award->tasks.clear();
  }
  if (first.empty()) return;
  std::erase_if(out.send_durable, [](const Send& send) {
    const auto* award = std::get_if<Award>(&send.message);
    return award && award->tasks.empty();
  });
}

QueueEntry Controller::entry_for(Now now, const Host::Run& run) {
  return {.run = run.record.key,
          .request = run.record.request,
          .queued_at = run.queued_at,
          .ready = host_.is_ready(run, now.instant),
          .pools = pools_of_guest(now, run)};
}

// The planner's queue follows the host's records. True when the bid's units went to the run.
bool Controller::queue_changed(Now now, const Host::Change& change) {
  auto& planner = *parts_.planner;
  publisher_.touch();
  const auto* run = host_.find(change.run);
  if (run && Host::waits(*run)) {
    if (change.bid) guests_.taken_up(*change.bid, change.run);
    const auto entry = entry_for(now, *run);
    if (change.bid) {
      planner.hold_becomes(*change.bid, entry, now.instant, now.instant + options_.bid_hold);
      return true;
    }
    planner.put(entry);
  } else if (run && Host::occupies(*run)) {
    count_guest(*run);
    if (occupying_.insert(change.run).second && !run->record.allocation->pool.empty()) {
      planner.occupy(change.run, run->record.request, *run->record.allocation, now.instant);
    }
  } else {
    occupying_.erase(change.run);
    planner.remove(change.run);
    guests_.erase(change.run);
    // An own job that had to wait for this run's end may be placed at home again.
    if (change.run.job.store == store_ && origin_.is_placeable(change.run.job)) origin_.look_again(change.run.job);
  }
  return false;
}

void Controller::start_runs(Now now, Effects& out) {
  if (!ready_) return;  // runs of an older store may still hold the units
  for (const auto& decision : parts_.planner->starts(now.instant)) {
    const auto* run = host_.find(decision.run);
    if (run) host_.start(now, decision.run, decision.allocation, out);
    if (run && Host::occupies(*run)) {
      occupying_.insert(decision.run);
    } else {
      parts_.planner->remove(decision.run);  // it may not start after all: its units are free, and it queues anew
    }
  }
}

// Guests run as whom policy maps them to.
void Controller::name_accounts(Effects& out) const {
  if (!policy_) return;
  for (auto& command : out.backend) {
    auto* start = std::get_if<StartRun>(&command);
    if (start && start->origin != options_.site)
      start->account = policy_->account_of(start->origin, start->request->user);
  }
}

std::string Controller::name_of_run(const Host::Run& run) const {
  return format_job(run.record.origin, run.record.key.job);
}

// Why nothing new is taken in now, if so.
std::optional<DeclineReason> Controller::closed_to_guests() const {
  if (disk_full_) return DeclineReason::disk_full;
  if (draining_) return DeclineReason::draining;
  if (!backend_problem_.empty()) return DeclineReason::no_backend;
  return std::nullopt;
}

}  // namespace hansa
