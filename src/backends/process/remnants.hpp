// What a killed wrapper left behind. The job's leader dies with its wrapper, but what the leader had started goes on,
// as orphans of another's; it is known by the wrapper's session, by the run's mark in its environment, and by its
// cgroup.
#pragma once

#include <string>
#include <vector>

#include "src/backends/process/claim.hpp"
#include "src/backends/process/run_spec.hpp"

namespace hansa {

struct RunMarks {
  std::string run;          // the run folder's name
  ProcessIdentity wrapper;  // which led the session
  std::vector<CgroupPlan> cgroups;
};

// Kills until nothing is found; returns how many it killed. Removes the cgroups.
std::size_t kill_remnants(const RunMarks& marks);

}  // namespace hansa
