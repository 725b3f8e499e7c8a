// What each command does to a virtual run.
#include <filesystem>

#include "src/backends/fake/fake_machine.hpp"
#include "src/backends/process/run_sight.hpp"

namespace hansa {

void FakeMachine::on(const StartRun& command) {
  const auto& key = command.run;
  const auto found = runs_.find(key);
  if (found == runs_.end()) {
    const auto added = runs_.emplace(key, plan(command)).first;
    return save(key, added->second);
  }
  const auto& run = found->second;
  if (run.stage == FakeStage::host_claimed) {
    const bool lost = run.start_failure.empty();
    const auto text = lost ? "its start was revoked before it came to it" : run.start_failure;
    return tell(StartFailed{.run = key, .claim_lost = lost, .text = text});
  }
  const bool has_started = run.stage == FakeStage::running || run.status.elapsed_us > 0;
  if (has_started) tell(RunStarted{.run = key, .at = WallTime{run.started_ms}});
  if (run.stage == FakeStage::ended) tell_end(key, run);
}

// A run that is still starting loses its claim to the host.
bool FakeMachine::claim_for_host(const RunKey& key) {
  auto& run = runs_.try_emplace(key, FakeRun{.stage = FakeStage::host_claimed}).first->second;
  if (run.stage == FakeStage::starting) {
    run.stage = FakeStage::host_claimed;
    tell(StartFailed{.run = key, .claim_lost = true, .text = "its start was revoked before it came to it"});
  }
  save(key, run);
  return run.stage == FakeStage::host_claimed;
}

void FakeMachine::on(const ClaimRun& command) {
  const bool won = claim_for_host(command.run);
  tell(ClaimDecided{.run = command.run, .won = won});
}

void FakeMachine::ask_to_stop(const RunKey& key, FakeRun& run, StopReason reason) {
  if (run.stop_at) return;
  run.stop_at = now_;
  run.stop_by_lease = reason == StopReason::lease_out;
  run.stop_words = reason == StopReason::returned ? "given back to its origin" : "cancelled";
  save(key, run);
}

void FakeMachine::on(const StopRun& command) {
  const auto& key = command.run;
  if (claim_for_host(key)) {
    tell(ClaimDecided{.run = key, .won = true});
    Outcome outcome{.state = FinalState::cancelled, .reason = "stopped before it started"};
    outcome.ended = WallTime{wall_ms()};
    return tell(RunEnded{.run = key, .outcome = std::move(outcome)});
  }
  auto& run = runs_.at(key);
  if (run.stage == FakeStage::ended) return tell_end(key, run);
  ask_to_stop(key, run, command.reason);
}

void FakeMachine::on(const LookForRun& command) {
  RunFound answer{.run = command.run};
  const auto found = runs_.find(command.run);
  if (found != runs_.end()) {
    const auto& run = found->second;
    if (run.stage == FakeStage::host_claimed) answer.state = FoundState::claimed;
    if (run.stage == FakeStage::running) answer.state = FoundState::running;
    if (run.stage == FakeStage::ended) answer.state = FoundState::ended;
    answer.started = WallTime{run.started_ms};
    answer.by_lease = by_lease(run.status);
    RunSpec spec;
    spec.units = run.units;
    spec.where = run.where;
    if (run.stage == FakeStage::ended) answer.outcome = outcome_of(run.status, spec);
  }
  tell(std::move(answer));
}

void FakeMachine::on(const ExtendLease& command) {
  const auto found = runs_.find(command.run);
  if (found == runs_.end() || found->second.lease_until == end_of_time) return;
  found->second.lease_until = command.lease_until;
  save(command.run, found->second);
}

void FakeMachine::on(const ForgetRun& command) {
  runs_.erase(command.run);
  std::error_code ignored;
  if (keeps_files()) std::filesystem::remove_all(folders_.of(command.run), ignored);
  end_hunts(command.run);
}

void FakeMachine::on(const StopStrayRuns& command) {
  const std::set<RunKey> known(command.known.begin(), command.known.end());
  Hunt hunt;
  for (auto& [key, run] : runs_) {
    if (known.contains(key)) continue;
    hunt.found.push_back(key);
    claim_for_host(key);
    if (run.stage != FakeStage::running) continue;
    hunt.alive.insert(key);
    ask_to_stop(key, run, StopReason::cancelled);
  }
  if (hunt.alive.empty()) return tell(StrayRunsStopped{.stopped = std::move(hunt.found)});
  hunts_.push_back(std::move(hunt));
}

}  // namespace hansa
