#include "src/backends/process/run_keeper.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "src/backends/process/process_handle.hpp"
#include "src/backends/process/run_signs.hpp"

namespace hansa {

RunKeeper::RunKeeper(BackendSettings settings, Account account, Cgroups cgroups, RunFolders folders)
    : settings_(std::move(settings)),
      account_(std::move(account)),
      cgroups_(std::move(cgroups)),
      folders_(std::move(folders)),
      layout_(settings_, account_, folders_) {
  for (auto& folder : folders_.left_aside()) sweeper_.sweep(std::move(folder));
  loop_.start([this](std::uint64_t token) { on_ready(token); });
}

RunKeeper::~RunKeeper() {
  loop_.stop();
  cgroups_.remove_slices();
}

void RunKeeper::perform(BackendCommand command) {
  loop_.post([this, command = std::move(command)] { std::visit([this](const auto& each) { on(each); }, command); });
}

void RunKeeper::keep(const RunKey& run, LiveRun live) {
  live.token = next_token_;
  next_token_ += 2;
  by_token_[live.token] = run;
  loop_.watch(live.wrapper, live.token);
  if (live.notify.valid()) loop_.watch(live.notify, live.token + 1);
  live_.insert_or_assign(run, std::move(live));
}

// A wrapper that this daemon did not start, or that won the claim against the one it did.
void RunKeeper::adopt(const RunKey& run, RunSight sight) {
  if (live_.contains(run)) return;
  keep(run, {.wrapper = std::move(sight.wrapper), .told_started = true, .started = WallTime{sight.claim.made_at_ms}});
}

void RunKeeper::on_ready(std::uint64_t token) {
  const bool is_notify = token % 2 == 1;
  const auto found = by_token_.find(token - (is_notify ? 1 : 0));
  if (found == by_token_.end()) return;  // ended while this event waited
  const RunKey run = found->second;
  if (is_notify) {
    on_notify(run, live_.at(run));
  } else {
    on_wrapper_end(run);
  }
}

void RunKeeper::on_notify(const RunKey& run, LiveRun& live) {
  std::int64_t started_ms = 0;
  const auto count = ::read(live.notify.get(), &started_ms, sizeof started_ms);
  loop_.unwatch(live.notify);
  live.notify.reset();
  if (count != sizeof started_ms) return;  // it ends without having run anything; its handle says so next
  live.told_started = true;
  live.started = WallTime{started_ms};
  tell(RunStarted{.run = run, .at = live.started});
}

void RunKeeper::on_wrapper_end(const RunKey& run) {
  auto& live = live_.at(run);
  if (live.notify.valid()) on_notify(run, live);
  const int exit_code = reap_process(live.wrapper);
  const auto stop = live.stop;
  const bool forget = live.forget;
  by_token_.erase(live.token);
  live_.erase(run);
  settle(run, exit_code);
  if (const auto other = live_.find(run); other != live_.end()) {
    // Another wrapper has the claim: what was asked of ours is meant for it.
    other->second.forget = forget;
    if (stop != StopRequest::by_hand) ask_to_stop(run, stop);
  } else if (forget) {
    drop_folder(run);
  }
  run_is_over(run);
}

void RunKeeper::on(const LookForRun& command) {
  const auto& run = command.run;
  RunFound found{.run = run};
  auto sight = look(run);
  switch (sight.standing) {
    case Standing::untouched:
      break;
    case Standing::host_claimed:
    case Standing::never_ran:
      found.state = FoundState::claimed;
      break;
    case Standing::running:
      found.state = FoundState::running;
      found.started = WallTime{sight.claim.made_at_ms};
      adopt(run, std::move(sight));
      break;
    case Standing::orphaned:
    case Standing::ended: {
      found.state = FoundState::ended;
      const auto control = open_folder(folders_.control_of(run));
      const auto text = read_file_at(control.get(), "spec");
      const auto spec = RunSpec::from_text(text.value_or(""));
      found.by_lease = by_lease(sight.status);
      found.outcome = outcome_of(sight.status, spec.value_or(RunSpec{}));
      break;
    }
  }
  tell(std::move(found));
}

void RunKeeper::on(const ExtendLease& command) {
  const auto control = open_folder(folders_.control_of(command.run));
  if (!control.valid()) return;
  // If it can't be written the lease stays as short as it was, which is safe.
  write_lease(control.get(), {.until_us = command.lease_until.time_since_epoch().count(), .boot = layout_.boot()});
}

void RunKeeper::on(const ForgetRun& command) {
  const auto live = live_.find(command.run);
  if (live == live_.end()) return drop_folder(command.run);
  live->second.forget = true;
  ask_to_stop(command.run, StopRequest::cancelled);
}

void RunKeeper::drop_folder(const RunKey& run) {
  if (auto folder = folders_.set_aside(run)) sweeper_.sweep(std::move(*folder));
}

}  // namespace hansa
