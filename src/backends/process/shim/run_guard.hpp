// RunGuard: watches a running job until its leader has ended, and ends it when it must.
//
// There are three reasons to end a job: its time limit, its lease, and the daemon's word. Each means TERM to the
// group, then KILL after the grace. All time is CLOCK_BOOTTIME. A lease is a promise that the run is dead by then, so
// that TERM comes a grace and a margin before it; the lease file is read again before anything is done for it, because
// it may have been extended since. Whether hansad runs makes no difference.
// Under a batch system the daemon may be on another machine: then its word is a file, looked for at each beat of the
// wrapper's pulse.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <limits>
#include <string>

#include "src/backends/process/run_files.hpp"
#include "src/backends/process/run_signs.hpp"
#include "src/backends/process/run_spec.hpp"

namespace hansa {

class RunGuard {
 public:
  // The signals it waits for must be blocked already.
  RunGuard(int control_folder, const RunSpec& spec);

  // Whether the lease leaves no time to run, or the daemon has asked for the end already.
  bool must_not_start(RunStatus& status);

  // Under a batch system, the pulse from here on; `started_ms` is 0 until the job runs.
  void beat(const Pulse& pulse);

  // Returns when the leader, started at this boottime, has ended; it is not reaped yet. Fills ending, reason,
  // elapsed_us.
  void watch(pid_t leader, std::int64_t started_us, RunStatus& status);

 private:
  static constexpr std::int64_t never = std::numeric_limits<std::int64_t>::max();

  void read_lease();
  void show_pulse();
  void look_for_stop(RunStatus& status);
  void arm(std::int64_t at) const;
  std::int64_t next_deadline() const;
  void on_signals(RunStatus& status);
  void on_time(std::int64_t now, RunStatus& status);
  void begin_ending(RunEnding why, RunStatus& status);
  bool leader_has_ended() const;

  int control_;
  const RunSpec& spec_;
  Fd signals_;
  Fd timer_;
  pid_t leader_ = 0;
  bool ending_ = false;
  std::int64_t limit_at_ = never;
  std::int64_t lease_term_at_ = never;
  std::int64_t lease_kill_at_ = never;
  std::int64_t kill_at_ = never;
  std::string boot_;
  Pulse pulse_;
  std::int64_t pulse_at_ = never;
};

}  // namespace hansa
