// Committer: batches on their way to the disk, in the order in which they were decided, by whichever thread is there.
//
// Problem: where a sync takes a tenth of a millisecond, waking another thread to make it takes as long again. Idea: the
// brain commits what it decided itself when nothing else waits for it and the disk has been quick of late; otherwise
// the store's thread does, with all that has come together meanwhile, while the brain goes on.
// Invariants: (1) one commit at a time, batches in order; (2) the brain never waits for another thread's commit;
// (3) what met a full disk goes first once there is room.
#pragma once

#include <cstddef>
#include <mutex>
#include <vector>

#include "actors/site.hpp"
#include "protocol/perform.hpp"
#include "src/store/commit_queue.hpp"

namespace hansa {

class Committer {
 public:
  enum class Outcome { idle, committed, disk_full, failed };
  struct Done {
    Outcome outcome = Outcome::idle;
    BatchNumber through;  // when committed: everything up to here is on disk
  };

  explicit Committer(SitePorts ports) : ports_(std::move(ports)) {}

  void append(BatchNumber batch, std::vector<StoreRecord> records);
  bool has_waiting() const;

  // One group. A store that failed stays failed.
  Done commit();
  // The same from the brain's thread, when it is likely to be quick; idle: left to the store's thread.
  Done commit_at_once();

 private:
  // A sync that takes longer than this is worth another thread.
  static constexpr Duration quick = std::chrono::microseconds(500);
  // After a slow one the brain lets that many go by.
  static constexpr std::size_t commits_watched = 64;
  // More records than these take their time, however quick the disk is.
  static constexpr std::size_t records_at_once_max = 64;

  SitePorts ports_;
  mutable std::mutex queue_mutex_;
  CommitQueue queue_;
  std::size_t records_waiting_ = 0;
  std::mutex commit_mutex_;  // before the other, where both are taken
  std::size_t commits_to_watch_ = commits_watched;
  bool failed_ = false;

  Done commit_group();
  Result<CommitResult> write(const std::vector<StoreRecord>& records);
  bool keep_files(const std::vector<StoreRecord>& records);
};

}  // namespace hansa
