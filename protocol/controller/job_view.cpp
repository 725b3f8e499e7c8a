// What users see of a job: Slurm's words for what origin and host know. The table is docs/job-states.md.
#include "protocol/controller/controller.hpp"

namespace hansa {
namespace {

struct Words {
  std::string state;
  std::string reason;
};

Words words_of_phase(RunPhase phase) {
  switch (phase) {
    case RunPhase::queued:
      return {"PENDING", "Resources"};
    case RunPhase::staging:
      return {"CONFIGURING", "StagingIn"};
    case RunPhase::starting:
      return {"CONFIGURING", ""};
    case RunPhase::running:
      return {"RUNNING", ""};
    case RunPhase::stopping:
      return {"COMPLETING", "Cancelling"};
    case RunPhase::staging_out:
      return {"COMPLETING", "StagingOut"};
  }
  return {"PENDING", ""};
}

}  // namespace

JobView Controller::view(Now now, const Origin::Job& job) const {
  const auto& record = job.record;
  const auto& request = *record.request;
  JobView view{.id = record.id,
               .id_text = format_job(options_.site, record.id),
               .name = request.name,
               .user = request.user,
               .origin = options_.site,
               .resources = describe(request.resources),
               .time_limit = request.resources.time_limit,
               .epoch = record.epoch.value,
               .submitted = record.submitted,
               .array_tasks_waiting = static_cast<std::uint32_t>(record.array.tasks.size())};
  if (std::holds_alternative<Pending>(record.state)) {
    const auto waiting = origin_.waiting_reason(record.id);
    view.state = "PENDING";
    view.reason = !waiting.empty() ? waiting : !record.array.empty() ? "JobArrayTaskLimit" : record.reason;
    if (view.reason.empty()) view.reason = "Bidding";
  } else if (const auto* awarding = std::get_if<Awarding>(&record.state)) {
    view.state = "PENDING";
    view.reason = "Bidding";
    view.host = awarding->host;
  } else if (const auto* delegated = std::get_if<Delegated>(&record.state)) {
    view_delegated(now, job, *delegated, view);
  } else {
    const auto& ended = std::get<Ended>(record.state);
    view.state = ended.outputs_home ? std::string(to_word(ended.outcome->state)) : "COMPLETING";
    view.reason = ended.outputs_home ? ended.outcome->reason : "StagingOut";
    if (ended.outputs_home && !record.reason.empty()) view.reason = record.reason;
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
  Words words{"PENDING", "Resources"};
  if (delegated.host == options_.site) {
    const auto* run = host_.find(key);
    if (run) {
      const auto known = run_words(now, *run, view);
      words = {known.first, known.second};
    }
  } else {
    if (job.progress) {
      words = words_of_phase((*job.progress)->phase);
      view.where = (*job.progress)->where;
      view.age = now.instant - job.heard;
      if ((*job.progress)->phase == RunPhase::running) {
        const auto since = (*job.progress)->since + (now.instant - job.heard);
        view.started = {now.wall.unix_ms - std::chrono::duration_cast<std::chrono::milliseconds>(since).count()};
      }
    } else if (delegated.started) {
      words = {"RUNNING", ""};
    }
    const auto* member = membership_.find(delegated.host);
    if (!member || member->state != MemberState::alive || membership_.isolated()) {
      words = {"UNKNOWN", "AwaitingHost(" + delegated.host.value + ")"};
    }
  }
  if (job.record.cancel_wished) words = {"COMPLETING", "Cancelling"};
  view.state = words.state;
  view.reason = words.reason;
}

// Words for a run that is here; fills in what only its host knows.
std::pair<std::string, std::string> Controller::run_words(Now now, const Host::Run& run, JobView& view) const {
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
  if (!run.looked) return {"UNKNOWN", "AwaitingBackend"};
  auto words = words_of_phase(phase_of(run));
  return {std::move(words.state), std::move(words.reason)};
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
  auto words = run_words(now, run, view);
  view.state = std::move(words.first);
  view.reason = std::move(words.second);
  return view;
}

}  // namespace hansa
