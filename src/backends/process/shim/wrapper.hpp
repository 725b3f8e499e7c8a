// The wrapper of one run: claims its start, runs its job, guards it, and keeps how it ended.
#pragma once

namespace hansa {

// Exit codes of the wrapper, for the daemon that started it.
inline constexpr int wrapper_done = 0;        // the status file says how it ended
inline constexpr int wrapper_claim_lost = 3;  // somebody else made the claim
inline constexpr int wrapper_unusable = 4;    // the run's folder can't be read or written; no claim was made

// `notify` is a pipe on which the wrapper writes the start's wall time (8 bytes) once the job runs; -1 for none.
int run_wrapper(const char* control_folder, int notify);

}  // namespace hansa
