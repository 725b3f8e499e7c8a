// What a run's folder says of the run, and nothing but the folder: so that a daemon that has just come up knows as much
// as one that was there all the time.
#pragma once

#include <optional>

#include "hansa/ports/backend.hpp"
#include "src/backends/process/claim.hpp"
#include "src/backends/process/run_files.hpp"
#include "src/backends/process/run_spec.hpp"

namespace hansa {

enum class Standing {
  untouched,     // nobody has claimed its start
  host_claimed,  // it never starts
  never_ran,     // a wrapper claimed it and the machine refused: it never starts
  running,       // a wrapper holds the claim and is alive
  orphaned,      // a wrapper holds the claim, is dead, and has not said how the run ended
  ended,
};

struct RunSight {
  Standing standing = Standing::untouched;
  Claim claim;       // unless untouched
  RunStatus status;  // when never_ran or ended
  Fd wrapper;        // when running
};

RunSight see_run(int control_folder);

// The outcome that a status means; `spec` adds where it ran and what it is charged for.
bool by_lease(const RunStatus& status);
Outcome outcome_of(const RunStatus& status, const RunSpec& spec);

}  // namespace hansa
