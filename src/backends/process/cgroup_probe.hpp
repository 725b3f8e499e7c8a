// Which limits this machine's cgroups let us set, found out by trying.
//
// A machine has cgroups v2, v1, or both, mounted anywhere; a daemon may own them, a part of them, or nothing. So each
// controller is looked for in the unified hierarchy and then in its own, a slice is made there, and a limit is written
// into a trial group. What works is used and said; what doesn't is left out.
#pragma once

#include <string>
#include <vector>

#include "hansa/types/resources.hpp"
#include "src/backends/process/run_spec.hpp"

namespace hansa {

struct LimitChoice {
  bool enabled = true;
  std::uint32_t processes_max = 0;
  bool cpu_quota = false;
};

// One hierarchy in which this site has a slice.
struct CgroupSlice {
  std::string folder;  // its runs' groups are made below it
  bool unified = false;
  bool memory = false;
  bool processes = false;
  bool cpu = false;
};

class Cgroups {
 public:
  // `site_mark` keeps sites on one machine apart.
  static Cgroups probe(const LimitChoice& choice, const std::string& site_mark);

  // "cgroup v1: memory, pids", or why there are none.
  std::string describe() const;
  // What to set for a run on this allocation, all of whose nodes this machine plays. Nothing when nothing is limited.
  std::vector<CgroupPlan> plan(const std::string& run, const Allocation& allocation) const;
  void remove_slices() const;  // those that are empty

 private:
  LimitChoice choice_;
  std::vector<CgroupSlice> slices_;
};

}  // namespace hansa
