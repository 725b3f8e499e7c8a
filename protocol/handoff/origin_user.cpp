// Origin: what users want. Everything is on disk before it is answered.
#include <algorithm>

#include "protocol/handoff/origin.hpp"

namespace hansa {
namespace {

bool is_final(const Origin::Job& job) {
  return std::holds_alternative<Ended>(job.record.state);
}

Error already_ended(const SiteName& self, const Origin::Job& job) {
  const auto& outcome = std::get<Ended>(job.record.state).outcome;
  return refusal("job " + format_job(self, job.record.id) + " has already ended (" +
                 std::string(to_word(outcome.state)) + ")");
}

}  // namespace

Result<JobId> Origin::submit(Now now, const Caller& caller, const Submission& submission, Effects& out) {
  const auto key = submission.idempotency_key.empty() ? "" : caller.user + '\n' + submission.idempotency_key;
  if (const auto known = by_key_.find(key); !key.empty() && known != by_key_.end()) return known->second;
  if (auto checked = check_dependencies(*submission.request); !checked) return checked.error();

  const JobId id{.store = store_, .number = ++last_number_};
  auto& job = jobs_[id];
  job.record = {.id = id,
                .epoch = {},
                .state = Pending{},
                .held = submission.held,
                .submitted = now.wall,
                .request = submission.request,
                .idempotency_key = submission.idempotency_key,
                .array = submission.array};
  job.since = now.instant;
  index(job);
  out.persist.emplace_back(PutJobPayload{id, submission.payload});
  save(job, out);
  announce(now, job, "job_submitted", submission.request->name, out);
  touch(id);
  if (!submission.array.empty()) split(now, id, out);
  return id;
}

Status Origin::cancel(Now now, const JobId& id, Effects& out) {
  auto* job = find_own(id);
  if (!job) return not_found("no such job");
  const bool is_array = id.task == JobId::no_task && (tasks_of(id) > 0 || !job->record.array.empty());
  if (is_final(*job) && !is_array) return already_ended(self_, *job);
  if (is_array) {
    for (auto task = jobs_.upper_bound(id); task != jobs_.end() && task->first.number == id.number; ++task) {
      if (!is_final(task->second)) (void)cancel(now, task->first, out);
    }
    arrays_.erase(id);
    if (!is_final(*job)) to_cancelled(now, *job, out);
    return success();
  }
  if (auto* delegated = std::get_if<Delegated>(&job->record.state)) {
    if (job->record.cancel_wished) return success();
    job->record.cancel_wished = true;
    delegated->wish = Wish::revoke;
    job->tries = 0;
    save(*job, out);
    send_revoke(*job, out);
    arm(now, *job);
    touch(id);
    return success();
  }
  add_duty(*job);
  send_duties(*job, out);
  to_cancelled(now, *job, out);
  return success();
}

Status Origin::hold(Now now, const JobId& id, Effects& out) {
  auto* job = find_own(id);
  if (!job) return not_found("no such job");
  if (is_final(*job)) return already_ended(self_, *job);
  if (const auto* delegated = std::get_if<Delegated>(&job->record.state); delegated && delegated->started) {
    return refusal("job " + format_job(self_, id) + " has started and can't be held; cancel it instead");
  }
  job->record.held = true;
  save(*job, out);
  touch(id);
  if (std::holds_alternative<Awarding>(job->record.state)) give_up(now, id, "held by its user", out);
  if (std::holds_alternative<Delegated>(job->record.state)) move(now, id, out);
  return success();
}

Status Origin::release(Now now, const JobId& id, Effects& out) {
  auto* job = find_own(id);
  if (!job) return not_found("no such job");
  if (is_final(*job)) return already_ended(self_, *job);
  job->record.held = false;
  save(*job, out);
  arm(now, *job);
  touch(id);
  if (!job->record.array.empty()) split(now, id, out);
  return success();
}

Status Origin::rerun(Now now, const JobId& id, Effects& out) {
  auto* job = find_own(id);
  if (!job) return not_found("no such job");
  if (is_final(*job)) return already_ended(self_, *job);
  if (!std::holds_alternative<Delegated>(job->record.state)) {
    return refusal("job " + format_job(self_, id) + " runs nowhere yet; there is nothing to run again");
  }
  add_duty(*job);
  send_duties(*job, out);
  back(now, *job, "run again by its user's word", out);
  return success();
}

}  // namespace hansa
