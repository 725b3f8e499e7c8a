// Leaves nothing of a job alive.
//
// The wrapper is the subreaper of all that the job starts: whoever loses its parent becomes the wrapper's child, also
// a process that left the job's group or session. So to kill children until there are none is to kill everything.
#pragma once

#include <sys/types.h>

#include <vector>

#include "src/backends/process/run_spec.hpp"

namespace hansa {

// Called once the leader has ended and before it is reaped, so that its number still names its group.
void kill_group(pid_t leader);
// Returns when the wrapper has no child left.
void kill_and_reap_all(const std::vector<CgroupPlan>& cgroups);

}  // namespace hansa
