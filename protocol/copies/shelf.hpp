// Shelf: the copies of other origins' job records that are kept here, and how old each is.
//
// A copy says what its origin last said of a job. It decides nothing, and answers whoever asks here for a job of a site
// that is absent. Bounded, for each origin and in all: when an origin has too many, those that ended first go first.
//
// Invariants: (1) a copy comes from the site whose store made the job; (2) it is on disk before it is confirmed; (3) a
// late message never puts an older state over a newer one. See docs/protocol/06-copies.md.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <vector>

#include "hansa/types/records.hpp"
#include "protocol/effects.hpp"

namespace hansa {

struct ShelfOptions {
  // How many copies are kept of one origin, and of all. A copy takes about half a kilobyte.
  std::size_t copies_per_origin_max = 20'000;
  std::size_t copies_max = 60'000;
  // How long a copy is kept after it was last told. Its origin may be lost for good, or may have found other holders.
  Duration kept_for = std::chrono::hours(24 * 30);
  Duration sweep_every = std::chrono::hours(1);
};

class Shelf {
 public:
  explicit Shelf(ShelfOptions options) : options_(options) {}

  void restore(std::vector<JobCopy> copies);
  // `store`: that the sender answers under.
  void tick(Now now, Effects& out);
  std::optional<Instant> deadline() const;
  void step(Now now, const SiteName& from, const StoreId& store, const KeepCopies& message, Effects& out);

  // What was found out of a job by others than its origin: newer than what is known.
  void learn(Now now, const SiteName& origin, JobRecord record, Effects& out) {
    put(now, origin, std::move(record), out);
  }
  // It is still as it is known.
  void confirm(Now now, const JobId& job);

  // Of several jobs of that name, under an older and a newer store, the one that was told of last.
  const JobCopy* find(const JobName& name) const;
  const JobCopy* find(const JobId& job) const;
  const std::map<JobId, JobCopy>& copies() const { return copies_; }
  std::size_t count_of(const SiteName& origin) const;

 private:
  struct Line {
    std::set<JobId> ended;
    std::size_t count = 0;
    std::set<StoreId> stores;
    GrantNumber last;  // of its messages
    Shared<JobRequest> request;
  };

  ShelfOptions options_;
  std::map<JobId, JobCopy> copies_;
  std::map<SiteName, Line> lines_;
  std::optional<Instant> next_sweep_;

  void put(Now now, const SiteName& from, JobRecord record, Effects& out);
  void drop(JobId job, Effects& out);
  bool make_room(Line& line, Effects& out);
  void enter(Line& line, const JobCopy& copy);
};

}  // namespace hansa
