// Origin: what users want. Everything is on disk before it is answered.
#include <algorithm>

#include "protocol/handoff/origin.hpp"
#include "protocol/handoff/rules.hpp"

namespace hansa {
namespace {

bool is_final(const Origin::Job& job) {
  return std::holds_alternative<Ended>(job.record.state);
}

Error already_ended(const SiteName& self, const Origin::Job& job) {
  const auto& outcome = *std::get<Ended>(job.record.state).outcome;
  return refusal("job " + format_job(self, job.record.id) + " has already ended (" +
                 std::string(to_word(outcome.state)) + ")");
}

}  // namespace

std::optional<JobId> Origin::submitted_before(const Submission& submission) const {
  if (submission.idempotency_key.empty()) return std::nullopt;
  const auto known = by_key_.find(submission.request->user + '\n' + submission.idempotency_key);
  return known == by_key_.end() ? std::nullopt : std::optional(known->second);
}

Result<JobId> Origin::submit(Now now, const Submission& submission, Effects& out) {
  if (const auto known = submitted_before(submission)) return *known;
  if (auto checked = check_dependencies(*submission.request); !checked) return checked.error();

  if (!(submission.request == last_request_)) last_request_ = submission.request;
  const JobId id{.store = store_, .number = ++last_number_};
  auto& job = jobs_[id];
  job.record = {.id = id,
                .epoch = {},
                .state = Pending{},
                .held = submission.held,
                .submitted = now.wall,
                .request = last_request_,
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

// Every task of the array that was split off and has not ended; how many there were.
template <class Deed>
std::size_t Origin::for_tasks(const JobId& array, Deed deed) {
  std::size_t count = 0;
  for (auto task = jobs_.upper_bound(array); task != jobs_.end() && task->first.number == array.number; ++task) {
    if (is_final(task->second)) continue;
    deed(task->second);
    ++count;
  }
  return count;
}

Status Origin::cancel(Now now, const JobId& id, Effects& out) {
  auto* job = find_own(id);
  if (!job) return not_found("no such job");
  if (id.task == JobId::no_task && is_array(*job)) {
    const auto tasks = for_tasks(id, [&](Job& task) { (void)cancel(now, task.record.id, out); });
    arrays_.erase(id);
    if (is_final(*job) && tasks == 0) return already_ended(self_, *job);
    if (!is_final(*job)) to_cancelled(now, *job, out);
    return success();
  }
  if (is_final(*job) && rule(Rule::final_is_final)) return already_ended(self_, *job);
  if (auto* delegated = std::get_if<Delegated>(&job->record.state)) {
    if (job->record.cancel_wished) return success();
    job->record.cancel_wished = true;
    delegated->wish = Wish::revoke;
    job->first_try();
    if (rule(Rule::wish_is_recorded)) save(*job, out);
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

// An array is held with those of its tasks that have not started.
Status Origin::hold(Now now, const JobId& id, Effects& out) {
  auto* job = find_own(id);
  if (!job) return not_found("no such job");
  const auto has_started = [](const Job& each) {
    const auto* delegated = std::get_if<Delegated>(&each.record.state);
    return delegated && delegated->started;
  };
  std::size_t tasks = 0;
  for_tasks(id.task == JobId::no_task ? id : JobId{}, [&](Job& task) {
    if (has_started(task)) return;
    hold_one(now, task, out);
    ++tasks;
  });
  if (is_final(*job)) return tasks > 0 ? success() : Status(already_ended(self_, *job));
  if (has_started(*job)) {
    return refusal("job " + format_job(self_, id) + " has started and can't be held; cancel it instead");
  }
  hold_one(now, *job, out);
  return success();
}

void Origin::hold_one(Now now, Job& job, Effects& out) {
  const auto id = job.record.id;
  job.record.held = true;
  save(job, out);
  touch(id);
  if (std::holds_alternative<Awarding>(job.record.state)) give_up(now, id, "held by its user", out);
  if (std::holds_alternative<Delegated>(job.record.state)) move(now, id, out);
}

Status Origin::release(Now now, const JobId& id, Effects& out) {
  auto* job = find_own(id);
  if (!job) return not_found("no such job");
  const auto tasks =
      for_tasks(id.task == JobId::no_task ? id : JobId{}, [&](Job& task) { release_one(now, task, out); });
  if (is_final(*job)) return tasks > 0 ? success() : Status(already_ended(self_, *job));
  release_one(now, *job, out);
  if (!job->record.array->empty()) split(now, id, out);
  return success();
}

void Origin::release_one(Now now, Job& job, Effects& out) {
  if (!std::exchange(job.record.held, false)) return;
  save(job, out);
  arm(now, job);
  touch(job.record.id);
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
