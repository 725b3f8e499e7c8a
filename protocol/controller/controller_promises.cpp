// Controller: what peers promised with their bids, what became of it, and what is remembered of that.
#include <algorithm>

#include "protocol/admission/documents.hpp"
#include "protocol/controller/controller.hpp"
#include "protocol/wire/codec.hpp"

namespace hansa {

// The host that has the job now, if it is another site's daemon that speaks of the present epoch.
bool Controller::speaks_of_its_run(const SiteName& from, const RunKey& run) const {
  const auto* job = origin_.find(run.job);
  const auto* host = job ? host_of(job->record.state) : nullptr;
  return host && *host == from && from != options_.site && job->record.epoch == run.epoch;
}

// A daemon that was restarted knows no promise any more: what its host expects now is one.
void Controller::hear_promise(Now now, const SiteName& from, const Progress& m) {
  if (!speaks_of_its_run(from, m.run)) return;
  const auto& job = m.run.job;
  const bool new_to_us = !promises_.host(job);
  switch (m.phase) {
    case RunPhase::queued:
      if (new_to_us) promises_.made(now.instant, job, {.site = from, .start = now.instant + m.expected_start});
      break;
    case RunPhase::staging:
      promises_.staging(job, from);
      break;
    case RunPhase::starting:
      break;
    case RunPhase::running:
    case RunPhase::stopping:
    case RunPhase::staging_out:
      promises_.started(now.instant, job, from, now.instant - m.since);
      break;
  }
}

// Before the origin hears it: afterwards nobody has the job any more.
void Controller::hear_promise(Now now, const SiteName& from, const Finished& m) {
  if (!speaks_of_its_run(from, m.run)) return;
  const auto state = m.outcome.state;
  if (state == FinalState::cancelled) return promises_.drop(m.run.job);
  const bool failed = state == FinalState::node_fail || state == FinalState::preempted;
  if (failed) return promises_.failed(now.instant, m.run.job, from, m.outcome.usage.elapsed);
  promises_.ended(now.instant, m.run.job, from);
}

void Controller::hear_promise(Now now, const SiteName& from, const Return& m) {
  if (!speaks_of_its_run(from, m.run)) return;
  // Drained sites say so, and files that did not come may be this site's fault.
  const bool to_blame = m.reason != ReturnReason::drained && m.reason != ReturnReason::staging_failed;
  if (to_blame) return promises_.broken(now.instant, m.run.job, from);
  promises_.drop(m.run.job);
}

// The job is somewhere else: taken back because it was overdue, or given up without a word of its host, which owes one.
void Controller::follow_promise(Now now, const JobId& id, const Origin::Job* job) {
  const auto* promised = promises_.host(id);
  if (!promised) return;
  const auto* host = job ? host_of(job->record.state) : nullptr;
  if (host && *host == *promised) return;
  const auto site = *promised;
  const bool owes_a_word =
      job && std::any_of(job->record.duties.begin(), job->record.duties.end(),
                         [&](const Duty& duty) { return duty.host == site && duty.epoch == job->record.epoch; });
  if (owes_a_word || promises_.overdue(now.instant, id)) return promises_.broken(now.instant, id, site);
  promises_.drop(id);
}

void Controller::look_at_overdue(Now now) {
  const auto late = promises_.take_overdue(now.instant, [this](const SiteName& site) { return hears_of(site); });
  for (const auto& id : late) origin_.look_again(id);
}

Duration Controller::expected_delay(const SiteName& site, Instant now) const {
  return promises_.reputation().expected_delay(now, site);
}

// At most so often, and all that changed meanwhile in one commit.
void Controller::keep_reputation(Now now, Effects& out) {
  if (now.instant < reputation_kept_ + options_.keep_reputation_every) return;
  reputation_kept_ = now.instant;
  auto& reputation = promises_.reputation();
  for (const auto& site : reputation.take_changed()) {
    const KeptReputation kept{.counts = reputation.counts(now.instant, site), .as_of = now.wall};
    out.persist.emplace_back(PutDocument{std::string(documents::reputations) + site.value, encode(kept)});
  }
}

void Controller::restore_reputation(Now now, const std::map<std::string, std::string>& stored) {
  for (auto at = stored.lower_bound(std::string(documents::reputations)); at != stored.end(); ++at) {
    if (!at->first.starts_with(documents::reputations)) break;
    const auto kept = decode<KeptReputation>(at->second);
    if (!kept) continue;
    const SiteName site{at->first.substr(documents::reputations.size())};
    const std::chrono::milliseconds age(now.wall.unix_ms - kept->as_of.unix_ms);
    promises_.reputation().restore(now.instant, site, kept->counts, age);
  }
}

}  // namespace hansa
