// The knobs of admission.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "hansa/types/time.hpp"

namespace hansa {

struct AdmissionOptions {
  // How far two sites' clocks may be apart before certificates of one look false to the other. Raised: worse clocks
  // are borne, and a certificate lives on that much longer. 1 – 30 min.
  Duration skew = std::chrono::minutes(10);
  // How long an admission or renewal lasts. Raised: a silent site stays a member for longer. 1 – 365 days.
  Duration lifetime = std::chrono::hours(24 * 90);
  // What anybody's certificate may last. It bounds what a member can promise.
  Duration lifetime_max = std::chrono::hours(24 * 400);
  // A renewal is asked for when this part of a certificate's life is over, and again at this interval.
  double renew_after = 2.0 / 3;
  Duration renew_retry = std::chrono::minutes(1);
  // Votes of one eviction lie at most this far apart.
  Duration votes_within = std::chrono::hours(24 * 30);
  // Two admissions of one name within the same such span count as made at once: the smaller key has it.
  Duration at_once = std::chrono::minutes(10);
  // What gossip missed is found by comparing with one peer. Raised: later; lowered: more bytes. 5 s – 5 min.
  Duration summary_every = std::chrono::seconds(10);
  // Who is put out may still hear why. 0 – 10 s.
  Duration parting = std::chrono::seconds(2);
  // Bounds of memory and of messages.
  std::size_t statements_max = 50'000;
  std::size_t statements_per_message = 256;
  std::size_t invitations_max = 1'000;
  std::size_t bad_statements_max = 3;  // of one sender, and it is cut off
};

inline WallTime later(WallTime at, Duration by) {
  return WallTime{at.unix_ms + std::chrono::duration_cast<std::chrono::milliseconds>(by).count()};
}

}  // namespace hansa
