// What a wrapper and the daemon tell each other across machines, where no signal and no process handle reaches: small
// files in the run's control folder, beside those of run_files.hpp.
//
//   lease  by when the run must be dead. CLOCK_BOOTTIME of the daemon's machine, and the same by the wall clock for a
//          wrapper on another machine, which reads its own wall clock once and counts on by its own boot time
//   stop   the daemon's wish that the run ends, and why
//   pulse  rewritten by the wrapper again and again: a wrapper whose pulse goes on is alive, whatever the batch system
//          says; it also says since when the job runs, and as which job of the batch system
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "src/backends/process/stop_request.hpp"

namespace hansa {

struct LeaseFile {
  std::int64_t until_us = 0;
  std::string boot;          // whose boot time that is
  std::int64_t skew_us = 0;  // how far clocks of two machines may be apart
};
// False with errno set.
bool write_lease(int control_folder, const LeaseFile& lease);
// In boot time of this machine, whose boot is `boot`; nothing when it can't be read.
std::optional<std::int64_t> read_lease(int control_folder, const std::string& boot);

bool write_stop(int control_folder, StopRequest request);
std::optional<StopRequest> read_stop(int control_folder);

struct Pulse {
  std::int64_t count = 0;
  std::int64_t started_ms = 0;  // wall time; 0: the job does not run yet
  std::int64_t batch_job = 0;
  std::string where;

  bool operator==(const Pulse&) const = default;
};
bool write_pulse(int control_folder, const Pulse& pulse);
std::optional<Pulse> read_pulse(int control_folder);

}  // namespace hansa
