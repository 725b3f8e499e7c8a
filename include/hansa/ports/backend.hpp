// Port: what runs jobs at a site. Starts, stops, reports and finds again; decides nothing.
//
// Threading: commands come from one thread (the backend actor's) and may block; events go to the handler from any
// thread. Ordering: commands for one run are carried out in the order given. Idempotence: a command that comes again
// (after a restart nobody knows whether it was carried out) has the effect of one; its event is sent again.
// Failure: a command that can't be carried out ends in an event that says so, never in silence.
//
// The start claim: before a run starts, its wrapper creates the run's marker exclusively; claim() tries the same for
// the host. Whoever made it decides: a start that comes second ends at once.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "hansa/types/ids.hpp"
#include "hansa/types/job.hpp"
#include "hansa/types/resources.hpp"
#include "hansa/types/result.hpp"
#include "hansa/types/time.hpp"

namespace hansa {

// --- Commands -------------------------------------------------------------------------------------------------------

struct StartRun {
  RunKey run;
  std::string job_name;  // "wujiang-1042", what the job sees as HANSA_JOB_ID
  SiteName origin;
  Shared<JobRequest> request;
  EncodedPayload payload;  // attached by the shell
  Allocation allocation;
  bool under_lease = false;
  Instant lease_until = end_of_time;  // the run must be dead by then
  std::string account;                // the local user it belongs to; empty: the backend's own choice

  bool operator==(const StartRun&) const = default;
};
enum class StopReason : std::uint8_t { cancelled, lease_out, returned };
// TERM, grace, KILL; answered by RunEnded once nothing of it is alive. A run not started is claimed instead: answered
// by ClaimDecided{won}, then by a RunEnded in which no time elapsed.
struct StopRun {
  RunKey run;
  StopReason reason = StopReason::cancelled;

  bool operator==(const StopRun&) const = default;
};
// Answered by ClaimDecided.
struct ClaimRun {
  RunKey run;

  bool operator==(const ClaimRun&) const = default;
};
// What became of this run? Answered by RunFound. Asked of every run on record after a restart.
struct LookForRun {
  RunKey run;

  bool operator==(const LookForRun&) const = default;
};
struct ExtendLease {
  RunKey run;
  Instant lease_until;

  bool operator==(const ExtendLease&) const = default;
};
// Its record is gone: its folder, outputs and logs may go.
struct ForgetRun {
  RunKey run;

  bool operator==(const ForgetRun&) const = default;
};
// Stops every run whose key is not in `known`: those of a store that was lost. Answered by StrayRunsStopped.
struct StopStrayRuns {
  std::vector<RunKey> known;

  bool operator==(const StopStrayRuns&) const = default;
};

using BackendCommand = std::variant<StartRun, StopRun, ClaimRun, LookForRun, ExtendLease, ForgetRun, StopStrayRuns>;

// --- Events ---------------------------------------------------------------------------------------------------------

// The wrapper holds the claim and the job runs.
struct RunStarted {
  RunKey run;
  WallTime at;

  bool operator==(const RunStarted&) const = default;
};
// It did not start and never will (the claim is taken, or the machine refused).
struct StartFailed {
  RunKey run;
  bool claim_lost = false;
  std::string text;

  bool operator==(const StartFailed&) const = default;
};
// It ran and is over; nothing of it is alive.
struct RunEnded {
  RunKey run;
  Outcome outcome;        // without outputs, which are collected afterwards
  bool by_lease = false;  // its wrapper ended it because its lease ran out

  bool operator==(const RunEnded&) const = default;
};
struct ClaimDecided {
  RunKey run;
  bool won = false;  // true: it never starts; false: it has started

  bool operator==(const ClaimDecided&) const = default;
};
enum class FoundState : std::uint8_t { never_started, claimed, running, ended };
struct RunFound {
  RunKey run;
  FoundState state = FoundState::never_started;
  Outcome outcome;        // when ended
  bool by_lease = false;  // when ended: its lease ran out
  WallTime started;       // when running

  bool operator==(const RunFound&) const = default;
};
struct StrayRunsStopped {
  std::vector<RunKey> stopped;

  bool operator==(const StrayRunsStopped&) const = default;
};

// What a batch system says of its nodes and its queue, whenever that changed; from backends with a queue of their own.
struct LoadReported {
  // Who is on which nodes: runs of ours, and under keys of no store whatever else takes units there (jobs of the batch
  // system's own users; nodes that are down or drained). Nodes are counted as in the pool.
  struct Use {
    RunKey run;
    bool foreign = false;
    Allocation allocation;
    Instant end = end_of_time;

    bool operator==(const Use&) const = default;
  };
  // A run of ours that waits in the batch system's line.
  struct Wait {
    RunKey run;
    Instant start = end_of_time;  // as the batch system expects it; end_of_time: it does not say

    bool operator==(const Wait&) const = default;
  };
  struct Outlook {
    std::string pool;
    std::uint32_t nodes_usable = 0;
    bool others_wait = false;  // in the batch system's line, without us
    // When one unit, a quarter of the pool and the whole pool would start, says the batch system.
    Instant small{}, middle{}, large{};

    bool operator==(const Outlook&) const = default;
  };
  std::string problem;    // not empty: it does not answer; what was known of it stands
  bool given_up = false;  // … and has not for so long that who waits here should go elsewhere
  std::vector<Use> uses;
  std::vector<Wait> waits;
  std::vector<Outlook> pools;

  bool operator==(const LoadReported&) const = default;
};

using BackendEvent =
    std::variant<RunStarted, StartFailed, RunEnded, ClaimDecided, RunFound, StrayRunsStopped, LoadReported>;

class BackendHandler {
 public:
  virtual ~BackendHandler() = default;
  virtual void on_event(BackendEvent event) = 0;
};

// What a backend can do; the brain asks before it bids.
struct BackendAbilities {
  bool holds_leases = false;            // a run's own wrapper ends it at its deadline, daemon up or down
  std::uint32_t lease_nodes_max = ~0u;  // … of a run of so many nodes at most
  bool has_own_queue = false;           // the planner only estimates
  std::vector<Pool> pools;              // as the batch system has them; empty: as the configuration says
  std::vector<std::string> labels;      // what it says of its nodes beside what the configuration says
  std::string limits;  // how resource limits are enforced here, said at start: "cgroup v2: memory, cpu, pids"

  bool operator==(const BackendAbilities&) const = default;
};

class Backend {
 public:
  virtual ~Backend() = default;

  virtual BackendAbilities abilities() const = 0;
  virtual void perform(const BackendCommand& command) = 0;

  // The run's folder with its files, where inputs are laid out before a start and outputs are found afterwards; made
  // when it does not exist. Empty for a backend that lays files out itself.
  virtual Result<std::string> folder_of(const RunKey& run) = 0;
  // Where the run's output streams are written.
  virtual std::string stdout_file(const RunKey& run) const = 0;
  virtual std::string stderr_file(const RunKey& run) const = 0;
};

}  // namespace hansa
