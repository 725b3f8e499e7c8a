// Controller: what users ask, and what they are told.
#include <algorithm>

#include "protocol/controller/controller.hpp"
#include "protocol/controller/reply.hpp"

namespace hansa {
namespace {

// Of an array: all its tasks are jobs of their own.
bool is_settled(const Origin::Job& job) {
  const auto* ended = std::get_if<Ended>(&job.record.state);
  return ended && ended->outputs_home && job.record.array->empty();
}

}  // namespace

void Controller::call(Now now, Ticket ticket, const Caller& caller, const ApiCall& call, Effects& out) {
  const Tally::Watch watch(tally_, out);
  std::visit([&](const auto& content) { ask(now, ticket, caller, content, out); }, call);
  settle(now, out);
}

void Controller::ask(Now now, Ticket ticket, const Caller& caller, const SubmitJobs& call, Effects& out) {
  for (const auto& submission : call.jobs) {
    if (auto error = refuse_submission(now, submission)) return reply(out, ticket, std::move(*error));
  }
  if (auto error = refuse_by_limits(now, caller, call)) return reply(out, ticket, std::move(*error));
  Submitted submitted;
  for (const auto& submission : call.jobs) {
    auto id = origin_.submit(now, submission, out);
    // All or none: a refusal before the first record changes nothing; the checks above leave no other.
    if (!id) return reply(out, ticket, id.error());
    submitted.jobs.push_back(*id);
  }
  reply(out, ticket, ApiAnswer{std::move(submitted)});
}

std::optional<Error> Controller::refuse_submission(Now now, const Submission& submission) const {
  // Asked again because the answer got lost: the job is there, whatever would be said of a new one.
  if (origin_.submitted_before(submission)) return std::nullopt;
  if (disk_full_) {
    return Error{ErrorKind::overloaded, "the disk of " + options_.site.value +
                                            " is full: it takes no new jobs until space is free; those it has go on"};
  }
  if (origin_.active_count() >= options_.jobs_max) {
    return overloaded(options_.site.value + " has " + std::to_string(origin_.active_count()) +
                      " jobs already; wait until some have ended");
  }
  if (auto checked = origin_.check_dependencies(*submission.request); !checked) return checked.error();
  return refuse_unfit(now, *submission.request);
}

Result<JobId> Controller::job_of(const JobName& name) const {
  if (name.site != options_.site) return ask_elsewhere(name);
  if (auto id = origin_.resolve(name.number, name.task)) return *id;
  // A task that was not split off yet is still part of its array.
  const auto array = origin_.resolve(name.number, JobId::no_task);
  const auto what = options_.site.value + "-" + std::to_string(name.number) +
                    (name.task == JobId::no_task ? "" : "_" + std::to_string(name.task));
  if (array && name.task != JobId::no_task) {
    return refusal("task " + what + " still waits within its array; act on the array, or wait until it is its turn");
  }
  return not_found("there is no job " + what + "; hansa queue and hansa history show those that there are");
}

Status Controller::may_act(const Caller& caller, const JobId& id) const {
  const auto* job = origin_.find(id);
  if (!job || caller.is_operator || job->record.request->user == caller.user) return success();
  return refusal("job " + format_job(options_.site, id) + " belongs to " + job->record.request->user + ", not to " +
                 caller.user);
}

void Controller::ask(Now now, Ticket ticket, const Caller&, const GetJob& call, Effects& out) {
  if (call.job.site != options_.site) return reply(out, ticket, from_elsewhere(now, call));
  const auto id = job_of(call.job);
  if (!id) return reply(out, ticket, id.error());
  const auto& job = *origin_.find(*id);
  if (call.wait <= Duration{0} || is_over(job)) return reply(out, ticket, ApiAnswer{view_whole(now, job)});
  constexpr Duration wait_max = std::chrono::minutes(5);
  waiters_[*id].push_back(ticket);
  waits_[ticket] = {*id, now.instant + std::min(call.wait, wait_max)};
  wait_ends_.set(ticket, waits_[ticket].second);
}

// The job has ended with its outputs home: everyone who waited for that is told.
void Controller::answer_waiters(Now now, const JobId& id, Effects& out) {
  const auto waiting = waiters_.find(id);
  if (waiting == waiters_.end()) return;
  const auto* job = origin_.find(id);
  if (job && !is_over(*job)) return;
  for (const auto& ticket : waiting->second) {
    if (waits_.erase(ticket) == 0) continue;
    wait_ends_.clear(ticket);
    reply(out, ticket, job ? ApiReply{ApiAnswer{view_whole(now, *job)}} : ApiReply{not_found("the job is gone")});
  }
  waiters_.erase(waiting);
}

void Controller::end_waits(Now now, Effects& out) {
  for (const auto& ticket : wait_ends_.take_due(now.instant)) {
    const auto wait = waits_.find(ticket);
    if (wait == waits_.end()) continue;
    const auto id = wait->second.first;
    waits_.erase(wait);
    std::erase(waiters_[id], ticket);
    if (waiters_[id].empty()) waiters_.erase(id);
    const auto* job = origin_.find(id);
    reply(out, ticket, job ? ApiReply{ApiAnswer{view_whole(now, *job)}} : ApiReply{not_found("the job is gone")});
  }
}

void Controller::ask(Now now, Ticket ticket, const Caller&, const WhyJob& call, Effects& out) {
  const auto id = job_of(call.job);
  if (!id) return reply(out, ticket, id.error());
  // The note itself is on disk; whoever performs the reply reads it.
  reply(out, ticket, ApiAnswer{Why{.job = view_whole(now, *origin_.find(*id)), .note = {}}});
}

void Controller::ask(Now now, Ticket ticket, const Caller& caller, const ActOnJob& call, Effects& out) {
  if (call.act == JobAct::rerun && custodian_.has_adopted(call.job.site)) {
    return run_adopted_again(now, ticket, caller, call, out);
  }
  const auto id = job_of(call.job);
  if (!id) return reply(out, ticket, id.error());
  if (auto allowed = may_act(caller, *id); !allowed) return reply(out, ticket, allowed.error());
  if (call.act == JobAct::rerun && origin_.has_ended(*id)) return submit_again(now, ticket, *id, call, out);
  const auto act = [&]() -> Status {
    switch (call.act) {
      case JobAct::cancel:
        return origin_.cancel(now, *id, out);
      case JobAct::hold:
        return origin_.hold(now, *id, out);
      case JobAct::release:
        return origin_.release(now, *id, out);
      case JobAct::rerun:
        return origin_.rerun(now, *id, out);
    }
    return success();
  };
  const auto done = act();
  reply(out, ticket, done ? ApiReply{ApiAnswer{Acknowledged{}}} : ApiReply{done.error()});
}

void Controller::ask(Now now, Ticket ticket, const Caller&, const ListJobs& call, Effects& out) {
  JobList list;
  const auto wanted = [&](const JobView& job) {
    const bool in_states =
        call.states.empty() || std::find(call.states.begin(), call.states.end(), job.state) != call.states.end();
    return in_states && (call.user.empty() || call.user == job.user) && (call.name.empty() || call.name == job.name);
  };
  const auto add = [&](JobView job) {
    if (!wanted(job)) return;
    ++list.total;
    if (list.jobs.size() < call.limit) list.jobs.push_back(std::move(job));
  };
  for (const auto& [id, job] : origin_.jobs()) {
    const bool final = is_settled(job);
    if (!call.reaches(id) || final != call.history || is_spent_array(job)) continue;
    add(view(now, job));
  }
  for (const auto& [id, copy] : shelf_.copies()) {
    const bool final = std::holds_alternative<Ended>(copy.record.state);
    if (!call.guests || call.number != 0 || final != call.history || !custodian_.has_adopted(copy.origin)) continue;
    add(copy_view(now, copy));
  }
  for (const auto& [key, run] : host_.runs()) {
    if (custodian_.has_adopted(run.record.origin) && shelf_.find(key.job)) continue;  // its copy speaks for it
    const bool over = run.record.answered || run.record.state == RunState::revoked;
    const bool wants_guests = call.guests && !call.history && call.number == 0;
    if (!wants_guests || over || run.record.origin == options_.site) continue;
    add(guest_view(now, run));
  }
  reply(out, ticket, ApiAnswer{std::move(list)});
}

void Controller::ask(Now now, Ticket ticket, const Caller&, const ListSites&, Effects& out) {
  SiteList list;
  if (membership_.own_record()) {
    list.sites.push_back({.record = *membership_.own_record(),
                          .self = true,
                          .connected = true,
                          .draining = draining_,
                          .pools = parts_.planner->digest(now.instant)});
  }
  for (const auto& [site, member] : membership_.members()) {
    SiteView view{.record = member.record,
                  .state = member.state,
                  .connected = links_.contains(site),
                  .rtt = member.rtt.smoothed()};
    if (member.digest) {
      view.draining = member.digest->value.draining;
      view.pools = member.digest->value.pools;
      view.age = now.instant - member.digest_at;
    }
    list.sites.push_back(std::move(view));
  }
  reply(out, ticket, ApiAnswer{std::move(list)});
}

void Controller::ask(Now, Ticket ticket, const Caller&, const GetStatus&, Effects& out) {
  reply(out, ticket, ApiAnswer{status()});
}

// All its tasks are jobs of their own by now, and it is none any more.
bool Controller::is_spent_array(const Origin::Job& job) const {
  return job.record.id.task == JobId::no_task && is_settled(job) && origin_.has_tasks(job.record.id);
}

// Looks at every job once, without making views of them: there may be a hundred thousand.
void Controller::ask(Now, Ticket ticket, const Caller&, const GetFigures&, Effects& out) {
  SiteFigures figures{.status = status(), .sites_connected = links_.size()};
  for (const auto& [id, job] : origin_.jobs()) {
    if (!is_spent_array(job)) ++figures.jobs[std::string(state_of(job))];
  }
  for (const auto& [key, run] : host_.runs()) {
    ++figures.runs[Host::waits(run) ? "waiting" : Host::occupies(run) ? "active" : "over"];
  }
  for (const auto& [site, member] : membership_.members()) ++figures.sites[std::string(to_word(member.state))];
  tally_.fill(figures);
  reply(out, ticket, ApiAnswer{std::move(figures)});
}

SiteStatus Controller::status() const {
  SiteStatus status{.site = options_.site,
                    .region = options_.region,
                    .store = store_,
                    .version = options_.version,
                    .backend = options_.backend,
                    .limits = parts_.abilities.limits,
                    .ready = ready_,
                    .degraded = !degraded_.empty() || disk_full_ || !backend_problem_.empty(),
                    .problem = disk_full_          ? "the disk is full: no new jobs or bids"
                               : degraded_.empty() ? backend_problem_
                                                   : degraded_};
  if (const auto lost = lost_standing(); !lost.empty() && !status.degraded) {
    status.degraded = true;
    status.problem = lost;
  }
  status.jobs_running = origin_.running_count();
  status.jobs_pending = origin_.active_count() - origin_.running_count();
  status.runs_here = occupying_.size();
  status.disk_free_bytes = disk_free_bytes_;
  status.runs_queued_here = parts_.planner->queue_length();
  return status;
}

void Controller::ask(Now now, Ticket ticket, const Caller& caller, const ActOnSite& call, Effects& out) {
  if (!caller.is_operator) {
    return reply(out, ticket, refusal("only an operator may drain, resume, forget, adopt or entrust a site"));
  }
  if (call.act == SiteAct::adopt) return adopt_site(now, ticket, caller, call, out);
  if (call.act == SiteAct::entrust) return entrust_site(now, ticket, caller, call, out);
  if (call.act == SiteAct::forget) return forget_site(now, ticket, caller, call, out);
  draining_ = call.act == SiteAct::drain;
  out.persist.emplace_back(PutFact{"draining", draining_ ? 1u : 0u});
  publisher_.touch();
  if (draining_) {
    give_back_guests(now, out);
  } else {
    look_at_all_again();
  }
  reply(out, ticket, ApiAnswer{Acknowledged{}});
}

// While the site was drained, home was no place for them.
void Controller::look_at_all_again() {
  for (const auto& [id, job] : origin_.jobs()) {
    if (origin_.is_placeable(id)) origin_.look_again(id);
  }
}

// Guests that have not started go home; what runs runs on.
void Controller::give_back_guests(Now now, Effects& out) {
  std::vector<RunKey> waiting;
  for (const auto& [key, run] : host_.runs()) {
    if (run.record.origin != options_.site && !Host::occupies(run)) waiting.push_back(key);
  }
  for (const auto& key : waiting) host_.give_back(now, key, ReturnReason::drained, "the site is drained", out);
}

}  // namespace hansa
