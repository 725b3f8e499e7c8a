// One run under Slurm: what its folder says of it, and what the daemon keeps of it in memory while it looks after it.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "hansa/ports/backend.hpp"
#include "src/backends/process/claim.hpp"
#include "src/backends/process/run_signs.hpp"
#include "src/backends/process/run_spec.hpp"
#include "src/backends/process/stop_request.hpp"
#include "src/backends/slurm/command_runner.hpp"
#include "src/backends/slurm/slurm_text.hpp"

namespace hansa {

enum class SlurmStanding {
  untouched,     // nobody has claimed its start
  host_claimed,  // it never starts
  never_ran,     // a wrapper claimed it and the machine refused: it never starts
  running,       // a wrapper holds the claim and has not said how the run ended: alive, or killed
  unsettled,     // over, but how, or whether everywhere, Slurm has to say
  ended,
};

struct SlurmSight {
  SlurmStanding standing = SlurmStanding::untouched;
  Claim claim;
  RunStatus status;            // when over
  std::optional<Pulse> pulse;  // of the wrapper
};
SlurmSight see_slurm_run(int control_folder);

struct SlurmRun {
  std::optional<Command> submission;  // while the daemon is to see to it that Slurm has the run
  bool submitting = false;            // sbatch is under way
  bool unsure = false;                // sbatch may have succeeded: Slurm is asked before it is submitted again
  std::uint64_t id = 0;               // the last job of Slurm that was said or seen to be its
  Instant said_at{};                  // when sbatch said so, or failed
  Instant not_before{};               // the next try
  unsigned tries = 0;
  unsigned missing = 0;   // answers in a row in which Slurm did not know it
  unsigned launches = 0;  // that the nodes did not take

  bool told_started = false;
  WallTime started;
  std::int64_t beats = -1;
  Instant beat_at{};  // when the pulse was last seen to go on
  std::optional<Instant> unsettled_since;
  bool asked_accounting = false;
  std::string accounted;  // what sacct said of its end
  bool asked_up_since = false;
  std::optional<std::int64_t> up_since_s;  // Slurm's controller, as of its end

  StopRequest stop = StopRequest::by_hand;  // asked of it; by_hand: nothing was
  Instant stop_since{}, stop_said{};
  bool forget = false;
};

// What Slurm's word for a job's end means for a run that its wrapper could not tell the end of. `log` is what Slurm
// itself wrote into the run's batch log; `up_since_s` when its controller came up, if that is known.
void settle_status(RunStatus& status, std::string_view slurm_state, std::string_view log,
                   std::optional<std::int64_t> up_since_s = std::nullopt);

// Whether sbatch failed for now (Slurm is away, slow, or has too many jobs), rather than refusing this job for good.
bool is_passing_failure(const CommandResult& result, bool over_ssh);

}  // namespace hansa
