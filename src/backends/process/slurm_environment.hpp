// SLURM_ variables, for scripts that were written for Slurm: the common ones, from what Hansa knows of a run.
//
// docs/sbatch.md lists them. A run's first task is the script itself, as in a batch step; there is no srun here. What
// the job's user set by these names stays only where nothing is said of it here.
#pragma once

#include <map>
#include <string>

#include "src/backends/process/job_environment.hpp"

namespace hansa {

void add_slurm_variables(const StartRun& start, const JobPayload& payload, const JobPlace& place,
                         std::map<std::string, std::string>& out);

// "64", or "64(x2)" for two nodes, as Slurm writes what each node has.
std::string slurm_per_node(std::uint64_t each, std::size_t nodes);
// "2(x3),1": tasks spread over nodes, as even as can be, the first ones with more.
std::string slurm_tasks_per_node(std::uint64_t tasks, std::size_t nodes);
// "a100-[0-2,5]": nodes by names that a shell could expand.
std::string slurm_node_list(const Allocation& allocation);

}  // namespace hansa
