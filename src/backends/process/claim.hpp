// The start claim: who decided whether a run starts.
//
// It is a symlink whose text is its content. The kernel makes one exclusively and with its content in one step, so
// that no crash can leave a claim without an owner. A wrapper is named so that it can be told from a later process
// with the same number: by pid, start time in ticks, and boot.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

namespace hansa {

struct ProcessIdentity {
  pid_t pid = 0;
  std::uint64_t start_ticks = 0;
  std::string boot;

  bool operator==(const ProcessIdentity&) const = default;
};

struct Claim {
  bool by_host = false;
  ProcessIdentity wrapper;      // unless by_host
  std::int64_t made_at_ms = 0;  // wall time
};

enum class ClaimAttempt { won, taken, failed };  // failed: errno says why

ClaimAttempt make_claim(int control_folder, const Claim& claim);
std::optional<Claim> read_claim(int control_folder);

// What /proc/PID/stat says of a process.
struct ProcessFacts {
  char state = 0;
  pid_t parent = 0;
  pid_t session = 0;
  std::uint64_t start_ticks = 0;
};
std::optional<ProcessFacts> process_facts(pid_t pid);

std::string read_boot_id();

}  // namespace hansa
