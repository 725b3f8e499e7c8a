// What a wrapper is told to run, and what it tells of the end. Plain values with a text form (run_files.hpp).
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "src/backends/process/run_files.hpp"

namespace hansa {

// One cgroup that the wrapper makes for its run, in one hierarchy, and removes afterwards.
struct CgroupPlan {
  std::string folder;
  std::vector<std::pair<std::string, std::string>> settings;  // file, value; in this order
  std::string oom_file;  // where this hierarchy counts what the OOM killer killed; empty for none
};

// By it a run's processes are known again.
inline constexpr std::string_view run_mark = "HANSA_RUN";

struct RunSpec {
  std::string run;   // the run folder's name; the job carries it in its environment
  std::string boot;  // the boot this was written in
  std::string work_folder;
  std::string start_folder;  // where the job starts: the work folder or below it
  std::string tmp_folder;
  std::string script;  // path; empty: the first argument is the command
  std::vector<std::string> arguments;
  std::vector<std::string> environment;  // "NAME=value"
  bool join_stderr = false;
  bool switch_user = false;
  uid_t uid = 0;
  gid_t gid = 0;
  std::vector<gid_t> groups;
  int nice = 0;
  std::int64_t time_limit_us = 0;  // 0: none
  std::int64_t grace_us = 0;       // from TERM to KILL
  bool under_lease = false;
  std::vector<CgroupPlan> cgroups;
  std::vector<std::string> hidden;  // what the job is not shown, except its own folders
  std::vector<std::string> shown;   // and these, which may lie below
  // Under a batch system: how often the wrapper shows its pulse and looks whether it shall stop (0: not under one), the
  // beginnings of the names of variables that the job has from there, and the variables that shall hold its
  // accelerators.
  std::int64_t pulse_us = 0;
  std::vector<std::string> inherited;
  std::vector<std::string> accelerator_variables;
  // Not for the wrapper: what the daemon needs for the outcome, also after a restart.
  std::int64_t units = 0;
  std::string where;

  std::string to_text() const;
  static std::optional<RunSpec> from_text(std::string text);
};

// Numbers are on disk: append only.
enum class RunEnding : std::uint8_t {
  exited = 0,
  time_limit = 1,
  stopped = 2,
  lease_out = 3,
  out_of_memory = 4,
  wrapper_killed = 5,
  machine_restarted = 6,
  never_ran = 7,    // the claim is made but the machine refused: it never starts
  told_to_end = 8,  // by the batch system, which alone knows why
};

struct RunStatus {
  RunEnding ending = RunEnding::exited;
  int code = 0;  // as shells have it: 128 + signal
  int signal = 0;
  std::int64_t elapsed_us = 0;
  std::int64_t cpu_us = 0;
  std::int64_t memory_peak_kib = 0;
  std::int64_t started_ms = 0;  // wall time
  std::int64_t ended_ms = 0;
  std::string reason;
  std::string where;  // when the wrapper knows better than the spec
  // Under a batch system: only that knows why it ended (a kill from outside), or whether nothing of it is alive (on
  // other nodes). The daemon asks it and writes the status again.
  bool unsettled = false;

  std::string to_text() const;
  static std::optional<RunStatus> from_text(std::string text);
};

}  // namespace hansa
