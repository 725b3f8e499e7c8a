// What time it is for staging: CLOCK_BOOTTIME, as everywhere.
#pragma once

#include <ctime>

#include "hansa/types/time.hpp"

namespace hansa::staging {

inline Instant boot_now() {
  struct timespec now {};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  const auto since_boot = std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
  return Instant(std::chrono::duration_cast<Duration>(since_boot));
}

}  // namespace hansa::staging
