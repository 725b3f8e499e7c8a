#include "src/backends/process/process_handle.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>

#ifndef P_PIDFD
#define P_PIDFD 3
#endif

namespace hansa {

Fd open_process(pid_t pid) {
  return open_patiently([pid] { return static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)); });
}

Fd open_process(const ProcessIdentity& identity) {
  auto handle = open_process(identity.pid);
  if (!handle.valid() || identity.boot != read_boot_id()) return {};
  const auto facts = process_facts(identity.pid);
  if (!facts || facts->start_ticks != identity.start_ticks || facts->state == 'Z') return {};
  return handle;
}

void kill_process(const Fd& handle) {
  ::syscall(SYS_pidfd_send_signal, handle.get(), SIGKILL, nullptr, 0);
}

void ask_wrapper_to_stop(const Fd& handle, StopRequest request) {
  siginfo_t info{};
  info.si_signo = stop_signal;
  info.si_code = SI_QUEUE;
  info.si_pid = ::getpid();
  info.si_uid = ::getuid();
  info.si_value.sival_int = static_cast<int>(request);
  ::syscall(SYS_pidfd_send_signal, handle.get(), stop_signal, &info, 0);
}

int reap_process(const Fd& handle) {
  siginfo_t info{};
  if (::waitid(static_cast<idtype_t>(P_PIDFD), static_cast<id_t>(handle.get()), &info, WEXITED) != 0) return -1;
  return info.si_code == CLD_EXITED ? info.si_status : 128 + info.si_status;
}

namespace {

// What posix_spawn needs, released in any case.
struct SpawnPlan {
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_t files;

  SpawnPlan() {
    ::posix_spawnattr_init(&attributes);
    ::posix_spawn_file_actions_init(&files);
  }
  ~SpawnPlan() {
    ::posix_spawnattr_destroy(&attributes);
    ::posix_spawn_file_actions_destroy(&files);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;
};

constexpr int notify_number = 3;

// All signals blocked from its first instruction: a request to stop must not kill a wrapper that is not ready for it.
void plan_signals(SpawnPlan& plan) {
  sigset_t all;
  ::sigfillset(&all);
  ::posix_spawnattr_setsigdefault(&plan.attributes, &all);
  ::posix_spawnattr_setsigmask(&plan.attributes, &all);
  ::posix_spawnattr_setflags(&plan.attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
}

void plan_files(SpawnPlan& plan, int notify) {
  ::posix_spawn_file_actions_adddup2(&plan.files, notify, notify_number);
  for (const int stream : {0, 1, 2}) ::posix_spawn_file_actions_addopen(&plan.files, stream, "/dev/null", O_RDWR, 0);
  ::posix_spawn_file_actions_addclosefrom_np(&plan.files, notify_number + 1);
}

}  // namespace

Result<StartedWrapper> start_wrapper(const std::string& shim, const std::string& control_folder) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0)
    return internal_error(std::string("no pipe could be made for a wrapper: ") + std::strerror(errno));
  StartedWrapper started{.notify = Fd(ends[0])};
  const Fd write_end(ends[1]);
  SpawnPlan plan;
  plan_signals(plan);
  plan_files(plan, write_end.get());
  std::string name = "hansa-shim", folder = control_folder, number = std::to_string(notify_number);
  char* const arguments[] = {name.data(), folder.data(), number.data(), nullptr};
  char* const environment[] = {nullptr};
  const int error = ::posix_spawn(&started.pid, shim.c_str(), &plan.files, &plan.attributes, arguments, environment);
  if (error != 0) return internal_error("the wrapper " + shim + " could not be started: " + std::strerror(error));
  started.handle = open_process(started.pid);
  if (started.handle.valid()) return started;
  const std::string why = std::strerror(errno);
  ::kill(started.pid, SIGKILL);  // our own child, not reaped yet: the number is still its own
  ::waitpid(started.pid, nullptr, 0);
  return internal_error("the wrapper could not be watched: " + why);
}

}  // namespace hansa
