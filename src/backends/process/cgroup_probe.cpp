#include "src/backends/process/cgroup_probe.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <fstream>
#include <map>
#include <optional>
#include <sstream>

namespace hansa {
namespace {

constexpr const char* slice_name = "hansa.slice";

bool write_value(const std::string& path, const std::string& value) {
  const Fd file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
  return file.valid() && ::write(file.get(), value.data(), value.size()) == static_cast<ssize_t>(value.size());
}

bool has_word(const std::string& list, const std::string& word) {
  std::istringstream words(list);
  for (std::string each; std::getline(words, each, ',');)
    if (each == word) return true;
  return false;
}

// Where a controller's own (v1) hierarchy is mounted, or, for an empty name, the unified one.
std::optional<std::string> mount_of(const std::string& controller) {
  std::ifstream mounts("/proc/self/mounts");
  std::string device, folder, type, options, rest;
  while (mounts >> device >> folder >> type >> options && std::getline(mounts, rest)) {
    if (controller.empty() && type == "cgroup2") return folder;
    if (!controller.empty() && type == "cgroup" && has_word(options, controller)) return folder;
  }
  return std::nullopt;
}

// "/process/7" of the line "4:memory:/process/7".
std::string own_group(const std::string& controller) {
  std::ifstream groups("/proc/self/cgroup");
  for (std::string line; std::getline(groups, line);) {
    const auto first = line.find(':');
    const auto second = line.find(':', first + 1);
    if (second == line.npos) continue;
    if (has_word(line.substr(first + 1, second - first - 1), controller)) return line.substr(second + 1);
  }
  return "/";
}

bool make_group(const std::string& folder) {
  return ::mkdir(folder.c_str(), 0755) == 0 || errno == EEXIST;
}

// Whether a group made below `slice` takes a value in `file`.
bool trial(const std::string& slice, const std::string& file, const std::string& value) {
  const auto group = slice + "/trial-" + std::to_string(::getpid());
  if (!make_group(group)) return false;
  const bool works = write_value(group + "/" + file, value);
  ::rmdir(group.c_str());
  return works;
}

bool read_words(const std::string& path, const std::string& word) {
  std::ifstream file(path);
  for (std::string each; file >> each;)
    if (each == word) return true;
  return false;
}

// In the unified hierarchy a controller is handed down level by level.
bool hand_down(const std::vector<std::string>& levels, const std::string& controller) {
  return std::all_of(levels.begin(), levels.end(), [&](const auto& level) {
    const auto file = level + "/cgroup.subtree_control";
    return read_words(file, controller) || write_value(file, "+" + controller);
  });
}

CgroupSlice probe_unified(const std::string& mount, const LimitChoice& choice, const std::string& site_mark) {
  CgroupSlice slice{.unified = true};
  const std::vector<std::string> wanted{"memory", "pids", "cpu"};
  const auto offered = mount + "/cgroup.controllers";
  if (std::none_of(wanted.begin(), wanted.end(), [&](const auto& each) { return read_words(offered, each); }))
    return slice;
  const auto common = mount + "/" + slice_name;
  slice.folder = common + "/" + site_mark;
  if (!make_group(common) || !make_group(slice.folder)) return slice;
  const std::vector<std::string> levels{mount, common, slice.folder};
  slice.memory = hand_down(levels, "memory") && trial(slice.folder, "memory.max", "max");
  slice.processes = choice.processes_max > 0 && hand_down(levels, "pids") && trial(slice.folder, "pids.max", "max");
  slice.cpu = choice.cpu_quota && hand_down(levels, "cpu") && trial(slice.folder, "cpu.max", "max 100000");
  return slice;
}

// Below the daemon's own group, so that what holds it holds its jobs; else at the top.
std::optional<std::string> probe_own(const std::string& controller, const std::string& file, const std::string& value,
                                     const std::string& site_mark) {
  const auto mount = mount_of(controller);
  if (!mount) return std::nullopt;
  for (const auto& base : {*mount + own_group(controller), *mount}) {
    const auto common = base + "/" + slice_name;
    const auto folder = common + "/" + site_mark;
    if (make_group(common) && make_group(folder) && trial(folder, file, value)) return folder;
    ::rmdir(folder.c_str());
    ::rmdir(common.c_str());
  }
  return std::nullopt;
}

std::uint64_t memory_bytes(const Allocation& allocation) {
  return (allocation.per_node.memory_mib * allocation.nodes.size()) << 20;
}

void plan_memory(const CgroupSlice& slice, const Allocation& allocation, CgroupPlan& plan) {
  const auto bytes = std::to_string(memory_bytes(allocation));
  plan.settings.emplace_back(slice.unified ? "memory.max" : "memory.limit_in_bytes", bytes);
  const char* swap = slice.unified ? "memory.swap.max" : "memory.memsw.limit_in_bytes";
  if (::access((slice.folder + "/" + swap).c_str(), F_OK) == 0)
    plan.settings.emplace_back(swap, slice.unified ? "0" : bytes);
  plan.oom_file = slice.unified ? "memory.events" : "memory.oom_control";
}

void plan_cpu(const CgroupSlice& slice, const Allocation& allocation, CgroupPlan& plan) {
  const auto quota = std::to_string(std::uint64_t{allocation.per_node.cores} * allocation.nodes.size() * 100'000);
  if (slice.unified) {
    plan.settings.emplace_back("cpu.max", quota + " 100000");
  } else {
    plan.settings.emplace_back("cpu.cfs_quota_us", quota);
  }
}

}  // namespace

Cgroups Cgroups::probe(const LimitChoice& choice, const std::string& site_mark) {
  Cgroups found;
  found.choice_ = choice;
  if (!choice.enabled) return found;
  CgroupSlice unified;
  if (const auto mount = mount_of("")) unified = probe_unified(*mount, choice, site_mark);
  if (unified.memory || unified.processes || unified.cpu) found.slices_.push_back(unified);
  const auto own = [&](bool wanted, bool have, const char* controller, const char* file, const char* value,
                       bool CgroupSlice::*what) {
    if (!wanted || have) return;
    const auto folder = probe_own(controller, file, value, site_mark);
    if (!folder) return;
    CgroupSlice slice{.folder = *folder};
    slice.*what = true;
    found.slices_.push_back(slice);
  };
  own(true, unified.memory, "memory", "memory.limit_in_bytes", "1073741824", &CgroupSlice::memory);
  own(choice.processes_max > 0, unified.processes, "pids", "pids.max", "max", &CgroupSlice::processes);
  own(choice.cpu_quota, unified.cpu, "cpu", "cpu.cfs_quota_us", "-1", &CgroupSlice::cpu);
  return found;
}

std::string Cgroups::describe() const {
  if (!choice_.enabled) return "none: switched off";
  if (slices_.empty()) return "none: no cgroup here lets hansad set limits";
  std::string text;
  for (const bool unified : {true, false}) {
    std::string list;
    const auto add = [&](bool has, const char* word) {
      if (has) list.append(list.empty() ? "" : ", ").append(word);
    };
    for (const auto& slice : slices_) {
      if (slice.unified != unified) continue;
      add(slice.memory, "memory");
      add(slice.processes, "pids");
      add(slice.cpu, "cpu");
    }
    if (list.empty()) continue;
    text.append(text.empty() ? "" : "; ").append(unified ? "cgroup v2: " : "cgroup v1: ").append(list);
  }
  return text;
}

std::vector<CgroupPlan> Cgroups::plan(const std::string& run, const Allocation& allocation) const {
  std::vector<CgroupPlan> plans;
  for (const auto& slice : slices_) {
    CgroupPlan plan{.folder = slice.folder + "/" + run};
    if (slice.memory && memory_bytes(allocation) > 0) plan_memory(slice, allocation, plan);
    if (slice.processes) plan.settings.emplace_back("pids.max", std::to_string(choice_.processes_max));
    if (slice.cpu && allocation.per_node.cores > 0) plan_cpu(slice, allocation, plan);
    if (!plan.settings.empty()) plans.push_back(std::move(plan));
  }
  return plans;
}

void Cgroups::remove_slices() const {
  for (const auto& slice : slices_) {
    if (::rmdir(slice.folder.c_str()) == 0) ::rmdir(slice.folder.substr(0, slice.folder.rfind('/')).c_str());
  }
}

}  // namespace hansa
