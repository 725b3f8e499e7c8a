// Host: a run's life here, between the planner's word and its end.
#include "protocol/handoff/host.hpp"
#include "protocol/handoff/rules.hpp"

namespace hansa {

// Where it starts is stored first: a daemon that comes up after a crash knows from it that a wrapper may be under way,
// and on which units.
void Host::start(Now now, const RunKey& key, const Allocation& allocation, Effects& out) {
  auto* run = find_run(key);
  if (!run || !is_ready(*run, now.instant)) {
    touch(key);  // whoever thought so looks again
    return;
  }
  run->start_issued = true;
  run->record.allocation = allocation;
  run->since = now.instant;
  if (rule(Rule::start_is_recorded)) save(*run, out);
  command_start(*run, out);
  arm(now, *run);
}

void Host::command_start(const Run& run, Effects& out) const {
  const auto& record = run.record;
  out.backend.emplace_back(StartRun{.run = record.key,
                                    .job_name = format_job(record.origin, record.key.job),
                                    .origin = record.origin,
                                    .request = record.request,
                                    .payload = {},
                                    .allocation = *record.allocation,
                                    .under_lease = leased(run) && record.origin != self_,
                                    .lease_until = record.lease_until});
}

// A start that an earlier daemon decided is carried out again, as a stop is; whether it was before, nobody knows.
void Host::resume_start(Now now, Run& run, Effects& out) {
  if (lease_allows_start(run, now.instant)) return command_start(run, out);
  give_back(now, run.record.key, ReturnReason::lease_out, "its lease ran out before it could start", out);
}

void Host::to_started(Now now, Run& run, Effects& out) {
  if (run.record.state == RunState::started) return;
  run.record.state = RunState::started;
  run.since = now.instant;
  run.tries = 0;
  save(run, out);
  say_progress(now, run, out);
  arm(now, run);
  touch(run.record.key);
}

void Host::step(Now now, const RunStarted& event, Effects& out) {
  auto* run = find_run(event.run);
  if (!run || run->record.stopping) return;
  if (run->record.state != RunState::accepted && run->record.state != RunState::confirmed) return;
  run->record.outcome.edit().started = event.at;
  to_started(now, *run, out);
}

void Host::step(Now now, const StartFailed& event, Effects& out) {
  auto* run = find_run(event.run);
  if (!run || run->claim != Claim::none) return;  // the claim's own answer decides
  if (run->record.state != RunState::accepted && run->record.state != RunState::confirmed) return;
  run->start_issued = false;
  run->record.return_reason = event.claim_lost ? ReturnReason::claim_lost : ReturnReason::start_failed;
  run->record.text = event.text;
  to_returned(now, *run, out);
}

void Host::step(Now now, const RunEnded& event, Effects& out) {
  auto* run = find_run(event.run);
  if (!run) return;
  if (run->record.state == RunState::finished || run->record.state == RunState::returned) return;
  if (run->record.state == RunState::revoked || run->collecting) return;
  run->looked = true;
  if (event.by_lease) return lease_ended(now, *run, out);
  ended(now, *run, event.outcome, out);
}

// Its wrapper kept the promise that the lease is: the run is dead, and its origin may place the job again.
void Host::lease_ended(Now now, Run& run, Effects& out) {
  run.claim = Claim::none;
  run.start_issued = false;
  run.record.return_reason = ReturnReason::lease_out;
  run.record.text = "its lease ran out";
  to_returned(now, run, out);
}

// Nothing of it is alive. What it leaves is collected before anything is said; a crash until then finds it ended again.
void Host::ended(Now now, Run& run, const Outcome& outcome, Effects& out) {
  if (run.collecting) return;
  run.claim = Claim::none;
  const bool stopped = run.record.stopping;
  run.record.outcome = outcome;
  if (stopped) {
    auto& own = run.record.outcome.edit();
    own.state = FinalState::cancelled;
    own.reason = *run.record.text;
  }
  run.record.state = RunState::started;
  run.start_issued = false;
  run.collecting = true;
  run.since = now.instant;
  out.staging.emplace_back(CollectOutputs{.run = run.record.key, .payload = {}});
  arm(now, run);
  touch(run.record.key);
}

void Host::step(Now now, const OutputsCollected& event, Effects& out) {
  auto* run = find_run(event.run);
  if (!run || !run->collecting) return;
  run->collecting = false;
  auto& record = run->record;
  auto& outcome = record.outcome.edit();
  outcome.outputs = event.outputs;
  outcome.output_bytes = event.bytes;
  if (!event.problem.empty()) outcome.reason += (outcome.reason.empty() ? "" : "; ") + event.problem;
  record.outputs_kept = true;
  record.stopping = false;
  record.state = RunState::finished;
  run->since = now.instant;
  run->tries = 0;
  save(*run, out);
  say_end(*run, out);
  arm(now, *run);
  touch(event.run);
}

void Host::step(Now now, const RunFound& event, Effects& out) {
  auto* run = find_run(event.run);
  if (!run || run->looked) return;
  run->looked = true;
  touch(event.run);
  auto& record = run->record;
  const bool waiting = record.state == RunState::accepted || record.state == RunState::confirmed;
  switch (event.state) {
    case FoundState::ended:
      if (event.by_lease) return lease_ended(now, *run, out);
      return ended(now, *run, event.outcome, out);
    case FoundState::running:
      record.outcome.edit().started = event.started;
      if (waiting) to_started(now, *run, out);
      if (record.stopping) out.backend.emplace_back(StopRun{.run = event.run, .reason = StopReason::cancelled});
      break;
    case FoundState::claimed:
      // Our own claim of an earlier life: it never starts. If a revoke asked for it, that comes again.
      if (waiting) {
        record.return_reason = ReturnReason::claim_lost;
        to_returned(now, *run, out);
      }
      break;
    case FoundState::never_started:
      if (record.state == RunState::accepted) say_accepted(now, *run, out);
      if (run->start_issued && rule(Rule::decided_starts_are_resumed)) resume_start(now, *run, out);
      if (waiting && !run->inputs_ready) {
        out.staging.emplace_back(FetchInputs{.run = event.run, .origin = record.origin, .payload = {}});
      }
      break;
  }
  const bool lost = !waiting && record.state == RunState::started && event.state != FoundState::running;
  if (lost) {
    ended(now, *run,
          Outcome{.state = FinalState::node_fail,
                  .reason = "its wrapper left no trace",
                  .started = record.outcome->started,
                  .ended = now.wall},
          out);
    return;
  }
  if (leased(*run) && record.lease_until > now.instant) renewals_.set_sooner(record.origin, now.instant);
  arm(now, *run);
}

void Host::step(Now now, const InputsReady& event, Effects& out) {
  auto* run = find_run(event.run);
  if (!run || run->inputs_ready || !waits(*run)) return;
  run->inputs_ready = true;
  run->since = now.instant;
  say_progress(now, *run, out);
  touch(event.run);
}

void Host::step(Now now, const InputsFailed& event, Effects& out) {
  give_back(now, event.run, ReturnReason::staging_failed, event.text, out);
}

void Host::step(Now now, const InputsProgress& event, Effects& out) {
  auto* run = find_run(event.run);
  if (!run || run->inputs_ready) return;
  run->staged_bytes = event.bytes;
  say_progress(now, *run, out);
}

// Once confirmed; the latest wins, so nobody answers it.
void Host::say_progress(Now now, const Run& run, Effects& out) const {
  const auto& record = run.record;
  const bool confirmed = record.state == RunState::confirmed || record.state == RunState::started;
  if (!confirmed || !run.looked) return;
  std::string where = record.allocation->pool;
  for (std::size_t i = 0; i < record.allocation->nodes.size(); ++i) {
    where += (i == 0 ? "[" : ",") + std::to_string(record.allocation->nodes[i].node);
  }
  if (!record.allocation->nodes.empty()) where += "]";
  out.send_durable.push_back({record.origin, Progress{.run = record.key,
                                                      .phase = phase_of(run),
                                                      .since = now.instant - run.since,
                                                      .where = std::move(where),
                                                      .staged_bytes = run.staged_bytes}});
}

}  // namespace hansa
