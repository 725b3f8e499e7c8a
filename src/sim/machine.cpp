#include "src/sim/machine.hpp"

#include <algorithm>

namespace hansa::sim {

Machine::Machine(SiteClock& clock, Plan plan, Tell tell, Witness witness)
    : clock_(clock), plan_(std::move(plan)), tell_(std::move(tell)), witness_(std::move(witness)) {}

void Machine::perform(const BackendCommand& command) {
  std::visit([this](const auto& content) { on(content); }, command);
}

void Machine::on(const StartRun& command) {
  const auto& key = command.run;
  const auto [known, fresh] = runs_.try_emplace(key);
  auto& run = known->second;
  if (fresh) {
    if (full_) return void(finds_no_room(key));
    run = {.plan = plan_(key), .command = command};
    if (command.under_lease) run.lease_until = command.lease_until;
    clock_.after(run.plan.wrapper_delay, [this, key] { try_for_marker(key); });
    return;
  }
  if (run.stage == Stage::claimed || run.stage == Stage::refused) {
    return tell_(StartFailed{.run = key, .claim_lost = run.stage == Stage::claimed, .text = "it can't start"});
  }
  if (run.started.known()) tell_(RunStarted{.run = key, .at = run.started});
  if (run.stage == Stage::ended) tell_end(key, run);
}

// Neither a wrapper nor its marker: the start has failed only once the host's own claim keeps it from ever coming.
bool Machine::finds_no_room(const RunKey& key) {
  if (!full_) return false;
  runs_.erase(key);
  clock_.after(retry_when_full, [this, key, daemon = daemon_] {
    if (daemon == daemon_ && !runs_.contains(key)) fail_start(key);
  });
  return true;
}

void Machine::fail_start(const RunKey& key) {
  if (finds_no_room(key)) return;
  runs_[key].stage = Stage::refused;
  tell_(StartFailed{.run = key, .text = "there was no room on the disk"});
}

// The wrapper's part of the start claim.
void Machine::try_for_marker(const RunKey& key) {
  const auto found = runs_.find(key);
  if (found == runs_.end() || found->second.stage != Stage::starting) return;
  if (finds_no_room(key)) return;
  auto& run = found->second;
  if (run.plan.cannot_start) {
    run.stage = Stage::refused;
    return tell_(StartFailed{.run = key, .text = "the machine refuses it"});
  }
  if (clock_.now() >= run.lease_until - lease_margin - grace) return end(key, run, FinalState::cancelled, true);
  run.stage = Stage::running;
  run.started = clock_.both().wall;
  run.started_at = clock_.now();
  witness_.started(run.command);
  expect_end(key, run);
  tell_(RunStarted{.run = key, .at = run.started});
}

// When it ends, as things stand; asked again whenever they change.
void Machine::expect_end(const RunKey& key, Run& run) {
  const auto natural = run.started_at + run.plan.duration;
  const auto limit = run.started_at + run.command.request->resources.time_limit;
  const auto lease = run.lease_until - lease_margin - grace;
  auto term = std::min(limit, lease);
  if (run.stop_at) term = std::min(term, *run.stop_at);
  auto at = natural;
  auto state = run.plan.exit_code == 0 ? FinalState::completed : FinalState::failed;
  bool by_lease = false;
  if (term < natural) {
    at = run.plan.ignores_term ? std::min(term + grace, natural) : term;
    by_lease = term == lease || (run.stop_at == term && run.stopped_by_lease);
    state = term == limit ? FinalState::timeout : FinalState::cancelled;
  }
  const auto version = ++run.version;
  clock_.at(at, [this, key, version, state, by_lease] {
    const auto found = runs_.find(key);
    if (found == runs_.end() || found->second.stage != Stage::running || found->second.version != version) return;
    end(key, found->second, state, by_lease);
  });
}

void Machine::end(const RunKey& key, Run& run, FinalState state, bool by_lease) {
  const bool ran = run.stage == Stage::running;
  run.stage = Stage::unsaved;
  run.by_lease = by_lease;
  run.outcome = {.state = state, .exit = {.code = state == FinalState::failed ? run.plan.exit_code : 0}};
  run.outcome.started = run.started;
  run.outcome.ended = clock_.both().wall;
  run.outcome.usage.elapsed = ran ? clock_.now() - run.started_at : Duration{0};
  run.outcome.where = run.command.allocation.pool;
  if (ran) witness_.ended(key);
  save_end(key);
}

void Machine::save_end(const RunKey& key) {
  const auto found = runs_.find(key);
  if (found == runs_.end() || found->second.stage != Stage::unsaved) return;
  if (full_) return clock_.after(retry_when_full, [this, key] { save_end(key); });
  found->second.stage = Stage::ended;
  tell_end(key, found->second);
  end_hunts(key);
}

void Machine::tell_end(const RunKey& key, const Run& run) {
  tell_(RunEnded{.run = key, .outcome = run.outcome, .by_lease = run.by_lease});
}

bool Machine::claim_for_host(const RunKey& key) {
  const auto [known, fresh] = runs_.try_emplace(key);
  auto& run = known->second;
  if (!fresh && run.stage != Stage::starting) return run.stage == Stage::claimed || run.stage == Stage::refused;
  run.stage = Stage::claimed;
  if (!fresh) tell_(StartFailed{.run = key, .claim_lost = true, .text = "the host has its marker"});
  return true;
}

void Machine::on(const ClaimRun& command) {
  const auto known = runs_.find(command.run);
  const bool open = known == runs_.end() || known->second.stage == Stage::starting;
  if (full_ && open) {
    return clock_.after(retry_when_full, [this, command, daemon = daemon_] {
      if (daemon == daemon_) on(command);
    });
  }
  const bool won = claim_for_host(command.run);
  tell_(ClaimDecided{.run = command.run, .won = won});
}

void Machine::on(const StopRun& command) {
  const auto& key = command.run;
  if (claim_for_host(key)) {
    tell_(ClaimDecided{.run = key, .won = true});
    Outcome outcome{.state = FinalState::cancelled, .reason = "stopped before it started"};
    outcome.ended = clock_.both().wall;
    return tell_(RunEnded{.run = key, .outcome = std::move(outcome)});
  }
  auto& run = runs_.at(key);
  if (run.stage == Stage::ended) return tell_end(key, run);
  stop(key, run, command.reason == StopReason::lease_out);
}

void Machine::stop(const RunKey& key, Run& run, bool by_lease) {
  if (run.stop_at) return;
  run.stop_at = clock_.now();
  run.stopped_by_lease = by_lease;
  expect_end(key, run);
}

void Machine::on(const LookForRun& command) {
  RunFound answer{.run = command.run};
  if (const auto found = runs_.find(command.run); found != runs_.end()) {
    const auto& run = found->second;
    if (run.stage == Stage::claimed || run.stage == Stage::refused) answer.state = FoundState::claimed;
    if (run.stage == Stage::running || run.stage == Stage::unsaved) answer.state = FoundState::running;
    if (run.stage == Stage::ended) answer.state = FoundState::ended;
    answer.outcome = run.outcome;
    answer.by_lease = run.by_lease;
    answer.started = run.started;
  }
  tell_(std::move(answer));
}

void Machine::on(const ExtendLease& command) {
  const auto found = runs_.find(command.run);
  if (full_ || found == runs_.end() || found->second.lease_until == end_of_time) return;
  found->second.lease_until = command.lease_until;
  if (found->second.stage == Stage::running) expect_end(command.run, found->second);
}

void Machine::on(const ForgetRun& command) {
  const auto found = runs_.find(command.run);
  if (found == runs_.end()) return;
  if (found->second.stage == Stage::running) witness_.ended(command.run);
  runs_.erase(found);
  end_hunts(command.run);
}

void Machine::on(const StopStrayRuns& command) {
  const std::set<RunKey> known(command.known.begin(), command.known.end());
  Hunt hunt;
  for (auto& [key, run] : runs_) {
    if (known.contains(key)) continue;
    hunt.found.push_back(key);
    claim_for_host(key);
    if (run.stage != Stage::running && run.stage != Stage::unsaved) continue;
    hunt.alive.insert(key);
    if (run.stage == Stage::running) stop(key, run, false);
  }
  if (hunt.alive.empty()) return tell_(StrayRunsStopped{.stopped = std::move(hunt.found)});
  hunts_.push_back(std::move(hunt));
}

void Machine::end_hunts(const RunKey& key) {
  for (auto& hunt : hunts_) {
    hunt.alive.erase(key);
    if (hunt.alive.empty()) tell_(StrayRunsStopped{.stopped = std::move(hunt.found)});
  }
  std::erase_if(hunts_, [](const Hunt& hunt) { return hunt.alive.empty(); });
}

void Machine::reboot() {
  hunts_.clear();
  for (auto run = runs_.begin(); run != runs_.end();) {
    if (run->second.stage == Stage::running) end(run->first, run->second, FinalState::node_fail, false);
    // Nobody is left to write it down; whoever looks sees from the marker that it was started before.
    if (run->second.stage == Stage::unsaved) run->second.stage = Stage::ended;
    // A wrapper that had not come to its marker leaves nothing.
    run = run->second.stage == Stage::starting ? runs_.erase(run) : std::next(run);
  }
}

std::size_t Machine::alive() const {
  return static_cast<std::size_t>(
      std::count_if(runs_.begin(), runs_.end(), [](const auto& run) { return run.second.stage == Stage::running; }));
}

}  // namespace hansa::sim
