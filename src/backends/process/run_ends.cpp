// How runs end: stopped, claimed, hunted as strays, or by themselves.
#include <signal.h>

#include <algorithm>

#include "src/backends/process/process_handle.hpp"
#include "src/backends/process/remnants.hpp"
#include "src/backends/process/run_keeper.hpp"

namespace hansa {

static StopRequest request_for(StopReason reason) {
  switch (reason) {
    case StopReason::cancelled:
      return StopRequest::cancelled;
    case StopReason::lease_out:
      return StopRequest::lease_out;
    case StopReason::returned:
      return StopRequest::returned;
  }
  return StopRequest::cancelled;
}

bool RunKeeper::claim_for_host(const RunKey& run) {
  if (!folders_.make(run)) return false;
  const auto control = open_folder(folders_.control_of(run));
  if (make_claim(control.get(), {.by_host = true, .made_at_ms = wall_ms()}) == ClaimAttempt::won) return true;
  const auto claim = read_claim(control.get());
  return claim && claim->by_host;
}

RunSight RunKeeper::look(const RunKey& run) {
  const auto control = open_folder(folders_.control_of(run));
  if (!control.valid()) return {};
  auto sight = see_run(control.get());
  if (sight.standing == Standing::orphaned) bury(run, sight);
  return sight;
}

// What a dead wrapper left undone: its job is killed, and the end is written down as the wrapper would have.
void RunKeeper::bury(const RunKey& run, RunSight& sight) {
  const auto control = open_folder(folders_.control_of(run));
  const auto spec = RunSpec::from_text(read_file_at(control.get(), "spec").value_or("")).value_or(RunSpec{});
  kill_remnants({.run = run_folder_name(run), .wrapper = sight.claim.wrapper, .cgroups = spec.cgroups});
  const bool same_boot = sight.claim.wrapper.boot == layout_.boot();
  auto& status = sight.status;
  status.ending = same_boot ? RunEnding::wrapper_killed : RunEnding::machine_restarted;
  status.reason = same_boot ? "its wrapper was killed, and the job with it" : "the machine was restarted while it ran";
  status.signal = SIGKILL;
  status.code = 128 + SIGKILL;
  status.started_ms = sight.claim.made_at_ms;
  status.ended_ms = wall_ms();
  // Until when it ran before a restart is not known.
  if (same_boot) status.elapsed_us = std::max<std::int64_t>(0, status.ended_ms - status.started_ms) * 1'000;
  write_file_at(control.get(), "status", status.to_text(), 0600);
  sight.standing = Standing::ended;
}

void RunKeeper::tell_end(const RunKey& run, const RunStatus& status) {
  const auto control = open_folder(folders_.control_of(run));
  const auto spec = RunSpec::from_text(read_file_at(control.get(), "spec").value_or(""));
  tell(RunEnded{.run = run, .outcome = outcome_of(status, spec.value_or(RunSpec{})), .by_lease = by_lease(status)});
}

// The wrapper that was watched is gone: what did it leave?
void RunKeeper::settle(const RunKey& run, int exit_code) {
  auto sight = look(run);
  switch (sight.standing) {
    case Standing::ended:
    case Standing::orphaned:
      return tell_end(run, sight.status);
    case Standing::never_ran:
      return tell(StartFailed{.run = run, .text = sight.status.reason});
    case Standing::host_claimed:
      return tell(StartFailed{.run = run, .claim_lost = true, .text = "its start was revoked before it came to it"});
    case Standing::untouched:
      return fail_start(
          run, "its wrapper ended before it could claim the start (exit code " + std::to_string(exit_code) + ")");
    case Standing::running:
      break;  // another wrapper, of an earlier daemon, was faster
  }
  const WallTime started{sight.claim.made_at_ms};
  adopt(run, std::move(sight));
  tell(RunStarted{.run = run, .at = started});
}

void RunKeeper::ask_to_stop(const RunKey& run, StopRequest request) {
  auto& live = live_.at(run);
  live.stop = request;
  ask_wrapper_to_stop(live.wrapper, request);
}

void RunKeeper::tell_never_started(const RunKey& run) {
  tell(ClaimDecided{.run = run, .won = true});
  Outcome outcome{.state = FinalState::cancelled, .reason = "stopped before it started"};
  outcome.ended = WallTime{wall_ms()};
  tell(RunEnded{.run = run, .outcome = std::move(outcome)});
}

void RunKeeper::on(const StopRun& command) {
  const auto& run = command.run;
  if (!live_.contains(run)) {
    auto sight = look(run);
    if (sight.standing == Standing::ended) return tell_end(run, sight.status);
    if (sight.standing == Standing::never_ran) return tell_never_started(run);
    if (sight.standing == Standing::running) adopt(run, std::move(sight));
  }
  // One that has not claimed its start yet loses here.
  if (claim_for_host(run)) return tell_never_started(run);
  if (live_.contains(run)) return ask_to_stop(run, request_for(command.reason));
  // A wrapper made its claim just now, or the disk refuses ours.
  if (look(run).standing != Standing::untouched) return on(command);
  tell(ClaimDecided{.run = run, .won = false});
}

void RunKeeper::on(const ClaimRun& command) {
  const bool won = claim_for_host(command.run) || look(command.run).standing == Standing::never_ran;
  tell(ClaimDecided{.run = command.run, .won = won});
}

void RunKeeper::on(const StopStrayRuns& command) {
  const std::set<RunKey> known(command.known.begin(), command.known.end());
  StrayHunt hunt;
  for (const auto& run : folders_.all()) {
    if (known.contains(run)) continue;
    hunt.found.push_back(run);
    if (!live_.contains(run)) {
      auto sight = look(run);
      if (sight.standing == Standing::running) adopt(run, std::move(sight));
    }
    claim_for_host(run);
    if (!live_.contains(run)) continue;
    hunt.alive.insert(run);
    ask_to_stop(run, StopRequest::cancelled);
  }
  if (hunt.alive.empty()) return tell(StrayRunsStopped{.stopped = std::move(hunt.found)});
  hunts_.push_back(std::move(hunt));
}

void RunKeeper::run_is_over(const RunKey& run) {
  if (live_.contains(run)) return;
  for (auto& hunt : hunts_) {
    hunt.alive.erase(run);
    if (hunt.alive.empty()) tell(StrayRunsStopped{.stopped = std::move(hunt.found)});
  }
  std::erase_if(hunts_, [](const StrayHunt& hunt) { return hunt.alive.empty(); });
}

}  // namespace hansa
