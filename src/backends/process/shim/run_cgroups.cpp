#include "src/backends/process/shim/run_cgroups.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace hansa {

static bool write_value(const std::string& path, const std::string& value) {
  const Fd file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  return file.valid() && ::write(file.get(), value.data(), value.size()) == static_cast<ssize_t>(value.size());
}

std::string make_cgroups(const std::vector<CgroupPlan>& plans) {
  for (const auto& plan : plans) {
    if (::mkdir(plan.folder.c_str(), 0755) != 0 && errno != EEXIST)
      return "the cgroup " + plan.folder + " could not be made: " + std::strerror(errno);
    for (const auto& [file, value] : plan.settings) {
      if (!write_value(plan.folder + "/" + file, value))
        return "the limit " + file + "=" + value + " could not be set in " + plan.folder + ": " + std::strerror(errno);
    }
  }
  return {};
}

std::vector<std::string> process_files(const std::vector<CgroupPlan>& plans) {
  std::vector<std::string> files;
  for (const auto& plan : plans) files.push_back(plan.folder + "/cgroup.procs");
  return files;
}

bool enter_cgroups(const std::vector<std::string>& files) {
  for (const auto& path : files) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (file < 0) return false;
    const bool entered = ::write(file, "0", 1) == 1;
    ::close(file);
    if (!entered) return false;
  }
  return true;
}

// Both memory.oom_control (v1) and memory.events (v2) have a line "oom_kill N". The files of cgroups have no size.
bool out_of_memory_seen(const std::vector<CgroupPlan>& plans) {
  for (const auto& plan : plans) {
    if (plan.oom_file.empty()) continue;
    const Fd file(::open((plan.folder + "/" + plan.oom_file).c_str(), O_RDONLY | O_CLOEXEC));
    char text[512] = {};
    if (!file.valid() || ::read(file.get(), text, sizeof text - 1) <= 0) continue;
    const char* line = std::strstr(text, "oom_kill ");
    if (line != nullptr && std::strtol(line + 9, nullptr, 10) > 0) return true;
  }
  return false;
}

void kill_cgroups(const std::vector<CgroupPlan>& plans) {
  for (const auto& plan : plans) write_value(plan.folder + "/cgroup.kill", "1");
}

void remove_cgroups(const std::vector<CgroupPlan>& plans) {
  for (const auto& plan : plans) ::rmdir(plan.folder.c_str());
}

}  // namespace hansa
