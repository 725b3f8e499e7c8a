#include "tests/model/machine.hpp"

#include <algorithm>

namespace hansa::model {

void Machine::perform(const BackendCommand& command) {
  std::visit([this](const auto& content) { on(content); }, command);
}

void Machine::daemon_died() {
  events_.clear();
  hunts_ = false;
  for (auto& [key, run] : runs_) run.stray = false;
}

void Machine::power_lost() {
  std::erase_if(runs_, [](const auto& run) { return run.second.stage == Stage::starting; });
  for (auto& [key, run] : runs_) {
    if (!is_alive(run)) continue;
    run.stage = Stage::ended;
    run.outcome = FinalState::node_fail;
  }
}

void Machine::on(const StartRun& command) {
  const auto [known, fresh] = runs_.try_emplace(command.run);
  auto& run = known->second;
  if (fresh && command.under_lease) run.lease_until = command.lease_until;
  if (run.stage == Stage::claimed) tell(StartFailed{.run = command.run, .claim_lost = true});
  if (is_alive(run)) tell(RunStarted{.run = command.run, .at = {1}});
  if (run.stage == Stage::ended) tell_end(command.run, run);
}

void Machine::wrapper_starts(const RunKey& key) {
  runs_.at(key).stage = Stage::running;
  tell(RunStarted{.run = key, .at = {1}});
}

// As a lost claim: the marker is there, and nothing will ever start.
void Machine::wrapper_fails(const RunKey& key) {
  runs_.at(key).stage = Stage::claimed;
  tell(StartFailed{.run = key, .claim_lost = false});
}

bool Machine::claim(const RunKey& key) {
  const auto [known, fresh] = runs_.try_emplace(key);
  auto& run = known->second;
  if (!fresh && run.stage != Stage::starting) return run.stage == Stage::claimed;
  run.stage = Stage::claimed;
  if (!fresh) tell(StartFailed{.run = key, .claim_lost = true});
  return true;
}

void Machine::on(const ClaimRun& command) {
  const bool won = claim(command.run);
  tell(ClaimDecided{.run = command.run, .won = won});
}

void Machine::on(const StopRun& command) {
  if (claim(command.run)) {
    tell(ClaimDecided{.run = command.run, .won = true});
    return tell(RunEnded{.run = command.run, .outcome = {.state = FinalState::cancelled}});
  }
  auto& run = runs_.at(command.run);
  if (run.stage == Stage::ended) return tell_end(command.run, run);
  run.stage = Stage::stopping;
}

void Machine::on(const LookForRun& command) {
  RunFound answer{.run = command.run};
  if (const auto found = runs_.find(command.run); found != runs_.end()) {
    const auto& run = found->second;
    if (run.stage == Stage::claimed) answer.state = FoundState::claimed;
    if (is_alive(run)) answer.state = FoundState::running;
    if (run.stage == Stage::ended) answer.state = FoundState::ended;
    answer.outcome.state = run.outcome;
    answer.by_lease = run.by_lease;
  }
  tell(answer);
}

void Machine::on(const ExtendLease& command) {
  const auto run = runs_.find(command.run);
  if (run != runs_.end() && run->second.lease_until != end_of_time) run->second.lease_until = command.lease_until;
}

void Machine::on(const ForgetRun& command) {
  runs_.erase(command.run);
  end_hunt();
}

void Machine::on(const StopStrayRuns& command) {
  hunts_ = true;
  for (auto& [key, run] : runs_) {
    if (std::find(command.known.begin(), command.known.end(), key) != command.known.end()) continue;
    claim(key);
    run.stray = is_alive(run);
    if (run.stray) run.stage = Stage::stopping;
  }
  end_hunt();
}

void Machine::end_hunt() {
  const bool any = std::any_of(runs_.begin(), runs_.end(), [](const auto& run) { return run.second.stray; });
  if (any || !std::exchange(hunts_, false)) return;
  tell(StrayRunsStopped{});
}

void Machine::ends(const RunKey& key) {
  end(key, FinalState::completed, false);
}
void Machine::fails(const RunKey& key) {
  end(key, FinalState::node_fail, false);
}
void Machine::dies(const RunKey& key) {
  end(key, FinalState::cancelled, false);
}
void Machine::outlives(const RunKey& key) {
  end(key, FinalState::cancelled, true);
}

void Machine::end(const RunKey& key, FinalState outcome, bool by_lease) {
  auto& run = runs_.at(key);
  run.stage = Stage::ended;
  run.outcome = outcome;
  run.by_lease = by_lease;
  run.stray = false;
  tell_end(key, run);
  end_hunt();
}

void Machine::tell_end(const RunKey& key, const Run& run) {
  tell(RunEnded{.run = key, .outcome = {.state = run.outcome}, .by_lease = run.by_lease});
}

}  // namespace hansa::model
