// CapacityView: what the others have, as far as gossip tells.
//
// A digest is old when it is read, and everyone reads the same one: a herd would follow it to the one free site. So
// waits count down with the digest's age, and what this site has just asked for or awarded counts as gone until the
// site's next digest, which knows of it. Whether there really is room, only a bid says.
//
// Fed by membership with what it has verified; knows nothing of links and liveness. Contract:
// docs/protocol/03-gossip.md.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "hansa/types/job.hpp"
#include "hansa/types/site.hpp"
#include "hansa/types/time.hpp"

namespace hansa {

// What a pool of another site lets one expect for a request.
struct Outlook {
  std::string pool;
  std::string model;
  Shape shape;
  Duration start{0};
  double tflops = 0;  // of the shape; 0: unknown
  double price_per_hour = 0;
  std::size_t preference = 0;
  std::uint64_t units = 0;    // of one such request
  std::uint64_t at_once = 0;  // how many such requests could start now

  bool operator==(const Outlook&) const = default;
};

class CapacityView {
 public:
  struct Site {
    SiteRecord record;
    std::optional<CapacityDigest> digest;
    Instant digest_at;
    std::vector<std::uint64_t> taken;  // units by pool of the record, since the digest

    bool is_draining() const { return digest && digest->draining; }
  };

  // A newer record replaces an older one; a new StoreId or another set of pools voids the digest.
  void learn(const SiteRecord& record);
  // Whether the picture got better somewhere: more is free, or a wait is shorter. Old and unknown ones are ignored.
  bool learn(Instant now, const CapacityDigest& digest);
  void forget(const SiteName& site) { sites_.erase(site); }

  // This site asked for, or awarded, so much there; or it will not use it after all.
  void take(const SiteName& site, const std::string& pool, std::uint64_t units);
  void give_back(const SiteName& site, const std::string& pool, std::uint64_t units);

  const std::map<SiteName, Site>& sites() const { return sites_; }
  const Site* find(const SiteName& site) const;

  // One for each pool that could hold the request; none when the site could never hold it.
  std::vector<Outlook> outlooks(const Site& site, const JobRequest& request, Instant now) const;

 private:
  std::map<SiteName, Site> sites_;
};

// How another site's pool is known: the record's static facts with the digest's numbers.
Outlook outlook_of(const Pool& pool, const PoolDigest* digest, Duration age, std::uint64_t taken, const Shape& shape,
                   const ResourceRequest& request);

}  // namespace hansa
