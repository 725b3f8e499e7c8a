// Bidder: the bids that this site has out.
//
// A bid is a promise to one caller, in memory only. It is the fence of an award: an award is accepted only under a live
// bid, and a bid dies at its first use, whatever that is (accepted, refused, revoked, released, expired, restart). So
// an award that was delayed for a day meets a dead bid, and the origin that gave it up can be told so.
// Contract: docs/protocol/04-handoff.md, "Names and fences".
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "hansa/ports/ids.hpp"
#include "hansa/types/ids.hpp"
#include "hansa/types/job.hpp"
#include "hansa/types/time.hpp"
#include "protocol/handoff/timers.hpp"

namespace hansa {

class Bidder {
 public:
  struct LiveBid {
    SiteName caller;
    Shared<JobRequest> request;
    bool operator==(const LiveBid&) const = default;
  };

  BidId mint(IdSource& ids, const SiteName& caller, const Shared<JobRequest>& request, Instant valid_until);

  bool is_live(const BidId& bid, const SiteName& caller) const;
  // Whether a live bid was made for exactly this.
  bool is_for(const BidId& bid, const JobRequest& request) const;
  // The bid dies. Only its caller can use it up; nothing happens for anyone else's.
  bool use_up(const BidId& bid, const SiteName& caller);
  void expire(Instant now);
  std::optional<Instant> deadline() const { return expiry_.next(); }

  // Bids that died since the last call, so that what was held for them goes free.
  std::vector<BidId> take_dead() { return std::exchange(dead_, {}); }
  std::size_t live_count() const { return live_.size(); }
  std::size_t live_count_of(const SiteName& caller) const;

  bool operator==(const Bidder&) const = default;

 private:
  friend struct InsideView;  // tests/model tells states apart by all that a machine knows
  std::map<BidId, LiveBid> live_;
  std::map<SiteName, std::size_t> per_caller_;
  Timers<BidId> expiry_;
  std::vector<BidId> dead_;

  void kill(std::map<BidId, LiveBid>::iterator bid);
};

}  // namespace hansa
