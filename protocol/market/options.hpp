// The knobs of the market.
#pragma once

#include <cstddef>
#include <cstdint>

#include "hansa/types/result.hpp"
#include "hansa/types/time.hpp"

namespace hansa {

struct MarketOptions {
  // --- Whom to ask.

  // Sites asked for one call. Raising it finds better places from old digests and costs messages and holds. Sane: 2–16.
  std::size_t fanout = 4;
  // Sites asked for a question without an award (submit --test-only). Sane: 4–64.
  std::size_t quote_fanout = 16;
  // Candidates expected to end this close to each other are as good as equal: chance decides among them, so that many
  // origins do not all ask the same. Raising it spreads more and places worse. Sane: 0–60 s.
  Duration near_tie = std::chrono::seconds(5);
  // Assumed of a link that was not measured yet, in bytes a second.
  double bandwidth_unknown = 50e6;

  // --- How long a call is open.

  // A bidder that is silent for longer is left out; never less than three times the slowest round trip asked.
  // Raising it waits for slower sites, and holds others' units longer. Sane: 50 ms–5 s.
  Duration answer_by = std::chrono::milliseconds(200);
  // A call that found a start at once on the most wanted model closes early if the files take no longer than this.
  Duration early_transfer_max = std::chrono::seconds(1);
  // A bid is not taken up in the last part of its life: the award has to arrive within it.
  Duration bid_life_min = std::chrono::milliseconds(500);

  // --- When a job that could stay moves.

  // What another site must gain, doubled for each time that the job was awarded away before. Raising it moves fewer
  // jobs for less. Sane: 1 s–10 min.
  Duration margin = std::chrono::seconds(3);
  std::uint32_t margin_doublings_max = 10;

  // --- How often it is asked again for those who wait.

  // Between two calls for equal jobs, when gossip tells of something better. Sane: 100 ms–1 min.
  Duration call_interval = std::chrono::seconds(1);
  // A call that brought nothing doubles the pause, up to this. Sane: 5 s–10 min.
  Duration call_interval_max = std::chrono::seconds(30);
  // Jobs that wait are looked at again after this even if gossip told nothing. Sane: 5 s–10 min.
  Duration look_again = std::chrono::seconds(30);

  // --- Work within one tick.

  // Calls open at a time; more wait their turn. Sane: 16–1,024.
  std::size_t calls_open_max = 256;
  // Kinds of waiting jobs looked at in one tick, and sites weighed for them; the rest follows after `scan_pace`.
  std::size_t scan_groups_max = 64;
  std::size_t scan_sites_max = 4'096;
  Duration scan_pace = std::chrono::milliseconds(20);

  // --- Passing over.

  // A host that refused or gave back is passed over, for that job at once, for all after `failures_tolerated` in a row;
  // first for this long, doubled each time up to the last.
  Duration pass_over_first = std::chrono::seconds(2);
  Duration pass_over_last = std::chrono::minutes(10);
  std::uint32_t failures_tolerated = 3;
  // A site that says it is called too often is not called for as long as it says, but no longer than this.
  Duration wait_when_told_max = std::chrono::minutes(1);

  // Sites named in an explanation.
  std::size_t explained_sites_max = 64;
};

// Names the first value that makes no sense.
Status validate(const MarketOptions& options);

}  // namespace hansa
