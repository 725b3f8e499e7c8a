#include "src/backends/process/remnants.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <memory>

#include "src/backends/process/process_handle.hpp"
#include "src/backends/process/shim/run_cgroups.hpp"

namespace hansa {
namespace {

// Files of /proc and cgroups have no size beforehand.
std::string read_stream(const std::string& path) {
  std::string text;
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  char piece[16384];
  while (file.valid()) {
    const auto count = ::read(file.get(), piece, sizeof piece);
    if (count <= 0) break;
    text.append(piece, static_cast<std::size_t>(count));
  }
  return text;
}

std::vector<pid_t> all_processes() {
  std::vector<pid_t> pids;
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir("/proc"), ::closedir);
  while (const dirent* entry = folder ? ::readdir(folder.get()) : nullptr) {
    pid_t pid = 0;
    const auto* end = entry->d_name + std::strlen(entry->d_name);
    if (std::from_chars(entry->d_name, end, pid).ptr == end && pid > 0) pids.push_back(pid);
  }
  return pids;
}

bool carries_mark(pid_t pid, const std::string& mark) {
  const std::string environment = '\0' + read_stream("/proc/" + std::to_string(pid) + "/environ");
  return environment.find(mark) != environment.npos;
}

bool in_cgroups(pid_t pid, const std::vector<CgroupPlan>& plans) {
  const auto number = std::to_string(pid);
  return std::any_of(plans.begin(), plans.end(), [&](const CgroupPlan& plan) {
    const auto members = "\n" + read_stream(plan.folder + "/cgroup.procs");
    return members.find("\n" + number + "\n") != members.npos;
  });
}

// A session keeps its number while it has members. If the number is a process now that is not the wrapper, the old
// session is empty.
bool session_may_live(const ProcessIdentity& wrapper) {
  if (wrapper.boot != read_boot_id()) return false;
  const auto facts = process_facts(wrapper.pid);
  return !facts || facts->start_ticks == wrapper.start_ticks;
}

bool belongs(pid_t pid, const RunMarks& marks, const std::string& mark, bool by_session) {
  const auto facts = process_facts(pid);
  if (!facts || facts->state == 'Z' || facts->state == 'X') return false;
  if (by_session && facts->session == marks.wrapper.pid) return true;
  return carries_mark(pid, mark) || in_cgroups(pid, marks.cgroups);
}

// The handle is taken first and what it names judged afterwards, so that a reused number is not killed.
bool kill_if_it_belongs(pid_t pid, const RunMarks& marks, const std::string& mark, bool by_session) {
  if (pid == ::getpid() || !belongs(pid, marks, mark, by_session)) return false;
  const auto handle = open_process(pid);
  if (!handle.valid() || !belongs(pid, marks, mark, by_session)) return false;
  kill_process(handle);
  pollfd wait{.fd = handle.get(), .events = POLLIN};
  ::poll(&wait, 1, -1);
  return true;
}

}  // namespace

std::size_t kill_remnants(const RunMarks& marks) {
  const std::string mark = '\0' + std::string(run_mark) + "=" + marks.run + '\0';
  const bool by_session = session_may_live(marks.wrapper);
  std::size_t killed = 0;
  for (bool found = true; found;) {
    found = false;
    for (const auto pid : all_processes()) {
      if (!kill_if_it_belongs(pid, marks, mark, by_session)) continue;
      found = true;
      ++killed;
    }
  }
  remove_cgroups(marks.cgroups);
  return killed;
}

}  // namespace hansa
