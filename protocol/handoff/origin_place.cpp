// Origin: from Pending to a host and back.
#include "protocol/handoff/origin.hpp"
#include "protocol/handoff/rules.hpp"

namespace hansa {

void Origin::award(Now now, const JobId& id, const AwardTarget& target, Effects& out) {
  auto* job = find_own(id);
  if (!job || !is_placeable(id)) {
    out.send.push_back({target.host, Release{.bids = {target.bid}}});
    return;
  }
  job->record.epoch = job->record.epoch.next();
  job->record.state = Awarding{.host = target.host, .host_store = target.store, .bid = target.bid};
  job->record.reason = {};
  job->since = now.instant;
  job->first_try();
  job->forget_progress();
  save(*job, out);
  send_award(*job, out);
  arm(now, *job);
  touch(id);
}

std::optional<RunKey> Origin::delegate_to_self(Now now, const JobId& id, Effects& out) {
  auto* job = find_own(id);
  if (!job || !is_placeable(id)) return std::nullopt;
  job->record.epoch = job->record.epoch.next();
  job->record.state = Delegated{.host = self_, .host_store = store_, .bid = {}};
  job->record.reason = {};
  job->since = now.instant;
  job->first_try();
  job->forget_progress();
  save(*job, out);
  announce(now, *job, "job_placed", "in its own site's queue", out);
  arm(now, *job);
  touch(id);
  return RunKey{.job = id, .epoch = job->record.epoch};
}

void Origin::give_up(Now now, const JobId& id, const std::string& why, Effects& out) {
  auto* job = find_own(id);
  if (!job) return;
  const bool awarding = std::holds_alternative<Awarding>(job->record.state);
  const bool delegated = std::holds_alternative<Delegated>(job->record.state);
  if (!awarding && (!delegated || rule(Rule::delegated_is_kept))) return;
  add_duty(*job);
  send_duties(*job, out);
  to_pending(now, *job, why, out);
}

void Origin::move(Now now, const JobId& id, Effects& out) {
  auto* job = find_own(id);
  auto* delegated = job ? std::get_if<Delegated>(&job->record.state) : nullptr;
  if (!delegated || delegated->wish != Wish::none || delegated->started) return;
  delegated->wish = Wish::move;
  job->first_try();
  save(*job, out);
  send_revoke(*job, out);
  arm(now, *job);
  touch(id);
}

void Origin::set_reason(const JobId& id, std::string reason) {
  if (auto* job = find_own(id); job && std::holds_alternative<Pending>(job->record.state)) {
    job->record.reason = std::move(reason);
  }
}

// The epoch is over and its host may still have something of it.
void Origin::add_duty(Job& job) {
  if (!rule(Rule::given_up_is_cleaned_up)) return;
  Duty duty{.epoch = job.record.epoch};
  if (const auto* awarding = std::get_if<Awarding>(&job.record.state)) {
    duty = {job.record.epoch, awarding->host, awarding->host_store, awarding->bid};
  } else if (const auto* delegated = std::get_if<Delegated>(&job.record.state)) {
    duty = {job.record.epoch, delegated->host, delegated->host_store, delegated->bid};
  } else {
    return;
  }
  job.record.duties.push_back(std::move(duty));
  job.first_try();
}

bool Origin::end_duty(Job& job, const RunKey& run, const SiteName& from, Effects& out) {
  auto& duties = job.record.duties;
  const auto done =
      std::erase_if(duties, [&](const Duty& duty) { return duty.epoch == run.epoch && duty.host == from; });
  if (done == 0) return false;
  save(job, out);
  touch(job.record.id);
  return true;
}

void Origin::to_pending(Now now, Job& job, std::string reason, Effects& out) {
  job.record.state = Pending{};
  job.record.reason = std::move(reason);
  job.forget_progress();
  job.since = now.instant;
  save(job, out);
  arm(now, job);
  touch(job.record.id);
}

void Origin::to_ended(Now now, Job& job, Outcome outcome, const SiteName& host, Effects& out) {
  const bool outputs_home = outcome.outputs.is_zero();
  job.record.reason = outcome.reason;
  job.record.state = Ended{.host = host, .outcome = std::move(outcome), .outputs_home = outputs_home};
  job.forget_progress();
  job.since = now.instant;
  save(job, out);
  announce(now, job, "job_finished", std::string(to_word(std::get<Ended>(job.record.state).outcome->state)), out);
  ended_changes_others(job);
  arm(now, job);
  touch(job.record.id);
}

void Origin::to_cancelled(Now now, Job& job, Effects& out) {
  job.record.array = {};
  to_ended(now, job, Outcome{.state = FinalState::cancelled, .reason = "cancelled", .ended = now.wall}, {}, out);
}

void Origin::back(Now now, Job& job, std::string reason, Effects& out) {
  if (job.record.cancel_wished) {
    to_cancelled(now, job, out);
  } else {
    to_pending(now, job, std::move(reason), out);
  }
}

}  // namespace hansa
