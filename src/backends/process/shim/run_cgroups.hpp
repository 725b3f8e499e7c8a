// The cgroups of one run, made before its job starts and removed when nothing of it is left.
#pragma once

#include <string>
#include <vector>

#include "src/backends/process/run_spec.hpp"

namespace hansa {

// Empty when all were made, else what went wrong.
std::string make_cgroups(const std::vector<CgroupPlan>& plans);
// Moves the calling process. Called between vfork and exec: nothing but system calls.
bool enter_cgroups(const std::vector<std::string>& process_files);
std::vector<std::string> process_files(const std::vector<CgroupPlan>& plans);
// Whether the kernel killed something in them for want of memory.
bool out_of_memory_seen(const std::vector<CgroupPlan>& plans);
void kill_cgroups(const std::vector<CgroupPlan>& plans);
void remove_cgroups(const std::vector<CgroupPlan>& plans);

}  // namespace hansa
