// How runs under Slurm end: stopped, claimed, forgotten, hunted as strays; and what is told of those that a new daemon
// asks about.
#include <algorithm>

#include "src/backends/process/run_sight.hpp"
#include "src/backends/slurm/slurm_keeper.hpp"

namespace hansa {
namespace {

constexpr Duration say_again = std::chrono::seconds(5);

StopRequest request_of(StopReason reason) {
  if (reason == StopReason::lease_out) return StopRequest::lease_out;
  return reason == StopReason::returned ? StopRequest::returned : StopRequest::cancelled;
}

}  // namespace

SlurmSight SlurmKeeper::see(const RunKey& run) const {
  const auto control = control_of(run);
  return control.valid() ? see_slurm_run(control.get()) : SlurmSight{};
}

bool SlurmKeeper::claim_for_host(const RunKey& run) {
  if (!folders_.make(run)) return false;
  const auto control = control_of(run);
  if (make_claim(control.get(), {.by_host = true, .made_at_ms = wall_ms()}) == ClaimAttempt::won) return true;
  const auto claim = read_claim(control.get());
  return claim && claim->by_host;
}

void SlurmKeeper::tell_end(const RunKey& run, const RunStatus& status) {
  const auto spec = RunSpec::from_text(read_file_at(control_of(run).get(), "spec").value_or(""));
  tell(RunEnded{.run = run, .outcome = outcome_of(status, spec.value_or(RunSpec{})), .by_lease = by_lease(status)});
}

void SlurmKeeper::tell_never_started(const RunKey& run) {
  tell(ClaimDecided{.run = run, .won = true});
  Outcome outcome{.state = FinalState::cancelled, .reason = "stopped before it started"};
  outcome.ended = WallTime{wall_ms()};
  tell(RunEnded{.run = run, .outcome = std::move(outcome)});
}

void SlurmKeeper::on(const StopRun& command) {
  const auto& run = command.run;
  const auto sight = see(run);
  if (sight.standing == SlurmStanding::ended) return tell_end(run, sight.status), run_is_over(run);
  if (sight.standing == SlurmStanding::never_ran || claim_for_host(run)) {
    tell_never_started(run);
    return run_is_over(run);
  }
  if (see(run).standing == SlurmStanding::untouched) return tell(ClaimDecided{.run = run, .won = false});  // disk
  ask_to_stop(run, request_of(command.reason));
}

void SlurmKeeper::on(const ClaimRun& command) {
  const auto& run = command.run;
  const bool won = claim_for_host(run) || see(run).standing == SlurmStanding::never_ran;
  tell(ClaimDecided{.run = run, .won = won});
  const auto found = runs_.find(run);
  if (!won || found == runs_.end()) return;
  tell(StartFailed{.run = run, .claim_lost = true, .text = "its start was revoked before it came to it"});
  run_is_over(run);
}

// The wish is a file, which the wrapper finds by itself at its next beat; the signal only saves that time.
void SlurmKeeper::ask_to_stop(const RunKey& key, StopRequest request) {
  auto& run = runs_[key];
  run.stop = request;
  run.stop_since = now();
  write_stop(control_of(key).get(), request);
  say_stop(key, run);
  poll_soon();
}

void SlurmKeeper::say_stop(const RunKey& key, SlurmRun& run) {
  if (now() - run.stop_said < say_again) return;
  run.stop_said = now();
  const auto sight = see(key);
  if (!sight.pulse || sight.pulse->batch_job <= 0 || sight.standing != SlurmStanding::running) return;
  const auto id = static_cast<std::uint64_t>(sight.pulse->batch_job);
  const auto patience = settings_.grace + 4 * settings_.slurm.pulse + std::chrono::seconds(10);
  if (now() - run.stop_since > patience) {
    unwanted_.insert({id, key});  // its wrapper does not hear
  } else {
    runner_.run(commands_.ask_to_stop(id), [](const CommandResult&) {});
  }
}

// At once, from the folder alone. Whether a wrapper that holds the claim still lives, the next answers of Slurm decide.
void SlurmKeeper::on(const LookForRun& command) {
  const auto& run = command.run;
  RunFound found{.run = run};
  const auto sight = see(run);
  switch (sight.standing) {
    case SlurmStanding::untouched:
      break;
    case SlurmStanding::host_claimed:
    case SlurmStanding::never_ran:
      found.state = FoundState::claimed;
      break;
    case SlurmStanding::running:
    case SlurmStanding::unsettled: {
      found.state = FoundState::running;
      auto& known = runs_[run];
      known.told_started = true;
      known.started = found.started = WallTime{sight.claim.made_at_ms};
      poll_soon();
      break;
    }
    case SlurmStanding::ended: {
      found.state = FoundState::ended;
      const auto spec = RunSpec::from_text(read_file_at(control_of(run).get(), "spec").value_or(""));
      found.by_lease = by_lease(sight.status);
      found.outcome = outcome_of(sight.status, spec.value_or(RunSpec{}));
      break;
    }
  }
  tell(std::move(found));
}

void SlurmKeeper::on(const ExtendLease& command) {
  const auto control = control_of(command.run);
  if (!control.valid()) return;
  // If it can't be written the lease stays as short as it was, which is safe.
  write_lease(control.get(), {.until_us = command.lease_until.time_since_epoch().count(),
                              .boot = layout_.boot(),
                              .skew_us = settings_.slurm.clock_skew.count()});
}

void SlurmKeeper::on(const ForgetRun& command) {
  const auto standing = see(command.run).standing;
  if (standing == SlurmStanding::running || standing == SlurmStanding::unsettled) {
    runs_[command.run].forget = true;
    return ask_to_stop(command.run, StopRequest::cancelled);
  }
  if (const auto found = runs_.find(command.run); found != runs_.end()) {
    found->second.forget = true;
    return run_is_over(command.run);
  }
  drop_folder(command.run);
}

void SlurmKeeper::drop_folder(const RunKey& run) {
  if (auto folder = folders_.set_aside(run)) sweeper_.sweep(std::move(*folder));
}

void SlurmKeeper::on(const StopStrayRuns& command) {
  const std::set<RunKey> known(command.known.begin(), command.known.end());
  StrayHunt hunt;
  for (const auto& run : folders_.all()) {
    if (known.contains(run)) continue;
    hunt.found.push_back(run);
    claim_for_host(run);
    const auto standing = see(run).standing;
    if (standing != SlurmStanding::running && standing != SlurmStanding::unsettled) continue;
    hunt.alive.insert(run);
    ask_to_stop(run, StopRequest::cancelled);
  }
  if (hunt.alive.empty()) return tell(StrayRunsStopped{.stopped = std::move(hunt.found)});
  hunts_.push_back(std::move(hunt));
}

void SlurmKeeper::run_is_over(const RunKey& key) {
  if (const auto run = runs_.extract(key)) {
    if (run.mapped().id != 0 && see(key).standing == SlurmStanding::host_claimed)
      unwanted_.insert({run.mapped().id, key});
    if (run.mapped().forget) drop_folder(key);
  }
  if (!unwanted_.empty()) poll_soon();
  for (auto& hunt : hunts_) {
    hunt.alive.erase(key);
    if (hunt.alive.empty()) tell(StrayRunsStopped{.stopped = std::move(hunt.found)});
  }
  std::erase_if(hunts_, [](const StrayHunt& hunt) { return hunt.alive.empty(); });
}

}  // namespace hansa
