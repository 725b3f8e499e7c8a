// Host: how a run leaves. Revoke, return, the start claim, and what is said when it is over.
//
// A run that was handed to the backend may start at any moment, so only the start claim tells whether it has; one that
// was not is decided by its record alone. A stop is decided on disk first, then carried out, then said.
#include "protocol/handoff/host.hpp"
#include "protocol/handoff/rules.hpp"

namespace hansa {

void Host::step(Now now, const SiteName& from, const Revoke& message, Effects& out) {
  auto* run = find_run(message.run);
  if (!run) {
    if (rule(Rule::revoke_uses_up_the_bid)) bidder_.use_up(message.bid, from);
    out.send.push_back({from, Revoked{.run = message.run}});
    return;
  }
  if (run->record.origin != from || !run->looked || run->record.stopping || run->claim != Claim::none ||
      run->collecting) {
    return;  // not its origin; or no answer yet
  }
  switch (run->record.state) {
    case RunState::accepted:
    case RunState::confirmed:
      revoke_waiting(now, *run, out);
      break;
    case RunState::started:
      if (message.mode == RevokeMode::always) {
        stop(now, *run, StopReason::cancelled, out);
      } else {
        say_progress(now, *run, out);
      }
      break;
    case RunState::revoked:
    case RunState::returned:
    case RunState::finished:
      say_end(*run, out);
      break;
  }
}

void Host::step(Now, const SiteName& from, const Release& message) {
  for (const auto& bid : message.bids) bidder_.use_up(bid, from);
}

void Host::revoke_waiting(Now now, Run& run, Effects& out) {
  if (!run.start_issued || !rule(Rule::claim_decides)) return to_revoked(now, run, out);
  run.claim = Claim::for_revoke;
  out.backend.emplace_back(ClaimRun{run.record.key});
  touch(run.record.key);
}

void Host::give_back(Now now, const RunKey& key, ReturnReason reason, const std::string& text, Effects& out) {
  auto* run = find_run(key);
  if (!run || !run->looked || run->claim != Claim::none || run->record.stopping) return;
  if (run->record.state != RunState::accepted && run->record.state != RunState::confirmed) return;
  run->record.return_reason = reason;
  run->record.text = text;
  if (!run->start_issued) return to_returned(now, *run, out);
  run->claim = Claim::for_return;
  out.backend.emplace_back(ClaimRun{key});
  touch(key);
}

void Host::step(Now now, const ClaimDecided& event, Effects& out) {
  auto* run = find_run(event.run);
  if (!run || run->claim == Claim::none) return;
  const auto claim = std::exchange(run->claim, Claim::none);
  touch(event.run);
  if (!event.won) return to_started(now, *run, out);  // it has started: the revoke comes again and finds it so
  if (claim == Claim::for_revoke) {
    to_revoked(now, *run, out);
  } else {
    to_returned(now, *run, out);
  }
}

void Host::to_revoked(Now now, Run& run, Effects& out) {
  run.record.state = RunState::revoked;
  run.record.answered = true;  // told when asked; nobody has to acknowledge it
  run.since = now.instant;
  save(run, out);
  out.staging.emplace_back(DropRunFiles{run.record.key});
  say_end(run, out);
  arm(now, run);
  touch(run.record.key);
}

void Host::to_returned(Now now, Run& run, Effects& out) {
  run.record.state = RunState::returned;
  run.record.stopping = false;
  run.since = now.instant;
  run.tries = 0;
  save(run, out);
  out.staging.emplace_back(DropRunFiles{run.record.key});
  say_end(run, out);
  arm(now, run);
  touch(run.record.key);
}

// Decided on disk, then done, then said: RunEnded comes when nothing of it is alive.
void Host::stop(Now now, Run& run, StopReason reason, Effects& out) {
  run.record.stopping = true;
  run.record.outcome.edit().state = FinalState::cancelled;
  run.record.text = reason == StopReason::lease_out ? "its lease is out" : "cancelled";
  run.since = now.instant;
  save(run, out);
  out.backend.emplace_back(StopRun{.run = run.record.key, .reason = reason});
  if (!rule(Rule::stop_is_awaited))
    out.send_durable.push_back({run.record.origin, Finished{.run = run.record.key, .outcome = *run.record.outcome}});
  say_progress(now, run, out);
  arm(now, run);
  touch(run.record.key);
}

void Host::say_end(const Run& run, Effects& out) {
  const auto& record = run.record;
  auto& say = after_disk(Rule::ends_wait_for_disk, out);
  if (record.state == RunState::revoked) say.push_back({record.origin, Revoked{.run = record.key}});
  if (record.state == RunState::returned) {
    say.push_back({record.origin, Return{.run = record.key, .reason = record.return_reason, .text = *record.text}});
  }
  if (record.state == RunState::finished) {
    say.push_back({record.origin, Finished{.run = record.key, .outcome = *record.outcome}});
  }
}

void Host::step(Now now, const SiteName& from, const FinishedAck& message, Effects& out) {
  auto* run = find_of(from, message.run);
  if (!run || run->record.state != RunState::finished || run->record.stopping || run->record.answered) return;
  settle(now, *run, out);
}

void Host::step(Now now, const SiteName& from, const ReturnAck& message, Effects& out) {
  auto* run = find_of(from, message.run);
  if (!run || run->record.state != RunState::returned || run->record.stopping || run->record.answered) return;
  settle(now, *run, out);
}

void Host::settle(Now now, Run& run, Effects& out) {
  run.record.answered = true;
  run.since = now.instant;
  save(run, out);
  arm(now, run);
  touch(run.record.key);
}

void Host::step(Now, const SiteName& from, const OutputsAck& message, Effects& out) {
  auto* run = find_of(from, message.run);
  if (!run || !run->record.outputs_kept) return;
  run->record.outputs_kept = false;
  save(*run, out);
  out.staging.emplace_back(DropRunFiles{message.run});
}

void Host::origin_reachable(Now now, const SiteName& origin, Effects& out) {
  for (auto [key, run] : runs_) {
    if (run.record.origin != origin || origin == self_) continue;
    if (run.tries > 0) {
      run.tries = 0;
      arm(now, run);
    }
    say_progress(now, run, out);
  }
}

// That origin lost its jobs: the unconfirmed go, the others run on as orphans whose results are kept for their time.
void Host::origin_store_changed(Now now, const SiteName& origin, const StoreId& store, Effects& out) {
  for (auto [key, run] : runs_) {
    if (run.record.origin != origin || key.job.store == store || run.record.answered) continue;
    if (run.record.state == RunState::accepted && run.looked && run.claim == Claim::none) revoke_waiting(now, run, out);
  }
}

}  // namespace hansa
