#include "src/backends/fake/fake_machine.hpp"

#include <algorithm>
#include <cstdlib>

#include "protocol/wire/codec.hpp"
#include "src/backends/process/allocation_text.hpp"
#include "src/backends/process/run_files.hpp"
#include "src/backends/process/run_sight.hpp"

namespace hansa {

FakeMachine::FakeMachine(const BackendSettings& settings, bool keep)
    : settings_(settings), folders_(settings.state_folder), keep_(keep) {
  if (keeps_files() && !folders_.make_root()) settings_.state_folder.clear();
  if (keep_) load();
}

void FakeMachine::attach(BackendHandler* handler) {
  const std::lock_guard lock(mutex_);
  handler_ = handler;
  outbox_.clear();
  hunts_.clear();
  if (handler != nullptr && faults.forget_on_restart) {
    runs_.clear();
    agenda_.clear();
    due_.clear();
  }
}

void FakeMachine::perform(const BackendCommand& command) {
  std::unique_lock lock(mutex_);
  std::visit(
      [this](const auto& each) {
        on(each);
        if constexpr (requires { each.run; }) {
          schedule(each.run);
        } else {
          schedule_all();
        }
      },
      command);
  run_due();
  deliver(lock);
}

void FakeMachine::schedule(const RunKey& key) {
  const auto run = runs_.find(key);
  const auto at = run == runs_.end() ? end_of_time : run->second.due();
  if (const auto known = due_.find(key); known != due_.end()) {
    if (known->second == at) return;
    agenda_.erase({known->second, key});
    due_.erase(known);
  }
  if (at == end_of_time) return;
  due_[key] = at;
  agenda_.emplace(at, key);
}

void FakeMachine::schedule_all() {
  for (const auto& [key, run] : runs_) schedule(key);
}

void FakeMachine::advance(Instant now) {
  std::unique_lock lock(mutex_);
  now_ = std::max(now_, now);
  run_due();
  deliver(lock);
}

Instant FakeMachine::deadline() const {
  const std::lock_guard lock(mutex_);
  return agenda_.empty() ? end_of_time : agenda_.begin()->first;
}

// The earliest first; those of one instant by name.
void FakeMachine::run_due() {
  while (!agenda_.empty() && agenda_.begin()->first <= now_) {
    const auto key = agenda_.begin()->second;
    step(key, runs_.at(key));
    schedule(key);
  }
}

void FakeMachine::step(const RunKey& key, FakeRun& run) {
  if (run.stage == FakeStage::running) {
    run.finish();
    save(key, run);
    tell_end(key, run);
    return end_hunts(key);
  }
  if (!run.start_failure.empty()) {
    run.stage = FakeStage::host_claimed;  // what failed to start never starts
    save(key, run);
    return tell(StartFailed{.run = key, .text = run.start_failure});
  }
  if (run.lease_is_out(now_)) {
    run.give_up_for_lease();
    save(key, run);
    return tell_end(key, run);
  }
  run.stage = FakeStage::running;
  run.started_ms = wall_ms();
  write_output(key, run);
  save(key, run);
  tell(RunStarted{.run = key, .at = WallTime{run.started_ms}});
}

void FakeMachine::tell(BackendEvent event) {
  if (faults.events_to_lose > 0) {
    --faults.events_to_lose;
  } else if (handler_ != nullptr) {
    outbox_.push_back(std::move(event));
  }
}

static Outcome outcome_of(const FakeRun& run) {
  RunSpec spec;
  spec.units = run.units;
  spec.where = run.where;
  return outcome_of(run.status, spec);
}

void FakeMachine::tell_end(const RunKey& key, const FakeRun& run) {
  tell(RunEnded{.run = key, .outcome = outcome_of(run), .by_lease = by_lease(run.status)});
}

void FakeMachine::deliver(std::unique_lock<std::mutex>& lock) {
  if (delivering_) return;
  delivering_ = true;
  while (!outbox_.empty() && handler_ != nullptr) {
    auto event = std::move(outbox_.front());
    outbox_.pop_front();
    auto* handler = handler_;
    lock.unlock();
    handler->on_event(std::move(event));
    lock.lock();
  }
  delivering_ = false;
}

FakeRun FakeMachine::plan(const StartRun& command) const {
  FakeRun run{.start_at = now_ + faults.start_delay, .grace = settings_.grace, .start_failure = faults.fail_starts};
  const auto payload = decode<JobPayload>(*command.payload);
  if (!payload) {
    run.start_failure = "the job's script and environment can't be read: " + payload.error().text;
    return run;
  }
  run.script = read_fake_script(*payload);
  const auto& environment = payload->environment;
  if (const auto asked = environment.find("HANSA_FAKE_FAIL_START"); asked != environment.end())
    run.start_failure = asked->second;
  if (const auto asked = environment.find("HANSA_FAKE_START_DELAY_MS"); asked != environment.end())
    run.start_at += std::chrono::milliseconds(std::strtol(asked->second.c_str(), nullptr, 10));
  if (payload->script.empty() && payload->arguments.empty())
    run.start_failure = "the job has neither a script nor a command to run";
  const auto limit = command.request->resources.time_limit;
  if (limit > Duration(0)) run.time_limit = std::min(limit, forever);
  if (command.under_lease) run.lease_until = command.lease_until;
  run.units = static_cast<std::int64_t>(units_of(command.allocation, settings_.pools));
  run.where = format_where(command.allocation);
  return run;
}

void FakeMachine::end_hunts(const RunKey& key) {
  for (auto& hunt : hunts_) {
    hunt.alive.erase(key);
    if (hunt.alive.empty()) tell(StrayRunsStopped{.stopped = std::move(hunt.found)});
  }
  std::erase_if(hunts_, [](const Hunt& hunt) { return hunt.alive.empty(); });
}

void FakeMachine::save(const RunKey& key, const FakeRun& run) const {
  if (!keep_ || !folders_.make(key)) return;
  const auto control = open_folder(folders_.control_of(key));
  write_file_at(control.get(), "fake", run.to_text(), 0600);
}

void FakeMachine::write_output(const RunKey& key, const FakeRun& run) const {
  if (!keeps_files() || !folders_.make(key)) return;
  const auto control = open_folder(folders_.control_of(key));
  write_file_at(control.get(), "stdout", run.script.output, 0600);
  write_file_at(control.get(), "stderr", run.script.error_output, 0600);
}

void FakeMachine::load() {
  for (const auto& key : folders_.all()) {
    const auto control = open_folder(folders_.control_of(key));
    auto run = FakeRun::from_text(read_file_at(control.get(), "fake").value_or(""));
    if (run) runs_.emplace(key, std::move(*run));
  }
  schedule_all();
}

}  // namespace hansa
