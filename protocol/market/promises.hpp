// Promises: what peers said when they got jobs of this site, and whether they kept it.
//
// Problem: an award is answered at once, but what was promised with the bid is due later: that the run starts by then,
// and comes to an end. Idea: each promise is kept beside its job until the run has ended or is somewhere else, and what
// became of it is told to Reputation. A run that has not started some time after it should have, though its host is
// heard of, is overdue: it costs more the longer it lasts, and the job is put on the market again, as one that waits
// in a queue. It stays where it is until a better place holds units for it, and moves only if it has not started.
//
// Invariant: each promise counts once, as kept or as broken; a broken one goes on costing until the run starts.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "protocol/handoff/timers.hpp"
#include "protocol/market/order_book.hpp"
#include "protocol/market/reputation.hpp"

namespace hansa {

struct PromiseOptions {
  // How much later than promised a run may start: this, and a quarter of the wait that was promised. Shorter takes
  // jobs back sooner from hosts that are only slow. Sane: 5 s–10 min.
  Duration grace = std::chrono::seconds(30);
  // While its files are under way: how fast a link is, is no promise of the host's. Sane: 1 min–1 h.
  Duration staging_grace = std::chrono::minutes(10);
};

class Promises {
 public:
  Promises(const PromiseOptions& options, const ReputationOptions& reputation)
      : options_(options), reputation_(reputation) {}

  // An award to offer.site, whose run should start by offer.start.
  void made(Instant now, const JobId& job, const HomeOffer& offer);
  // Its host says: files are under way; it started at `at`.
  void staging(const JobId& job, const SiteName& site);
  void started(Instant now, const JobId& job, const SiteName& site, Instant at);
  // The run came to its end there; or it did not, and `lost` was in vain.
  void ended(Instant now, const JobId& job, const SiteName& site);
  void failed(Instant now, const JobId& job, const SiteName& site, Duration lost);
  // Refused, given back, or given up because its host did not answer.
  void broken(Instant now, const JobId& job, const SiteName& site);
  // The job is somewhere else, and nobody is to blame.
  void drop(const JobId& job);

  const SiteName* host(const JobId& job) const;
  // Where a job waits longer than was promised; `start` is when it may be expected there by now, for all at one host
  // the same.
  std::optional<HomeOffer> overdue(Instant now, const JobId& job) const;
  // Jobs to look at again because they are overdue. Those of hosts that are not heard of are left for later.
  template <class Hears>
  std::vector<JobId> take_overdue(Instant now, Hears hears_of) {
    std::vector<JobId> late;
    for (const auto& job : timers_.take_due(now)) {
      if (is_late(now, job, hears_of(promises_.at(job).offer.site))) late.push_back(job);
    }
    return late;
  }
  std::optional<Instant> deadline() const { return timers_.next(); }

  Reputation& reputation() { return reputation_; }
  const Reputation& reputation() const { return reputation_; }

 private:
  struct Promise {
    HomeOffer offer;
    Instant made;
    Instant counted;  // what it cost is told up to here
    bool overdue = false;
    bool staging = false;
    bool started = false;
  };
  Instant due(const Promise& promise) const;
  bool is_late(Instant now, const JobId& job, bool hears_of_host);
  void not_overdue(const JobId& job, const Promise& promise);
  Promise* find(const JobId& job, const SiteName& site);

  PromiseOptions options_;
  Reputation reputation_;
  std::map<JobId, Promise> promises_;
  std::map<SiteName, std::set<std::pair<Instant, JobId>>> overdue_;  // since when they should have started
  Timers<JobId> timers_;
};

}  // namespace hansa
