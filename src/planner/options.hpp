// The knobs of the local queue. The defaults suit a site of up to some thousand nodes and 100,000 waiting runs.
#pragma once

#include <cstddef>
#include <cstdint>

#include "hansa/types/result.hpp"
#include "hansa/types/time.hpp"

namespace hansa {

struct EasyOptions {
  // How many different requests behind a pool's blocked head are tried for a start out of turn, each time something
  // changed. Equal requests count once. Raising it fills gaps better and makes every change cost more.
  // Sane: 16 to 4,096.
  std::size_t backfill_depth = 256;

  // How many waiting runs a pool get an expected start of their own; those behind them are estimated from the work that
  // waits before them. Raising it makes estimates for long queues better and slower. Sane: 16 to 4,096.
  std::size_t timetable_depth = 256;

  // When more runs than this are under way in a pool, ends that lie close together (within 3 % of their distance from
  // now) count as one in the timetable. Raising it makes estimates finer and slower. Sane: 64 to 8,192.
  std::size_t timetable_ends = 512;

  // Work that may go into the timetable, in its own small steps a second (a step is some nanoseconds): one that took
  // s steps is used for s / this seconds before a change makes it be built again. Raising it makes estimates follow
  // changes sooner and takes more of a core. Sane: 1,000,000 to 50,000,000.
  std::uint64_t timetable_steps_per_second = 10'000'000;

  // Aging. The line is ordered by the time from which a run has waited, so every waiting run grows older at the same
  // rate and none that comes later overtakes it, but to fill a gap that delays no head. A request for a whole pool
  // counts as having waited this much longer than it has, one for a part of it in proportion. Raising it lets large
  // gangs pass small requests; 0 is plain first come, first served. Sane: 0 to 24 h.
  Duration gang_credit{0};

  // What is not free now is never promised sooner than this. Sane: 100 ms to 60 s.
  Duration soonest{std::chrono::seconds(1)};

  // The time limit of the requests whose waits the digest tells. Sane: 1 min to 24 h.
  Duration typical_limit{std::chrono::hours(1)};
};

// Names the first value that makes no sense.
Status validate(const EasyOptions& options);

}  // namespace hansa
