// Origin: dependencies and arrays, which its own jobs have among themselves.
//
// A waiting array is one compact record; its tasks are split off, each with an epoch and a host of its own, no further
// ahead of their start than a window, and no more at once than the array allows (%10).
#include <algorithm>

#include "protocol/handoff/origin.hpp"

namespace hansa {
namespace {

JobId array_of(const JobId& task) {
  return {.store = task.store, .number = task.number};
}

bool is_final(const JobRecord& record) {
  return std::holds_alternative<Ended>(record.state);
}

bool ended_well(const JobRecord& record) {
  const auto* ended = std::get_if<Ended>(&record.state);
  return ended && ended->outcome->state == FinalState::completed;
}

// FNV-1a.
std::uint64_t name_hash(const JobRequest& request) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const auto* text : {&request.user, &request.name}) {
    for (const char c : *text) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001b3;
    hash = (hash ^ '\n') * 0x100000001b3;
  }
  return hash;
}

bool has_singleton(const JobRequest& request) {
  return std::any_of(request.dependencies.begin(), request.dependencies.end(),
                     [](const Dependency& d) { return d.kind == DependencyKind::singleton; });
}

}  // namespace

bool Origin::has_tasks(const JobId& array) const {
  if (array.task != JobId::no_task) return false;
  const auto task = jobs_.upper_bound(array);
  return task != jobs_.end() && task->first.store == array.store && task->first.number == array.number;
}

Status Origin::check_dependencies(const JobRequest& request) const {
  for (const auto& dependency : request.dependencies) {
    if (dependency.kind == DependencyKind::singleton || find(dependency.job)) continue;
    return refusal("there is no job " + format_job(self_, dependency.job) + " to depend on at " + self_.value +
                   "; a job depends on jobs of the same origin");
  }
  return success();
}

void Origin::index_dependencies(const Job& job) {
  const auto& request = *job.record.request;
  for (const auto& dependency : request.dependencies) {
    if (dependency.kind != DependencyKind::singleton) dependents_[dependency.job].insert(job.record.id);
  }
  if (has_singleton(request)) know_singletons();
  index_namesake(job);
}

// Namesakes are counted from the first singleton on: most sites never see one.
void Origin::know_singletons() {
  if (std::exchange(knows_singletons_, true)) return;
  for (const auto& [id, job] : jobs_) index_namesake(job);
}

void Origin::index_namesake(const Job& job) {
  if (!knows_singletons_ || is_final(job.record)) return;
  const auto& request = *job.record.request;
  namesakes_.emplace(name_hash(request), job.record.id);
  if (has_singleton(request)) singletons_.emplace(name_hash(request), job.record.id);
}

// Whether no earlier job of the same name and user is still under way. Two names may share a hash, so it is looked at.
bool Origin::is_first_of_its_name(const JobRecord& record) const {
  const auto hash = name_hash(*record.request);
  for (auto other = namesakes_.lower_bound({hash, JobId{}}); other != namesakes_.end(); ++other) {
    if (other->first != hash || other->second.number >= record.id.number) return true;
    const auto& request = *find(other->second)->record.request;
    if (request.user == record.request->user && request.name == record.request->name) return false;
  }
  return true;
}

// Somebody who has not ended waits for this job, or for the array that it is a task of.
bool Origin::is_depended_on(const JobId& id) const {
  const auto waits_for = [this](const JobId& key) {
    const auto found = dependents_.find(key);
    return found != dependents_.end() && std::any_of(found->second.begin(), found->second.end(), [&](const JobId& job) {
             const auto* dependent = find(job);
             return dependent && !is_final(dependent->record);
           });
  };
  return waits_for(id) || (id.task != JobId::no_task && waits_for(array_of(id)));
}

Origin::DependencyState Origin::state_of(const JobRecord& record, const Dependency& dependency) const {
  if (dependency.kind == DependencyKind::singleton) {
    return is_first_of_its_name(record) ? DependencyState::met : DependencyState::waiting;
  }
  // An array stands for all its tasks; a job that is gone from history counts as neither well nor badly ended.
  bool waits = false;
  bool all_well = true;
  const bool gone = !jobs_.contains(dependency.job);
  for (auto other = jobs_.lower_bound(dependency.job); other != jobs_.end(); ++other) {
    const bool is_it = other->first == dependency.job;
    const bool is_task = dependency.job.task == JobId::no_task && other->first.number == dependency.job.number;
    if (!is_it && !is_task) break;
    waits = waits || !is_final(other->second.record);
    all_well = all_well && ended_well(other->second.record);
  }
  if (waits) return DependencyState::waiting;
  const bool met =
      dependency.kind == DependencyKind::after_any || gone || (dependency.kind == DependencyKind::after_ok) == all_well;
  return met ? DependencyState::met : DependencyState::never;
}

Origin::DependencyState Origin::dependency_state(const Job& job) const {
  auto worst = DependencyState::met;
  for (const auto& dependency : job.record.request->dependencies) {
    worst = std::max(worst, state_of(job.record, dependency));
  }
  return worst;
}

bool Origin::is_placeable(const JobId& id) const {
  const auto* job = find(id);
  if (!job || job->record.held || !job->record.array->empty()) return false;
  return std::holds_alternative<Pending>(job->record.state) && dependency_state(*job) == DependencyState::met;
}

std::string Origin::waiting_reason(const JobId& id) const {
  const auto* job = find(id);
  if (!job) return "";
  if (job->record.held) return "Held";
  switch (dependency_state(*job)) {
    case DependencyState::waiting:
      return "Dependency";
    case DependencyState::never:
      return "DependencyNeverSatisfied";
    case DependencyState::met:
      return "";
  }
  return "";
}

// It may be its turn now.
void Origin::wake(const JobId& id) {
  touch(id);
  if (const auto* waiting = find(id); waiting && !waiting->record.array->empty()) arrays_.insert(id);
}

void Origin::wake_dependents(const JobId& id) {
  const auto found = dependents_.find(id);
  if (found == dependents_.end()) return;
  for (const auto& dependent : found->second) wake(dependent);
}

// Those whose turn it may be: singletons up to the first namesake that is left.
void Origin::wake_namesakes(const Job& job) {
  if (!knows_singletons_) return;
  const auto hash = name_hash(*job.record.request);
  namesakes_.erase({hash, job.record.id});
  singletons_.erase({hash, job.record.id});
  const auto first = namesakes_.lower_bound({hash, JobId{}});
  if (first == namesakes_.end() || first->first != hash) return;
  for (auto waiting = singletons_.lower_bound({hash, JobId{}}); waiting != singletons_.end(); ++waiting) {
    if (waiting->first != hash || waiting->second.number > first->second.number) break;
    wake(waiting->second);
  }
}

// A job ended: whoever waited for it, and the next tasks of its array, are to be looked at again.
void Origin::ended_changes_others(const Job& job) {
  const auto id = job.record.id;
  wake_dependents(id);
  wake_namesakes(job);
  if (id.task == JobId::no_task) return;
  const auto array = array_of(id);
  wake_dependents(array);
  if (const auto active = array_active_.find(array); active != array_active_.end() && active->second > 0)
    --active->second;
  if (const auto* whole = find(array); whole && !whole->record.array->empty()) arrays_.insert(array);
}

void Origin::split_arrays(Now now, Effects& out) {
  const auto arrays = std::exchange(arrays_, {});
  for (const auto& array : arrays) split(now, array, out);
}

void Origin::split(Now now, const JobId& id, Effects& out) {
  auto* job = find_own(id);
  if (!job || job->record.array->empty() || job->record.held) return;
  if (dependency_state(*job) != DependencyState::met) return;
  auto& spec = job->record.array.edit();
  auto& active = array_active_[id];
  const std::size_t limit =
      spec.parallel_max > 0 ? std::min<std::size_t>(spec.parallel_max, options_.array_window) : options_.array_window;
  if (active >= limit) return;
  const auto count = std::min(limit - active, spec.tasks.size());
  for (std::size_t i = 0; i < count; ++i) {
    const JobId task_id{.store = id.store, .number = id.number, .task = spec.tasks[i]};
    auto& task = jobs_[task_id];
    task.record = {.id = task_id, .submitted = job->record.submitted, .request = job->record.request};
    task.since = now.instant;
    save(task, out);
    index_namesake(task);
    touch(task_id);
  }
  active += count;
  spec.tasks.erase(spec.tasks.begin(), spec.tasks.begin() + static_cast<std::ptrdiff_t>(count));
  if (spec.empty()) {
    job->record.state =
        Ended{.host = {}, .outcome = Outcome{.state = FinalState::completed, .reason = "all tasks split off"}};
    job->since = now.instant;
    ended_changes_others(*job);
  }
  save(*job, out);
  arm(now, *job);
  touch(id);
}

}  // namespace hansa
