// Origin: what a run that died left for the next one.
//
// The host that says Finished(NODE_FAIL or PREEMPTED) can be reached, and holds the run's outputs until they are
// acknowledged. So the job is Pending at once, and placed again only when its checkpoint has come home and lies among
// its inputs, on disk with the record; or when that takes too long. Nothing of it concerns who may run the job: the
// epoch that wrote the checkpoint is over before it is asked for.
#include "protocol/handoff/origin.hpp"

namespace hansa {

bool awaits_checkpoint_of(const JobRecord& record, const RunKey& run, const SiteName& host) {
  const auto& checkpoint = *record.checkpoint;
  return checkpoint.awaited() && checkpoint.epoch == run.epoch && checkpoint.host == host;
}

// Before the job becomes Pending, in one commit with it.
bool Origin::await_checkpoint(Job& job, const ContentHash& outputs, const SiteName& host, Effects& out) {
  if (job.record.request->checkpoint.empty() || outputs.is_zero()) return false;
  job.record.checkpoint = Checkpoint{.epoch = job.record.epoch, .host = host, .outputs = outputs};
  bring_checkpoint(job, out);
  return true;
}

void Origin::bring_checkpoint(const Job& job, Effects& out) {
  const auto& checkpoint = *job.record.checkpoint;
  out.staging.emplace_back(BringCheckpoint{.run = {.job = job.record.id, .epoch = checkpoint.epoch},
                                           .host = checkpoint.host,
                                           .outputs = checkpoint.outputs,
                                           .folder = job.record.request->checkpoint,
                                           .payload = {}});
}

// Acknowledged even when nobody waits for it any more: its host may let go.
void Origin::step(Now now, const CheckpointHome& event, Effects& out) {
  out.send_durable.push_back({event.host, OutputsAck{.run = event.run}});
  auto* job = find_own(event.run.job);
  if (!job || !awaits_checkpoint_of(job->record, event.run, event.host)) return;
  job->record.checkpoint = {};
  if (event.payload && std::holds_alternative<Pending>(job->record.state)) {
    job->record.request.edit().bundle_bytes = event.bundle_bytes;
    out.persist.emplace_back(PutJobPayload{event.run.job, *event.payload});
  }
  save(*job, out);
  arm(now, *job);
  touch(event.run.job);
}

// Its host went away meanwhile: the job starts from the beginning rather than never.
bool Origin::checkpoint_is_late(const Job& job, Instant now) const {
  return job.record.checkpoint->awaited() && now >= job.since + options_.checkpoint_patience;
}

void Origin::go_without_checkpoint(Now now, Job& job, Effects& out) {
  job.record.reason = "its checkpoint could not be brought from " + job.record.checkpoint->host.value;
  job.record.checkpoint = {};
  save(job, out);
  arm(now, job);
  touch(job.record.id);
}

}  // namespace hansa
