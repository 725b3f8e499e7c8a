// CallQuota: how many calls of one caller this site thinks about.
//
// A call costs the planner an estimate, and its bids hold units; a caller that asks without end would have both to
// itself. Each caller has a bucket of calls that fills again at a steady rate. One that has emptied its bucket is
// declined without a look, and told how long to wait: until half of it is there again, so that it does not come back
// for every single one.
#pragma once

#include <algorithm>
#include <map>
#include <optional>

#include "hansa/types/ids.hpp"
#include "hansa/types/time.hpp"

namespace hansa {

struct CallQuotaOptions {
  // Calls of one caller in a second, and how many it may save up. Raising them serves origins of many small and
  // different jobs; equal jobs share a call. Sane: 100–5,000 a second.
  double per_second = 1'000;
  double saved_max = 2'000;
};

class CallQuota {
 public:
  explicit CallQuota(CallQuotaOptions options) : options_(options) {}

  // Nothing: the call is taken. Else how long the caller should not ask again.
  std::optional<Duration> refuse(Instant now, const SiteName& caller) {
    auto& bucket = buckets_.try_emplace(caller, Bucket{options_.saved_max, now}).first->second;
    bucket.saved = std::min(options_.saved_max, bucket.saved + seconds(now - bucket.at) * options_.per_second);
    bucket.at = now;
    if (bucket.saved >= 1) {
      bucket.saved -= 1;
      return std::nullopt;
    }
    const auto wait = (std::max(1.0, options_.saved_max / 2) - bucket.saved) / options_.per_second;
    return Duration{static_cast<Duration::rep>(wait * 1e6)};
  }

 private:
  struct Bucket {
    double saved = 0;
    Instant at{};
  };

  CallQuotaOptions options_;
  std::map<SiteName, Bucket> buckets_;  // of known sites only: nobody else is heard
};

}  // namespace hansa
