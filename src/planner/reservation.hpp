// The promise of EASY backfilling (Lifka 1995): the first of a pool's line that can't start now gets the earliest time
// at which the expected ends of what is under way leave it room, and nothing that starts out of turn may delay that.
//
// It is kept node by node. A later request may start now if it ends by `start`, or if it takes only what is `spare`:
// free on its node at `start` with the head's share already set aside.
#pragma once

#include <optional>
#include <vector>

#include "hansa/types/resources.hpp"
#include "hansa/types/time.hpp"
#include "src/planner/pool_ledger.hpp"

namespace hansa {

struct Reservation {
  Instant start = end_of_time;
  std::vector<NodeResources> spare;

  // Something was started (or held) by the rule above, to end at `end`.
  void account(const Allocation& allocation, Instant end);
};

// For a head of this shape. `start` is the beginning of time when it would fit at once, end_of_time when what is under
// way leaves it no room even when all of it has ended.
Reservation reserve(const PoolLedger& ledger, const Shape& head);

// The earliest time at which `shape` would fit if nobody else waited.
Instant when_fits(const PoolLedger& ledger, const Shape& shape);

}  // namespace hansa
