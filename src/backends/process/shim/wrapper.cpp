#include "src/backends/process/shim/wrapper.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "src/backends/process/claim.hpp"
#include "src/backends/process/remnants.hpp"
#include "src/backends/process/run_files.hpp"
#include "src/backends/process/run_spec.hpp"
#include "src/backends/process/shim/job_launch.hpp"
#include "src/backends/process/shim/remains.hpp"
#include "src/backends/process/shim/run_cgroups.hpp"
#include "src/backends/process/shim/run_guard.hpp"

namespace hansa {
namespace {

// All of them wait for signalfd; what would end the wrapper must not leave its job without a guard.
void block_signals() {
  sigset_t all;
  ::sigfillset(&all);
  ::sigprocmask(SIG_SETMASK, &all, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
}

Claim claim_of_this_process(const RunSpec& spec) {
  Claim claim;
  const auto facts = process_facts(::getpid());
  // Under a batch system this may be another machine than the one that wrote the spec.
  const auto boot = spec.pulse_us > 0 ? read_boot_id() : spec.boot;
  claim.wrapper = {.pid = ::getpid(), .start_ticks = facts ? facts->start_ticks : 0, .boot = boot};
  claim.made_at_ms = wall_ms();
  return claim;
}

bool begins_with_one_of(std::string_view text, const std::vector<std::string>& beginnings) {
  return std::any_of(beginnings.begin(), beginnings.end(), [&](const auto& each) { return text.starts_with(each); });
}

// What the batch system tells its jobs goes on to ours, with its accelerators under the names that their vendor reads.
void inherit_environment(RunSpec& spec) {
  for (char** variable = ::environ; *variable != nullptr; ++variable) {
    if (begins_with_one_of(*variable, spec.inherited)) spec.environment.push_back(*variable);
  }
  const char* accelerators = std::getenv("SLURM_JOB_GPUS");
  if (accelerators == nullptr) return;
  for (const auto& name : spec.accelerator_variables) {
    if (std::getenv(name.c_str()) == nullptr) spec.environment.push_back(name + "=" + accelerators);
  }
}

std::int64_t number_in_environment(const char* name) {
  const char* text = std::getenv(name);
  return text != nullptr ? std::strtoll(text, nullptr, 10) : 0;
}

// "cpu[node7]": the batch system chose the nodes.
std::string place_in(const RunSpec& spec) {
  const char* nodes = std::getenv("SLURM_JOB_NODELIST");
  return nodes == nullptr ? std::string() : spec.where + "[" + nodes + "]";
}

// Steps of a job under a batch system are no children of ours; what carries the run's mark on this machine is of it.
void kill_steps(const RunSpec& spec, const Claim& claim) {
  kill_remnants({.run = spec.run, .wrapper = claim.wrapper, .cgroups = {}});
}

void tell_started(Fd& notify, std::int64_t started_ms) {
  if (notify.valid() && ::write(notify.get(), &started_ms, sizeof started_ms) < 0) {
    // The daemon is gone; the next one reads the claim.
  }
  notify.reset();
}

void read_exit(pid_t leader, RunStatus& status) {
  int how = 0;
  ::waitpid(leader, &how, 0);
  if (WIFSIGNALED(how)) {
    status.signal = WTERMSIG(how);
    status.code = 128 + status.signal;
  } else {
    status.code = WEXITSTATUS(how);
  }
}

void read_usage(RunStatus& status) {
  rusage usage{};
  ::getrusage(RUSAGE_CHILDREN, &usage);
  const auto us = [](const timeval& time) { return time.tv_sec * std::int64_t{1'000'000} + time.tv_usec; };
  status.cpu_us = us(usage.ru_utime) + us(usage.ru_stime);
  status.memory_peak_kib = usage.ru_maxrss;
}

// A shell whose command was killed may live to say so by its own exit code.
bool is_deadly(const RunStatus& status, int signal) {
  return status.signal == signal || status.code == 128 + signal;
}

bool is_unsettled(const RunStatus& status) {
  const bool killed = status.ending == RunEnding::exited && (is_deadly(status, SIGKILL) || is_deadly(status, SIGTERM));
  return killed || status.ending == RunEnding::told_to_end || number_in_environment("SLURM_JOB_NUM_NODES") > 1;
}

// A disk that is full delays the end, and loses nothing: the result waits here.
void keep_status(int control_folder, RunStatus status) {
  status.ended_ms = wall_ms();
  const auto text = status.to_text();
  while (!write_file_at(control_folder, "status", text, 0600)) {
    if (errno == ENOENT || errno == ESTALE) return;  // the folder was removed: nobody wants to know
    const timespec second{.tv_sec = 1, .tv_nsec = 0};
    ::nanosleep(&second, nullptr);
  }
}

void cannot_execute(const RunSpec& spec, int error, RunStatus& status) {
  status.code = error == ENOENT ? 127 : 126;
  const std::string what = spec.script.empty() ? spec.arguments[0] : "the script, or the program on its #! line,";
  status.reason = what + " can't be executed: " + std::strerror(error);
}

// From here on the claim is ours: whatever happens ends in a status.
void run_job(int control_folder, const RunSpec& spec, Fd& notify, RunStatus& status) {
  RunGuard guard(control_folder, spec);
  Pulse pulse{.batch_job = number_in_environment("SLURM_JOB_ID"), .where = status.where};
  if (spec.pulse_us > 0) guard.beat(pulse);
  if (guard.must_not_start(status)) return;
  JobFiles files;
  auto problem = prepare_folder(control_folder, spec, files);
  if (problem.empty()) problem = make_cgroups(spec.cgroups);
  Launch launch;
  const auto started_us = boottime_us();
  if (problem.empty()) {
    launch = launch_job(spec, files);
    problem = launch.failed;
  }
  if (!problem.empty()) {
    status.ending = RunEnding::never_ran;
    status.reason = problem;
    return;
  }
  tell_started(notify, status.started_ms);
  pulse.started_ms = status.started_ms;
  if (spec.pulse_us > 0) guard.beat(pulse);
  if (launch.exec_error != 0) return cannot_execute(spec, launch.exec_error, status);
  guard.watch(launch.pid, started_us, status);
  kill_group(launch.pid);
  read_exit(launch.pid, status);
  kill_and_reap_all(spec.cgroups);
  read_usage(status);
  const bool failed = status.code != 0;
  if (failed && status.ending == RunEnding::exited && out_of_memory_seen(spec.cgroups))
    status.ending = RunEnding::out_of_memory;
}

}  // namespace

int run_wrapper(const char* control_path, int notify_fd) {
  block_signals();
  Fd notify(notify_fd);
  const Fd control = open_folder(control_path);
  if (!control.valid()) return wrapper_unusable;
  auto text = read_file_at(control.get(), "spec");
  if (!text) return wrapper_unusable;
  auto spec = RunSpec::from_text(std::move(*text));
  if (!spec || ::prctl(PR_SET_CHILD_SUBREAPER, 1) != 0) return wrapper_unusable;

  const auto claim = claim_of_this_process(*spec);
  const auto attempt = make_claim(control.get(), claim);
  if (attempt != ClaimAttempt::won) return attempt == ClaimAttempt::taken ? wrapper_claim_lost : wrapper_unusable;

  RunStatus status;
  status.started_ms = claim.made_at_ms;
  if (spec->pulse_us > 0) {
    inherit_environment(*spec);
    status.where = place_in(*spec);
  }
  run_job(control.get(), *spec, notify, status);
  if (spec->pulse_us > 0) {
    kill_steps(*spec, claim);
    status.unsettled = is_unsettled(status);
  }
  remove_cgroups(spec->cgroups);
  keep_status(control.get(), status);
  return spec->pulse_us > 0 ? status.code : wrapper_done;  // a batch system's own records show how the job ended
}

}  // namespace hansa
