// Origin: hosts that fall silent, come back, or lose their disk; and leases.
//
// A grant is every Confirm and Renewed. It counts here from the last one sent (or from our own restart), at the host
// from the moment its request left, which is earlier: so our lease always ends later than the host's. We place again
// no sooner than last grant + lease × (1 + drift bound) + margin.
#include "protocol/handoff/origin.hpp"
#include "protocol/handoff/rules.hpp"

namespace hansa {

Instant Origin::lease_end(const Job& job) const {
  const auto lease = job.record.request->lease;
  const auto drift = std::chrono::duration_cast<Duration>(lease * options_.drift_bound);
  const auto allowed = rule(Rule::drift_is_allowed_for) ? drift : Duration{0};
  return job.dealings->last_grant + lease + allowed + options_.lease_margin;
}

bool Origin::lease_is_out(const Job& job, Now now) const {
  const auto* delegated = std::get_if<Delegated>(&job.record.state);
  return delegated && delegated->host != self_ && job.record.request->on_partition == OnPartition::rerun &&
         now.instant >= lease_end(job);
}

void Origin::step(Now now, const SiteName& from, const Renew& message, Effects& out) {
  Renewed answer{.number = message.number};
  for (const auto& run : message.runs) {
    auto* job = find_own(run.job);
    const auto* delegated = job ? std::get_if<Delegated>(&job->record.state) : nullptr;
    if (!delegated || delegated->host != from || job->record.epoch != run.epoch) continue;
    job->dealings.edit().heard = now.instant;
    if (delegated->wish == Wish::revoke) continue;
    // The timer stays: it looks whether the lease is out when the older one would have been. Arming it here would put
    // off what else is being repeated for this job.
    if (rule(Rule::every_grant_counts)) job->dealings.edit().last_grant = now.instant;
    answer.runs.push_back(run);
  }
  // No grant waits for the disk beyond Delegated, and that is there: Confirm preceded every Renew.
  out.send.push_back({from, std::move(answer)});
}

void Origin::host_suspect(Now now, const SiteName& host, Effects& out) {
  for (const auto& id : known_at(host)) {
    const auto* awarding = std::get_if<Awarding>(&find(id)->record.state);
    if (awarding && awarding->host == host) give_up(now, id, host.value + " is suspect", out);
  }
}

void Origin::host_reachable(Now now, const SiteName& host) {
  for (const auto& id : known_at(host)) {
    auto& job = *find_own(id);
    if (job.dealings->tries == 0) continue;
    job.first_try();
    arm(now, job);
  }
}

// Whatever that host's lost store held is gone: it has stopped every run of it. What it still answers is Revoked.
void Origin::host_store_changed(Now now, const SiteName& host, const StoreId& store, Effects& out) {
  for (const auto& id : known_at(host)) {
    auto& job = *find_own(id);
    auto* delegated = std::get_if<Delegated>(&job.record.state);
    if (delegated && delegated->host == host && delegated->host_store != store && delegated->wish != Wish::revoke) {
      delegated->wish = Wish::revoke;
      job.first_try();
      save(job, out);
      send_revoke(job, out);
      arm(now, job);
      touch(id);
    }
    const auto* awarding = std::get_if<Awarding>(&job.record.state);
    if (awarding && awarding->host == host && awarding->host_store != store) {
      give_up(now, id, host.value + " lost its store", out);
    }
  }
}

}  // namespace hansa
