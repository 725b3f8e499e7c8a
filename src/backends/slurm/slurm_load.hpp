// What Slurm's nodes and jobs mean for our pools: which pools there are, and who is on which of their nodes.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "hansa/ports/backend.hpp"
#include "src/backends/slurm/slurm_commands.hpp"
#include "src/backends/slurm/slurm_settings.hpp"
#include "src/backends/slurm/slurm_text.hpp"

namespace hansa {

// Pool by pool: as the planner sees it, and as Slurm does.
struct SlurmPools {
  std::vector<Pool> pools;
  std::vector<SlurmPool> partitions;
  std::vector<std::string> labels;  // features that every node has

  const SlurmPool* find(const std::string& pool) const;
};

// The declared pools with the nodes that Slurm says they have; without any, a pool for each kind of node of each
// partition. A pool whose partition Slurm does not know stays as it was declared.
SlurmPools see_pools(const std::vector<Pool>& declared, const std::vector<slurm::Node>& nodes,
                     const SlurmSettings& settings);

// Instants from Slurm's wall times: the difference between the two clocks, kept while it stays about the same.
class WallOffset {
 public:
  Instant instant_of(std::int64_t unix_s);
  void update(std::int64_t boot_us, std::int64_t wall_ms);

 private:
  std::int64_t offset_us_ = 0;  // boot − wall
};

// `ours`: which runs are of this site; all other jobs are foreign.
LoadReported load_of(const SlurmPools& pools, const std::vector<slurm::Node>& nodes,
                     const std::vector<slurm::Job>& jobs, const std::set<RunKey>& ours, WallOffset& clock);

}  // namespace hansa
