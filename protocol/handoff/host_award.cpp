// Host: how a run comes here. Award, Accepted, Confirm.
#include "protocol/handoff/host.hpp"
#include "protocol/handoff/rules.hpp"

namespace hansa {

void Host::step(Now now, const SiteName& from, const AwardTask& task, std::optional<DeclineReason> refusal,
                Effects& out) {
  if (auto* known = find_run(task.run)) {
    if (known->record.origin == from) answer_award(now, *known, out);
    return;
  }
  const auto refuse = [&](DeclineReason reason, std::string text) {
    if (rule(Rule::refusal_uses_up_the_bid)) bidder_.use_up(task.bid, from);
    out.send.push_back({from, Refused{.run = task.run, .reason = reason, .text = std::move(text)}});
  };
  if (!bidder_.is_live(task.bid, from)) return refuse(DeclineReason::too_busy, "the bid is no longer valid");
  if (refusal) return refuse(*refusal, "");
  // Room was found and policy was asked for one thing: another would have had neither.
  if (!bidder_.is_for(task.bid, *task.request)) {
    return refuse(DeclineReason::policy, "the award is for another request than the bid was made for");
  }
  // A higher epoch of this job is known here: this award is an old one.
  const auto higher = runs_.upper_bound(task.run);
  if (higher != runs_.end() && higher->first.job == task.run.job) {
    return refuse(DeclineReason::policy, "a later epoch of this job is known here");
  }
  // The bid stays alive until the lower epoch is stopped; the origin repeats its award meanwhile.
  if (!clear_lower_epochs(now, task.run, out)) return;
  accept(now, from, task, out);
}

// True when no lower epoch of this job is alive here; else each is revoked or stopped first.
bool Host::clear_lower_epochs(Now now, const RunKey& key, Effects& out) {
  if (!rule(Rule::lower_epoch_ends_first)) return true;
  bool clear = true;
  for (auto lower = runs_.lower_bound({.job = key.job}); lower != runs_.end() && lower->first < key; ++lower) {
    auto& run = lower->second;
    const bool alive = run.record.state == RunState::accepted || run.record.state == RunState::confirmed ||
                       run.record.state == RunState::started || run.record.stopping;
    if (!alive) continue;
    const bool decided = !run.looked || run.record.stopping || run.claim != Claim::none || run.collecting;
    if (!decided && run.record.state == RunState::started) stop(now, run, StopReason::cancelled, out);
    if (!decided && run.record.state != RunState::started) revoke_waiting(now, run, out);
    // What was never handed to the backend is revoked by its record alone, in this same step.
    clear = clear && run.record.state == RunState::revoked;
  }
  return clear;
}

void Host::accept(Now now, const SiteName& from, const AwardTask& task, Effects& out) {
  bidder_.use_up(task.bid, from);
  auto& run = runs_[task.run];
  run.record = {
      .key = task.run, .origin = from, .state = RunState::accepted, .request = task.request, .accepted_at = now.wall};
  run.since = now.instant;
  run.queued_at = now.instant;
  run.inputs_ready = task.request->bundle_bytes == 0;
  out.persist.emplace_back(PutRunPayload{task.run, task.payload});
  save(run, out);
  if (!run.inputs_ready) out.staging.emplace_back(FetchInputs{.run = task.run, .origin = from, .payload = {}});
  say_accepted(now, run, out);
  arm(now, run);
  touch(task.run, task.bid);
}

void Host::take_own(Now now, const RunKey& key, const Shared<JobRequest>& request, Effects& out) {
  auto& run = runs_[key];
  run.record = {.key = key, .origin = self_, .state = RunState::confirmed, .request = request, .accepted_at = now.wall};
  run.since = now.instant;
  run.queued_at = now.instant;
  run.inputs_ready = request->bundle_bytes == 0;
  save(run, out);
  if (!run.inputs_ready) out.staging.emplace_back(FetchInputs{.run = key, .origin = self_, .payload = {}});
  arm(now, run);
  touch(key);
}

// The same award again is answered as its record stands.
void Host::answer_award(Now now, Run& run, Effects& out) {
  if (!run.looked || run.record.stopping || run.claim != Claim::none || run.collecting) return;
  switch (run.record.state) {
    case RunState::accepted:
    case RunState::confirmed:
    case RunState::started:
      say_accepted(now, run, out);
      break;
    case RunState::revoked:
    case RunState::returned:
    case RunState::finished:
      say_end(run, out);
      break;
  }
}

GrantNumber Host::number(const SiteName& origin, Instant now) {
  const GrantNumber fresh{.daemon = daemon_, .count = ++last_number_};
  grants_[fresh.count] = {origin, now};
  // An answer to a request much older than this would grant nothing any more.
  constexpr std::size_t remembered_max = 65'536;
  if (grants_.size() > remembered_max) grants_.erase(grants_.begin());
  return fresh;
}

void Host::say_accepted(Now now, Run& run, Effects& out) {
  after_disk(Rule::accepted_waits_for_disk, out)
      .push_back(
          {run.record.origin, Accepted{.run = run.record.key, .number = number(run.record.origin, now.instant)}});
}

void Host::step(Now now, const SiteName& from, const Confirm& message, Effects& out) {
  auto* run = find_of(from, message.run);
  if (!run || (rule(Rule::number_is_of_this_daemon) && message.number.daemon != daemon_)) return;
  const auto sent = grants_.find(message.number.count);
  if (sent == grants_.end() || sent->second.origin != from) return;
  const auto left = sent->second.left;
  grants_.erase(sent);
  if (run->record.state != RunState::accepted || !run->looked || run->claim != Claim::none) return;
  run->record.state = RunState::confirmed;
  run->tries = 0;
  if (leased(*run)) grant(now, *run, left, out);
  save(*run, out);
  arm(now, *run);
  say_progress(now, *run, out);
  touch(message.run);
}

}  // namespace hansa
