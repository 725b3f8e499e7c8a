// The knobs of membership. All follow from one: the protocol period.
//
// Each says what grows when it is raised, and a sane range. n is the number of reachable members, this site included.
#pragma once

#include <cstddef>
#include <cstdint>

#include "hansa/types/result.hpp"
#include "hansa/types/time.hpp"

namespace hansa {

struct MembershipOptions {
  // One member is probed each period. Raised: fewer bytes, slower detection and slower convergence. 100 ms – 10 s.
  Duration period = std::chrono::seconds(1);
  // How long a probe waits before others are asked to probe the same member. Raised: fewer needless requests over slow
  // links, later help. Twice the slowest round trip up to half a period.
  Duration probe_timeout = period * 2 / 5;
  // How many others are asked. Raised: fewer false suspicions when links are lossy, more messages. 1 – 5.
  std::uint32_t helpers = 3;

  // Local health h is counted from 0 to this; timeout and period of the own probes are stretched by (1 + h). Raised: a
  // sick site accuses others later, and detects later. 0 (off) – 10.
  std::uint32_t local_health_max = 8;

  // A suspicion that everybody shares lasts suspicion_periods × max(1, log10 n) periods. Raised: fewer false failures,
  // later detection. 3 – 8; must be longer than isolated_after.
  double suspicion_periods = 4;
  // A suspicion that nobody confirms lasts this many times longer. Raised: a site that alone can't reach a member does
  // less harm; detection in tiny federations is slower. 1 (Lifeguard off) – 8.
  double suspicion_stretch = 6;
  // Independent confirmations that bring it down to the shortest. Raised: more witnesses are needed. 1 – 5.
  std::uint32_t suspicion_confirmations = 3;

  // Each gossiped item is sent λ·ln(n + 1) times by everybody who learns it; about n^(1−λ) members miss it and wait for
  // a push-pull. Raised: fewer misses, more bytes. 1 – 4.
  double lambda = 2;
  // While there is something to tell, it is also pushed to a few members between probes. Raised interval: slower
  // spread, fewer messages. The items' bytes don't depend on either: λ counts them. period/10 – period; 1 – 4.
  Duration gossip_every = period / 4;
  std::uint32_t gossip_fanout = 3;
  // Gossip in one message. Raised: faster bursts, longer frames before a probe's answer. 500 – 8,000.
  std::size_t message_bytes_max = 1'200;

  // Exchange of the whole view with one random member. Raised: missed items stay missed for longer. 10 – 120 periods.
  Duration push_pull_every = period * 30;
  // Records and digests in one push-pull message. What is over waits for the next one. 64 KiB – 2 MiB.
  std::size_t push_pull_bytes_max = 1u << 20;
  // Probing one failed member, so that a healed partition merges by itself. Raised: later merge. 2 – 60 periods.
  Duration reconnect_every = period * 5;

  // Having heard from no peer for this long, a site takes itself for the isolated one. Raised: later knowledge; but
  // below two periods an unlucky loss isolates. 2 – 4 periods.
  Duration isolated_after = period * 3;
  // A timer that is served later than this shows that this site was stopped or overloaded; that time counts against
  // nobody. Raised: short stalls accuse others. period/5 – period.
  Duration late_after = period / 2;
  // An accused site answers with a new incarnation, on disk, no more often than this. period/4 – 2 periods.
  Duration refute_every = period / 2;

  // So many bad signatures from one sender, and it is reported for cut-off. 1 – 10.
  std::uint32_t bad_signatures_max = 3;
  // Bounds of memory: members in the view, items waiting to be gossiped, probes made for others at once.
  std::size_t members_max = 10'000;
  std::size_t queue_items_max = 4'096;
  std::size_t relays_max = 256;

  // Everything as above, from this period.
  static MembershipOptions with_period(Duration period);
  // Many sites on one machine; detection in a few seconds.
  static MembershipOptions laptop();
  // Data centres of one city: round trips of a few milliseconds.
  static MembershipOptions metro();
  // Across a country or an ocean: round trips up to 300 ms, some loss.
  static MembershipOptions wide_area();

  // Refuses what can't work, naming the knob and the reason.
  Status validate() const;
};

}  // namespace hansa
