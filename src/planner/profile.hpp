// Profile: how much of a pool is free over the time to come, as one number: parts of a node.
//
// One number, because the timetable is an estimate over hundreds of runs and must be cheap; what starts now is decided
// node by node (PoolLedger). A run under way counts with the largest part of a node that it takes of any resource; one
// that waits counts with the part that it makes useless for others like it.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "hansa/types/resources.hpp"
#include "hansa/types/time.hpp"
#include "src/planner/pool_ledger.hpp"

namespace hansa {

using Parts = std::int64_t;
inline constexpr Parts parts_of_node = 720'720;  // whole shares for all counts up to 16

// What `count` shares of a node take of a pool.
Parts parts_taken(const Pool& pool, const NodeResources& share, std::size_t count);

class Profile {
 public:
  // Of what is under way; with more than `ends_max` of those, ends that lie close together count as one.
  Profile(const PoolLedger& ledger, Instant now, std::size_t ends_max);

  // The earliest time, from `from` on, at which so much is free for so long.
  Instant earliest(Parts parts, Duration length, Instant from) const;
  void reserve(Parts parts, Instant start, Duration length);

  std::size_t size() const { return steps_.size(); }

 private:
  struct Step {
    Instant at;
    Parts free;
  };
  std::size_t cut(Instant at);

  std::vector<Step> steps_;  // ascending; each holds until the next; the last for ever
};

}  // namespace hansa
