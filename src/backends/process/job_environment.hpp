// What a job finds in its environment: what its user gave it, and what Hansa adds.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "hansa/ports/backend.hpp"
#include "hansa/types/job.hpp"

namespace hansa {

struct JobPlace {
  SiteName site;
  std::string run;  // the run folder's name: the mark by which a run's processes are known again
  std::string work_folder;
  std::string tmp_folder;  // empty when the job's user can't reach it by its path
  std::string model;       // of the pool's accelerators
  bool pool_has_accelerators = false;
};

std::map<std::string, std::string> job_environment(const StartRun& start, const JobPayload& payload,
                                                   const JobPlace& place);

// By which variables a program is told which accelerators are its own: CUDA's, Ascend's or ROCm's.
std::vector<std::string_view> accelerator_variables(std::string_view model);

}  // namespace hansa
