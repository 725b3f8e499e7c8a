// Judge: what one site may say and write, seen by one who knows its disk and its machine. Persist before you speak;
// final is final; "it does not run here" is said only when that is true.
#include <algorithm>

#include "tests/model/site.hpp"

namespace hansa::model {
namespace {

bool is_over(RunState state) {
  return state == RunState::revoked || state == RunState::returned || state == RunState::finished;
}

const JobRecord* job_on_disk(const Site& site, const JobId& job) {
  const auto found = site.disk.jobs.find(job);
  return found == site.disk.jobs.end() ? nullptr : &found->second;
}
const RunRecord* run_on_disk(const Site& site, const RunKey& run) {
  const auto found = site.disk.runs.find(run);
  return found == site.disk.runs.end() ? nullptr : &found->second;
}

// The epoch is the current one on disk, and delegated.
const Delegated* delegated_on_disk(const Site& site, const RunKey& run) {
  const auto* job = job_on_disk(site, run.job);
  return job && job->epoch == run.epoch ? std::get_if<Delegated>(&job->state) : nullptr;
}

// "From now on it does not run here."
std::string over(const Site& site, const RunKey& run, RunState needed, const char* said) {
  if (site.alive(run)) return std::string(said) + " was said of a run that is alive";
  const auto* record = run_on_disk(site, run);
  const bool told = record && record->state == needed && !record->stopping;
  return told ? "" : std::string(said) + " was said before it was on disk";
}

std::string no_record_alive(const Site& site, const RunKey& run, const char* said) {
  if (site.alive(run)) return std::string(said) + " was said of a run that is alive";
  const auto* record = run_on_disk(site, run);
  if (record && !is_over(record->state)) return std::string(said) + " was said of a run that is alive on disk";
  return "";
}

std::string check(const Site& site, const SiteName&, const Award& message) {
  for (const auto& task : message.tasks) {
    const auto* job = job_on_disk(site, task.run.job);
    if (!job || job->epoch < task.run.epoch) return "Award names an epoch that is not on disk";
  }
  return "";
}
std::string check(const Site& site, const SiteName&, const Accepted& message) {
  if (site.witness.said_over & bit(message.run)) return "Accepted was said of an epoch that had been said to be over";
  return run_on_disk(site, message.run) ? "" : "Accepted was said before the run was on disk";
}
std::string check(const Site& site, const SiteName& to, const Confirm& message) {
  const bool written = (site.witness.delegated[index_of(to)] & bit(message.run)) != 0;
  return written ? "" : "Confirm was said before Delegated was on disk";
}
std::string check(const Site& site, const SiteName&, const Finished& message) {
  return over(site, message.run, RunState::finished, "Finished");
}
std::string check(const Site& site, const SiteName&, const Return& message) {
  return over(site, message.run, RunState::returned, "Return");
}
std::string check(const Site& site, const SiteName&, const Revoked& message) {
  return no_record_alive(site, message.run, "Revoked");
}
std::string check(const Site& site, const SiteName&, const Refused& message) {
  return no_record_alive(site, message.run, "Refused");
}
std::string check(const Site& site, const SiteName&, const Revoke& message) {
  const auto* delegated = delegated_on_disk(site, message.run);
  const bool wished = !delegated || delegated->wish != Wish::none;
  return wished ? "" : "Revoke was said of an epoch that holds on disk";
}
std::string check(const Site& site, const SiteName&, const FinishedAck& message) {
  return delegated_on_disk(site, message.run) ? "Finished was acknowledged before it was on disk" : "";
}
std::string check(const Site& site, const SiteName&, const ReturnAck& message) {
  return delegated_on_disk(site, message.run) ? "Return was acknowledged before it was on disk" : "";
}
std::string check(const Site&, const SiteName&, const auto&) {
  return "";
}

std::string write(const Site& site, const PutJob& put) {
  const auto* before = job_on_disk(site, put.record.id);
  if (!before) return "";
  if (put.record.epoch < before->epoch) return "an epoch went backwards";
  const auto* was = std::get_if<Ended>(&before->state);
  const auto* is = std::get_if<Ended>(&put.record.state);
  const bool same = is && was && is->host == was->host && is->outcome->state == was->outcome->state;
  return was && !same ? "a final state changed" : "";
}
std::string write(const Site& site, const PutRun& put) {
  const auto* before = run_on_disk(site, put.record.key);
  const bool changed = before && is_over(before->state) && put.record.state != before->state;
  return changed ? "the end of a run changed" : "";
}
std::string write(const Site& site, const DropJob& drop) {
  const auto* record = job_on_disk(site, drop.job);
  if (!record || !std::holds_alternative<Ended>(record->state)) return "a job was dropped that has not ended";
  return record->duties.empty() ? "" : "a job was dropped with duties open";
}
std::string write(const Site& site, const DropRun& drop) {
  const auto* record = run_on_disk(site, drop.run);
  if (!record || !is_over(record->state)) return "a run was dropped that is not over";
  const bool may_go = record->answered || (site.witness.let_go & bit(drop.run));
  return may_go ? "" : "a run was dropped whose end nobody has acknowledged";
}
std::string write(const Site&, const auto&) {
  return "";
}

}  // namespace

std::string judge_saying(const Site& site, const Send& send) {
  return std::visit([&](const auto& content) { return check(site, send.to, content); }, send.message);
}

std::string judge_writing(const Site& site, const StoreRecord& record) {
  return std::visit([&](const auto& content) { return write(site, content); }, record);
}

void witness_saying(Site& site, const Send& send) {
  const auto says_over = [&](const RunKey& run) {
    site.witness.said_over = static_cast<RunSet>(site.witness.said_over | bit(run));
  };
  if (const auto* message = std::get_if<Finished>(&send.message)) says_over(message->run);
  if (const auto* message = std::get_if<Return>(&send.message)) says_over(message->run);
  if (const auto* message = std::get_if<Revoked>(&send.message)) says_over(message->run);
  if (const auto* message = std::get_if<Refused>(&send.message)) says_over(message->run);
}

void witness_writing(Site& site, const StoreRecord& record) {
  const auto* put = std::get_if<PutJob>(&record);
  const auto* delegated = put ? std::get_if<Delegated>(&put->record.state) : nullptr;
  if (!delegated) return;
  auto& runs = site.witness.delegated[index_of(delegated->host)];
  runs = static_cast<RunSet>(runs | bit({.job = put->record.id, .epoch = put->record.epoch}));
}

}  // namespace hansa::model
