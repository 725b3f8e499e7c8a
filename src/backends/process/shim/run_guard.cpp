#include "src/backends/process/shim/run_guard.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>

#include "src/backends/process/claim.hpp"
#include "src/backends/process/stop_request.hpp"

namespace hansa {

// Between KILL and the lease's end: for the kernel to bury what was killed, and for this process to be scheduled.
static constexpr std::int64_t lease_margin_us = 500'000;
// What ignored KILL is in the kernel's hands; it is asked again.
static constexpr std::int64_t kill_again_us = 1'000'000;

static sigset_t watched_signals() {
  sigset_t signals;
  ::sigemptyset(&signals);
  for (const int signal : {SIGCHLD, stop_signal, SIGTERM}) ::sigaddset(&signals, signal);
  return signals;
}

RunGuard::RunGuard(int control_folder, const RunSpec& spec)
    : control_(control_folder), spec_(spec), boot_(read_boot_id()) {
  const auto signals = watched_signals();
  signals_ = Fd(::signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK));
  timer_ = Fd(::timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC));
  if (spec_.under_lease) read_lease();
}

void RunGuard::read_lease() {
  const auto until = hansa::read_lease(control_, boot_);
  if (!until) return;  // what was known stands
  lease_kill_at_ = *until - lease_margin_us;
  lease_term_at_ = lease_kill_at_ - spec_.grace_us;
}

void RunGuard::beat(const Pulse& pulse) {
  pulse_ = pulse;
  show_pulse();
}

void RunGuard::show_pulse() {
  ++pulse_.count;
  write_pulse(control_, pulse_);  // a disk that is full misses a beat
  pulse_at_ = boottime_us() + spec_.pulse_us;
}

void RunGuard::look_for_stop(RunStatus& status) {
  const auto request = read_stop(control_);
  if (!request || ending_) return;
  status.reason = words_for(*request);
  begin_ending(*request == StopRequest::lease_out ? RunEnding::lease_out : RunEnding::stopped, status);
}

bool RunGuard::must_not_start(RunStatus& status) {
  if (spec_.pulse_us > 0) look_for_stop(status);
  on_signals(status);
  if (ending_) return true;
  if (!spec_.under_lease || boottime_us() < lease_kill_at_) return false;
  status.ending = RunEnding::lease_out;
  status.reason = "its lease ran out before it could start";
  return true;
}

void RunGuard::arm(std::int64_t at) const {
  itimerspec when{};
  if (at != never) {
    at = std::max<std::int64_t>(at, 1);
    when.it_value = {.tv_sec = at / 1'000'000, .tv_nsec = at % 1'000'000 * 1'000};
  }
  ::timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME, &when, nullptr);
}

std::int64_t RunGuard::next_deadline() const {
  if (ending_) return std::min({kill_at_, lease_kill_at_, pulse_at_});
  return std::min({limit_at_, lease_term_at_, pulse_at_});
}

bool RunGuard::leader_has_ended() const {
  siginfo_t info{};
  return ::waitid(P_PID, static_cast<id_t>(leader_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid != 0;
}

void RunGuard::begin_ending(RunEnding why, RunStatus& status) {
  status.ending = why;
  ending_ = true;
  kill_at_ = boottime_us() + spec_.grace_us;
  if (leader_ == 0) return;
  ::kill(-leader_, SIGTERM);
  ::kill(-leader_, SIGCONT);  // a stopped process can't hear TERM
}

void RunGuard::on_signals(RunStatus& status) {
  std::array<signalfd_siginfo, 8> batch;
  while (true) {
    const auto bytes = ::read(signals_.get(), batch.data(), sizeof batch);
    if (bytes <= 0) return;
    for (std::size_t i = 0; i < static_cast<std::size_t>(bytes) / sizeof batch[0]; ++i) {
      if (ending_) continue;
      if (batch[i].ssi_signo == stop_signal && spec_.pulse_us > 0) look_for_stop(status);
      if (ending_) continue;
      if (batch[i].ssi_signo == stop_signal) {
        const auto request = static_cast<StopRequest>(batch[i].ssi_int);
        status.reason = words_for(request);
        begin_ending(request == StopRequest::lease_out ? RunEnding::lease_out : RunEnding::stopped, status);
      }
      if (batch[i].ssi_signo == SIGTERM) {
        status.reason = "its wrapper was told to end by SIGTERM";
        begin_ending(spec_.pulse_us > 0 ? RunEnding::told_to_end : RunEnding::machine_restarted, status);
      }
    }
  }
}

void RunGuard::on_time(std::int64_t now, RunStatus& status) {
  if (now >= pulse_at_) {
    show_pulse();
    look_for_stop(status);
  }
  if (spec_.under_lease) read_lease();
  if (!ending_ && now >= lease_term_at_) {
    status.reason = "its lease ran out";
    begin_ending(RunEnding::lease_out, status);
  } else if (!ending_ && now >= limit_at_) {
    begin_ending(RunEnding::time_limit, status);
  }
  if (ending_ && now >= std::min(kill_at_, lease_kill_at_)) {
    ::kill(-leader_, SIGKILL);
    kill_at_ = lease_kill_at_ = now + kill_again_us;
  }
}

void RunGuard::watch(pid_t leader, std::int64_t started_us, RunStatus& status) {
  leader_ = leader;
  if (spec_.time_limit_us > 0) limit_at_ = started_us + spec_.time_limit_us;
  while (!leader_has_ended()) {
    arm(next_deadline());
    std::array<pollfd, 2> waits{{{.fd = signals_.get(), .events = POLLIN}, {.fd = timer_.get(), .events = POLLIN}}};
    ::poll(waits.data(), waits.size(), -1);
    on_signals(status);
    const auto now = boottime_us();
    if (now >= next_deadline()) on_time(now, status);
  }
  // A batch system signals the job and its wrapper one after the other: the job may have died of it first.
  if (spec_.pulse_us > 0) on_signals(status);
  status.elapsed_us = boottime_us() - started_us;
}

}  // namespace hansa
