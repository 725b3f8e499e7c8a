#include "src/backends/slurm/slurm_run.hpp"

#include <signal.h>

#include <algorithm>
#include <array>

namespace hansa {

SlurmSight see_slurm_run(int control_folder) {
  SlurmSight sight;
  const auto claim = read_claim(control_folder);
  if (!claim) return sight;
  sight.claim = *claim;
  sight.standing = claim->by_host ? SlurmStanding::host_claimed : SlurmStanding::running;
  if (claim->by_host) return sight;
  sight.pulse = read_pulse(control_folder);
  const auto status = RunStatus::from_text(read_file_at(control_folder, "status").value_or(""));
  if (!status) return sight;
  sight.status = *status;
  sight.standing = status->ending == RunEnding::never_ran ? SlurmStanding::never_ran
                   : status->unsettled                    ? SlurmStanding::unsettled
                                                          : SlurmStanding::ended;
  return sight;
}

// Slurm's accounting kills what takes too much memory and says so in the log only; its cgroups say so in the state.
static bool is_out_of_memory(std::string_view state, std::string_view log) {
  if (state == "OUT_OF_MEMORY") return true;
  for (const std::string_view words :
       {"exceeded memory limit", "Exceeded job memory limit", "oom_kill event", "oom-kill"}) {
    if (log.find(words) != log.npos) return true;
  }
  return false;
}

// A controller that was killed as it started a job starts it again when it comes up; the node refuses the second copy,
// and Slurm cancels both. Nobody wished that: it is the machine's failure.
static bool was_cancelled_by_mistake(const RunStatus& status, std::int64_t up_since_s) {
  constexpr std::int64_t before_ms = 10'000, after_ms = 10'000, life_ms = 10'000;
  const auto up_ms = up_since_s * 1'000;
  const bool began_then = status.started_ms > up_ms - before_ms && status.started_ms < up_ms + after_ms;
  return began_then && status.ended_ms - std::max(status.started_ms, up_ms) < life_ms;
}

// Takes over what Slurm did to the job, if its state says that it did anything.
static bool was_ended_by_slurm(RunStatus& status, std::string_view state, std::optional<std::int64_t> up_since_s) {
  if (state == "TIMEOUT" || state == "DEADLINE") {
    status.ending = RunEnding::time_limit;
    status.reason.clear();
  } else if (state == "CANCELLED" && up_since_s && was_cancelled_by_mistake(status, *up_since_s)) {
    status.ending = RunEnding::machine_restarted;
    status.reason = "cancelled by Slurm itself as its controller came up again";
  } else if (state == "CANCELLED") {
    status.ending = RunEnding::stopped;
    status.reason = "cancelled in Slurm";
  } else if (state == "PREEMPTED") {
    status.ending = RunEnding::machine_restarted;
    status.reason = "preempted in Slurm";
  } else if (state == "NODE_FAIL" || state == "BOOT_FAIL") {
    status.ending = RunEnding::machine_restarted;
    status.reason = "its node failed, says Slurm (" + std::string(state) + ")";
  } else {
    return false;
  }
  return true;
}

void settle_status(RunStatus& status, std::string_view state, std::string_view log,
                   std::optional<std::int64_t> up_since_s) {
  status.unsettled = false;
  const bool killed = status.signal == SIGKILL || status.code == 128 + SIGKILL ||  // the second from a shell
                      status.ending == RunEnding::wrapper_killed;
  const bool untold = status.ending == RunEnding::told_to_end || status.ending == RunEnding::wrapper_killed;
  const bool failed = status.ending == RunEnding::exited && status.code != 0;
  if (killed && status.ending != RunEnding::time_limit && is_out_of_memory(state, log)) {
    status.ending = RunEnding::out_of_memory;
    status.reason.clear();
    return;
  }
  if (!untold && !failed) return;
  if (was_ended_by_slurm(status, state, up_since_s)) return;
  // Slurm's nodes end what its controller does not know; their word for it is in the log alone.
  if (state.empty() && (untold || log.find(" CANCELLED AT ") != log.npos)) {
    status.ending = RunEnding::machine_restarted;
    status.reason = "Slurm ended it and does not know it any more";
    return;
  }
  if (failed) return;
  if (state == "COMPLETED" && status.code == 0 && status.ending == RunEnding::told_to_end) {
    status.ending = RunEnding::exited;  // it was told to as it ended by itself
    status.reason.clear();
    return;
  }
  status.ending = RunEnding::wrapper_killed;
  status.reason = "its wrapper was killed, and the job with it; Slurm says " + std::string(state);
}

bool is_passing_failure(const CommandResult& result, bool over_ssh) {
  if (result.timed_out || result.code < 0 || (over_ssh && result.code == 255)) return true;
  static constexpr std::array<std::string_view, 15> words{
      "Unable to contact", "timed out",     "connect failure", "Connection refused",   "temporarily", "ommunication",
      "Zero Bytes",        "unge",          "uthentication",   "Resource temporarily", "SubmitJob",   "submit limit",
      "Slurm backup",      "No space left", "in standby"};
  return std::any_of(words.begin(), words.end(), [&](auto word) { return result.err.find(word) != std::string::npos; });
}

}  // namespace hansa
