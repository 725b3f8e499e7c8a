// What the market asks of whoever composes it: links, and this site's own queue. Only answers, never acts.
#pragma once

#include <optional>
#include <string>

#include "hansa/types/ids.hpp"
#include "hansa/types/job.hpp"
#include "hansa/types/time.hpp"
#include "hansa/types/words.hpp"

namespace hansa {

struct LinkFacts {
  MemberState state = MemberState::failed;
  bool connected = false;       // a message sent now would leave
  Duration rtt{0};              // measured; 0: not yet
  double bytes_per_second = 0;  // measured for bulk data; 0: not yet
};

class MarketView {
 public:
  virtual ~MarketView() = default;

  virtual LinkFacts link(const SiteName& site) const = 0;
  // This site reaches no peer: it asks for no bids.
  virtual bool isolated() const = 0;
  // When a job that waits in this site's own queue, or in another's, is expected to start there; nothing when it waits
  // there no more.
  // Of equal jobs the one that was placed first is expected no later than the others.
  virtual std::optional<Instant> home_start(const JobId& job, Instant now) = 0;
  // What promises of this peer cost this site on average (reputation.hpp).
  virtual Duration expected_delay(const SiteName&, Instant) const { return Duration{0}; }
  // Why this site's operator keeps the job from leaving for there; nothing when it may.
  virtual std::optional<std::string> why_not_sent(const JobRequest&, const SiteName&) const { return std::nullopt; }
};

}  // namespace hansa
