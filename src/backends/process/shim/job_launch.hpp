// From a spec to a running job: its folder made its user's own, its output files, then vfork and exec.
#pragma once

#include <sys/types.h>

#include <string>

#include "src/backends/process/run_files.hpp"
#include "src/backends/process/run_spec.hpp"

namespace hansa {

struct JobFiles {
  Fd null_input;
  Fd output;
  Fd error;  // invalid: joined with output
};

// Gives work, tmp and script to the job's user and opens its output files. Empty when all is well.
std::string prepare_folder(int control_folder, const RunSpec& spec, JobFiles& files);

struct Launch {
  pid_t pid = -1;      // the leader of the job's own process group; -1: there is none
  int exec_error = 0;  // errno of what could not be executed; the process is then gone again
  std::string failed;  // not empty: what the machine refused
};
// The job dies with the caller. It is never root: a spec that says so is refused.
Launch launch_job(const RunSpec& spec, const JobFiles& files);

}  // namespace hansa
