// Jobs by the numbers that Slurm's users know them by.
//
// A job's id here is its site and a number, a task's the array's number and its index: wujiang-1042_7. What Slurm calls
// the job id of a task is a number of its own, which scripts take for names of files and ports: the array's number
// times ten million and the index. The process backend tells a job the same (SLURM_JOB_ID).
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

namespace hansa::client {

std::string slurm_job_id(const nlohmann::json& job);        // "1042"; of a task "10420000007"
std::string slurm_array_job_id(const nlohmann::json& job);  // "1042", also of what is no array, as in Slurm
std::string slurm_shown_id(const nlohmann::json& job);      // "1042", "1042_7", "1042_[8-100%10]"

// A file's name as sbatch's --output has it: %j %J %A %a %x %u %N %n %t %s %b %%, each with a width as in %4a.
std::string expand_file_name(const std::string& pattern, const nlohmann::json& job);

}  // namespace hansa::client
