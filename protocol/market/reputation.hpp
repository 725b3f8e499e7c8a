// Reputation: what each peer's word to this site was worth, as seconds.
//
// Problem: a bid is a promise, and nothing makes a peer keep it. Passing over (passing_over.hpp) avoids a host for
// minutes after failures in a row; one that is late every time, or gives back every third job, is back after each
// success. Idea: what its broken and late promises have cost this site, for each promise that it kept, is what the next
// one costs on average. That is added, in seconds, to what is expected of each of its bids, so that a better offer of a
// bad peer is still taken when it is better by more than that. Half of it is forgotten every few hours: who mended
// comes back, and a newcomer owes nothing.
//
// Each site counts alone, what it saw itself: nobody can be slandered, and nobody can praise himself.
// Invariants: (1) only failures raise the expected delay, promises kept only lower it; (2) it is bounded, whatever
// happens; (3) same events, same figures.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hansa/types/ids.hpp"
#include "hansa/types/reputation.hpp"
#include "hansa/types/time.hpp"

namespace hansa {

struct ReputationOptions {
  // Half of what is held for or against a peer is forgotten after this. Longer punishes longer. Sane: 1 h–7 days.
  Duration half_life = std::chrono::hours(6);
  // Promises that everybody is taken to have kept before: one failure of a newcomer is no verdict. Sane: 1–10.
  double kept_before = 2;
  // What one broken promise counts at least (the job has to be placed again), and at most. Sane: 1 s–1 min; 10 min–1
  // day.
  Duration lost_min = std::chrono::seconds(5);
  Duration lost_max = std::chrono::hours(1);
};

class Reputation {
 public:
  explicit Reputation(const ReputationOptions& options) : options_(options) {}

  void kept(Instant now, const SiteName& site);
  // `lost`: how long the job was in its hands for nothing.
  void broken(Instant now, const SiteName& site, Duration lost);
  // A promise that counts as broken already goes on costing.
  void later(Instant now, const SiteName& site, Duration lost);

  // What a promise of this peer costs on average.
  Duration expected_delay(Instant now, const SiteName& site) const;
  // What is held for and against it by now; all zero for a stranger.
  PromiseCounts counts(Instant now, const SiteName& site) const;

  // From an earlier life of this daemon: as of `age` ago.
  void restore(Instant now, const SiteName& site, const PromiseCounts& counts, Duration age);
  // Sites whose counts changed since the last call.
  std::vector<SiteName> take_changed();

 private:
  struct Record {
    PromiseCounts counts;
    Instant as_of;
    bool changed = false;
  };
  PromiseCounts faded(const Record& record, Instant now) const;
  Record& touch(Instant now, const SiteName& site);

  ReputationOptions options_;
  std::map<SiteName, Record> sites_;
};

}  // namespace hansa
