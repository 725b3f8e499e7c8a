// A process by a handle that can't come to mean another one: pidfd. It can be watched and signalled whoever its parent
// is.
#pragma once

#include <string>
#include <vector>

#include "hansa/types/result.hpp"
#include "src/backends/process/claim.hpp"
#include "src/backends/process/run_files.hpp"
#include "src/backends/process/stop_request.hpp"

namespace hansa {

Fd open_process(pid_t pid);
// Invalid unless the very process named is alive.
Fd open_process(const ProcessIdentity& identity);
void kill_process(const Fd& handle);
void ask_wrapper_to_stop(const Fd& handle, StopRequest request);
// Reaps it if it is a child of ours; its exit code, 128 + signal, or -1 for another's.
int reap_process(const Fd& handle);

struct StartedWrapper {
  pid_t pid = 0;
  Fd handle;
  Fd notify;  // readable when the job runs: its start's wall time in ms, 8 bytes; or at its end
};
// With posix_spawn, in a session of its own; never forks this process.
Result<StartedWrapper> start_wrapper(const std::string& shim, const std::string& control_folder);

}  // namespace hansa
