// PassingOver: whom not to ask or award for a while, because it refused or gave back.
//
// One job may be the reason (its files, its labels), or the host. So the job avoids the host at once, and everyone does
// after some failures in a row with no success between. Each further failure doubles the time.
#pragma once

#include <algorithm>
#include <map>
#include <utility>

#include "hansa/types/ids.hpp"
#include "hansa/types/time.hpp"
#include "protocol/market/options.hpp"

namespace hansa {

class PassingOver {
 public:
  explicit PassingOver(const MarketOptions& options) : options_(options) {}

  void failed(Instant now, const JobId& job, const SiteName& site);
  void succeeded(const SiteName& site) { sites_.erase(site); }
  // The site asked not to be called for a while. No success ends that before its time.
  void asked_to_wait(Instant until, const SiteName& site) { waits_[site] = std::max(waits_[site], until); }
  void forget(const JobId& job);

  bool waits(Instant now, const SiteName& site) const;
  bool passes_over(Instant now, const SiteName& site) const;
  bool passes_over(Instant now, const SiteName& site, const JobId& job) const;

 private:
  struct Record {
    std::uint32_t failures = 0;
    Instant until = Instant::min();
  };
  Duration time_after(std::uint32_t failures) const;

  MarketOptions options_;
  std::map<SiteName, Record> sites_;
  std::map<SiteName, Instant> waits_;
  std::map<std::pair<JobId, SiteName>, Record> jobs_;
};

}  // namespace hansa
