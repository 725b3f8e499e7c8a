#include "src/backends/process/shim/remains.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <string>

#include "src/backends/process/shim/run_cgroups.hpp"

namespace hansa {

void kill_group(pid_t leader) {
  ::kill(-leader, SIGKILL);
}

static std::string children_of_this_process() {
  std::array<char, 64> path{};
  std::snprintf(path.data(), path.size(), "/proc/self/task/%d/children", ::getpid());
  const Fd file(::open(path.data(), O_RDONLY | O_CLOEXEC));
  std::string text;
  std::array<char, 4096> piece;
  while (file.valid()) {
    const auto count = ::read(file.get(), piece.data(), piece.size());
    if (count <= 0) break;
    text.append(piece.data(), static_cast<std::size_t>(count));
  }
  return text;
}

// A child's number can't be reused before it is reaped, and only this process reaps.
static void kill_children() {
  const auto text = children_of_this_process();
  const char* at = text.data();
  const char* const end = at + text.size();
  while (at < end) {
    pid_t child = 0;
    const auto [next, error] = std::from_chars(at, end, child);
    if (error == std::errc() && child > 0) ::kill(child, SIGKILL);
    at = next + 1;
  }
}

void kill_and_reap_all(const std::vector<CgroupPlan>& cgroups) {
  while (true) {
    const pid_t reaped = ::waitpid(-1, nullptr, WNOHANG);
    if (reaped > 0) continue;
    if (reaped < 0 && errno == ECHILD) return;
    kill_cgroups(cgroups);
    kill_children();
    ::waitpid(-1, nullptr, 0);
  }
}

}  // namespace hansa
