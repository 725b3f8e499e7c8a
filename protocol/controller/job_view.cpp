// What users see of a job: Slurm's words for what origin and host know. The table is docs/job-states.md.
#include "protocol/controller/controller.hpp"

namespace hansa {
namespace {

std::string_view state_word(RunPhase phase) {
  switch (phase) {
    case RunPhase::queued:
      return "PENDING";
    case RunPhase::staging:
    case RunPhase::starting:
      return "CONFIGURING";
    case RunPhase::running:
      return "RUNNING";
    case RunPhase::stopping:
    case RunPhase::staging_out:
      return "COMPLETING";
  }
  return "PENDING";
}

std::string reason_word(RunPhase phase) {
  switch (phase) {
    case RunPhase::queued:
      return "Resources";
    case RunPhase::staging:
      return "StagingIn";
    case RunPhase::stopping:
      return "Cancelling";
    case RunPhase::staging_out:
      return "StagingOut";
    case RunPhase::starting:
    case RunPhase::running:
      break;
  }
  return "";
}

}  // namespace

// The one place that says in which state a job is.
std::string_view Controller::state_of(const Origin::Job& job) const {
  if (const auto* delegated = std::get_if<Delegated>(&job.record.state)) return state_of(job, *delegated);
  const auto* ended = std::get_if<Ended>(&job.record.state);
  if (!ended) return "PENDING";
  return ended->outputs_home ? to_word(ended->outcome->state) : "COMPLETING";
}

std::string_view Controller::state_of(const Origin::Job& job, const Delegated& delegated) const {
  if (job.record.cancel_wished) return "COMPLETING";
  if (delegated.host == options_.site) {
    const auto* run = host_.find({.job = job.record.id, .epoch = job.record.epoch});
    return run ? state_of(*run) : "PENDING";
  }
  if (!hears_of(delegated.host)) return "UNKNOWN";
  if (job.dealings->progress) return state_word((*job.dealings->progress)->phase);
  return delegated.started ? "RUNNING" : "PENDING";
}

std::string_view Controller::state_of(const Host::Run& run) {
  return run.looked ? state_word(phase_of(run)) : "UNKNOWN";
}

// Whether what is known of the host is what it says now.
bool Controller::hears_of(const SiteName& host) const {
  const auto* member = membership_.find(host);
  return member && member->state == MemberState::alive && !membership_.isolated();
}

JobView Controller::view(Now now, const Origin::Job& job) const {
  const auto& record = job.record;
  const auto& request = *record.request;
  JobView view{.id = record.id,
               .id_text = format_job(options_.site, record.id),
               .name = request.name,
               .user = request.user,
               .state = std::string(state_of(job)),
               .origin = options_.site,
               .resources = describe(request.resources),
               .time_limit = request.resources.time_limit,
               .epoch = record.epoch.value,
               .submitted = record.submitted,
               .array_tasks_waiting = static_cast<std::uint32_t>(record.array->tasks.size())};
  if (std::holds_alternative<Pending>(record.state)) {
    const auto waiting = origin_.waiting_reason(record.id);
    view.reason = !waiting.empty() ? waiting : !record.array->empty() ? "JobArrayTaskLimit" : *record.reason;
    if (view.reason.empty()) view.reason = "Bidding";
  } else if (const auto* awarding = std::get_if<Awarding>(&record.state)) {
    view.reason = "Bidding";
    view.host = awarding->host;
  } else if (const auto* delegated = std::get_if<Delegated>(&record.state)) {
    view_delegated(now, job, *delegated, view);
  } else {
    const auto& ended = std::get<Ended>(record.state);
    view.reason = ended.outputs_home ? ended.outcome->reason : "StagingOut";
    if (ended.outputs_home && !record.reason->empty()) view.reason = *record.reason;
    view.host = ended.host;
    view.host_is_final = true;
    view.where = ended.outcome->where;
    view.started = ended.outcome->started;
    view.ended = ended.outcome->ended;
    view.outputs_home = ended.outputs_home;
    view.outcome = *ended.outcome;
  }
  return view;
}

void Controller::view_delegated(Now now, const Origin::Job& job, const Delegated& delegated, JobView& view) const {
  view.host = delegated.host;
  view.host_is_final = delegated.started;
  const RunKey key{.job = job.record.id, .epoch = job.record.epoch};
  view.reason = delegated.started ? "" : "Resources";
  if (delegated.host == options_.site) {
    const auto* run = host_.find(key);
    view.reason = run ? fill_from_run(now, *run, view) : "Resources";
  } else {
    if (job.dealings->progress) fill_from_progress(now, job, view);
    if (!hears_of(delegated.host)) view.reason = "AwaitingHost(" + delegated.host.value + ")";
  }
  if (job.record.cancel_wished) view.reason = "Cancelling";
}

void Controller::fill_from_progress(Now now, const Origin::Job& job, JobView& view) {
  const auto& progress = **job.dealings->progress;
  view.reason = reason_word(progress.phase);
  view.where = progress.where;
  view.age = now.instant - job.dealings->heard;
  if (progress.phase != RunPhase::running) return;
  const auto since = progress.since + (now.instant - job.dealings->heard);
  view.started = {now.wall.unix_ms - std::chrono::duration_cast<std::chrono::milliseconds>(since).count()};
}

// Fills in what only its host knows of a run that is here; returns the reason.
std::string Controller::fill_from_run(Now now, const Host::Run& run, JobView& view) const {
  const auto& allocation = *run.record.allocation;
  view.where = allocation.pool;
  for (std::size_t i = 0; i < allocation.nodes.size(); ++i) {
    view.where += (i == 0 ? "[" : ",") + std::to_string(allocation.nodes[i].node);
  }
  if (!allocation.nodes.empty()) view.where += "]";
  view.started = run.record.outcome->started;
  if (Host::waits(run)) {
    if (const auto at = parts_.planner->expected_start(run.record.key, now.instant)) {
      const auto ahead = std::chrono::duration_cast<std::chrono::milliseconds>(*at - now.instant);
      view.expected_start = {now.wall.unix_ms + ahead.count()};
    }
  }
  return run.looked ? reason_word(phase_of(run)) : "AwaitingBackend";
}

// A run that is here for another origin.
JobView Controller::guest_view(Now now, const Host::Run& run) const {
  const auto& request = *run.record.request;
  JobView view{.id = run.record.key.job,
               .id_text = name_of_run(run),
               .name = request.name,
               .user = request.user + "@" + run.record.origin.value,
               .origin = run.record.origin,
               .host = options_.site,
               .host_is_final = Host::occupies(run),
               .resources = describe(request.resources),
               .time_limit = request.resources.time_limit,
               .epoch = run.record.key.epoch.value,
               .submitted = run.record.accepted_at};
  view.state = state_of(run);
  view.reason = fill_from_run(now, run, view);
  return view;
}

}  // namespace hansa
