// Time as the brain knows it: a value that comes in with each event.
//
// Instants are CLOCK_BOOTTIME (they go on while a machine sleeps, and never jump). HansaClock has no now(), so that
// pure code can't ask. Times on the wire are durations: no two sites' clocks are ever compared. WallTime is for people
// to read and decides nothing.
#pragma once

#include <chrono>
#include <cstdint>

#include "hansa/types/fields.hpp"

namespace hansa {

using Duration = std::chrono::microseconds;

struct HansaClock {
  using duration = Duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<HansaClock>;
  static constexpr bool is_steady = true;
};

using Instant = HansaClock::time_point;

inline constexpr Duration forever = Duration::max() / 4;
inline constexpr Instant end_of_time = Instant{forever};

// Milliseconds since 1970-01-01 UTC; 0 means unknown.
struct WallTime {
  std::int64_t unix_ms = 0;

  bool known() const { return unix_ms != 0; }
  auto operator<=>(const WallTime&) const = default;
};

// What the outside world says at the moment of an event.
struct Now {
  Instant instant;
  WallTime wall;
};

constexpr double seconds(Duration d) {
  return std::chrono::duration<double>(d).count();
}

}  // namespace hansa
