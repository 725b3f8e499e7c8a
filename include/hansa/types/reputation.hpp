// What one site holds for and against another, of its own experience.
#pragma once

#include "hansa/types/fields.hpp"
#include "hansa/types/time.hpp"

namespace hansa {

// Counts fade with time, so they are seldom whole.
struct PromiseCounts {
  double kept = 0;          // runs started in time, and runs brought to an end
  double broken = 0;        // awards refused, runs given back, never started in time, or lost with their node
  double lost_seconds = 0;  // that jobs spent in its hands for nothing

  HANSA_FIELDS(kept, broken, lost_seconds)
  bool operator==(const PromiseCounts&) const = default;
};

// Kept over a restart.
struct KeptReputation {
  PromiseCounts counts;
  WallTime as_of;

  HANSA_FIELDS(counts, as_of)
  bool operator==(const KeptReputation&) const = default;
};

}  // namespace hansa
