#include "src/backends/process/run_sight.hpp"

#include <string.h>

#include "src/backends/process/process_handle.hpp"

namespace hansa {

static bool see_status(int control_folder, RunSight& sight) {
  auto text = read_file_at(control_folder, "status");
  if (!text) return false;
  const auto status = RunStatus::from_text(std::move(*text));
  if (!status) return false;
  sight.status = *status;
  sight.standing = status->ending == RunEnding::never_ran ? Standing::never_ran : Standing::ended;
  return true;
}

RunSight see_run(int control_folder) {
  RunSight sight;
  const auto claim = read_claim(control_folder);
  if (!claim) return sight;
  sight.claim = *claim;
  if (claim->by_host) {
    sight.standing = Standing::host_claimed;
    return sight;
  }
  if (see_status(control_folder, sight)) return sight;
  sight.wrapper = open_process(claim->wrapper);
  if (sight.wrapper.valid()) {
    sight.standing = Standing::running;
    return sight;
  }
  // It may have ended between the two looks.
  if (!see_status(control_folder, sight)) sight.standing = Standing::orphaned;
  return sight;
}

static FinalState state_of(const RunStatus& status) {
  switch (status.ending) {
    case RunEnding::exited:
      return status.code == 0 ? FinalState::completed : FinalState::failed;
    case RunEnding::time_limit:
      return FinalState::timeout;
    case RunEnding::stopped:
    case RunEnding::lease_out:
      return FinalState::cancelled;
    case RunEnding::out_of_memory:
      return FinalState::out_of_memory;
    case RunEnding::machine_restarted:
      return FinalState::node_fail;
    case RunEnding::wrapper_killed:
    case RunEnding::never_ran:
    case RunEnding::told_to_end:
      break;
  }
  return FinalState::failed;
}

static std::string reason_of(const RunStatus& status) {
  if (!status.reason.empty()) return status.reason;
  if (status.ending == RunEnding::time_limit) return "its time limit was reached";
  if (status.ending == RunEnding::out_of_memory) return "it needed more memory than it asked for";
  if (status.signal != 0) {
    const char* name = ::sigabbrev_np(status.signal);
    return "ended by signal " + std::to_string(status.signal) +
           (name != nullptr ? " (SIG" + std::string(name) + ")" : "");
  }
  return status.code == 0 ? std::string() : "exit code " + std::to_string(status.code);
}

bool by_lease(const RunStatus& status) {
  return status.ending == RunEnding::lease_out;
}

Outcome outcome_of(const RunStatus& status, const RunSpec& spec) {
  Outcome outcome;
  outcome.state = state_of(status);
  outcome.exit = {.code = status.code, .signal = status.signal};
  outcome.usage.elapsed = Duration(status.elapsed_us);
  outcome.usage.cpu = Duration(status.cpu_us);
  outcome.usage.memory_peak_mib = static_cast<std::uint64_t>((status.memory_peak_kib + 1023) / 1024);
  outcome.usage.unit_hours = static_cast<double>(spec.units) * seconds(outcome.usage.elapsed) / 3600.0;
  outcome.reason = reason_of(status);
  outcome.started = WallTime{status.started_ms};
  outcome.ended = WallTime{status.ended_ms};
  outcome.where = status.where.empty() ? spec.where : status.where;
  return outcome;
}

}  // namespace hansa
