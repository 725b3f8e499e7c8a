// How the daemon asks a wrapper to end its run: SIGUSR1 with one of these as its value, through the wrapper's pidfd.
// The wrapper is born with all signals blocked, so that a request waits until it is ready for it.
#pragma once

#include <csignal>

namespace hansa {

inline constexpr int stop_signal = SIGUSR1;

// 0 is what kill(1) sends.
enum class StopRequest : int { by_hand = 0, cancelled = 1, lease_out = 2, returned = 3 };

inline const char* words_for(StopRequest request) {
  switch (request) {
    case StopRequest::by_hand:
      return "its wrapper was told to stop it";
    case StopRequest::cancelled:
      return "cancelled";
    case StopRequest::lease_out:
      return "its lease ran out";
    case StopRequest::returned:
      return "given back to its origin";
  }
  return "stopped";
}

}  // namespace hansa
