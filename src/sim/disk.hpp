// Disk: what of a simulated site survives a crash, and what the journal's owner does while it doesn't take any more.
//
// It stands for the store's actor and for SQLite with a log that is synced at every commit. Whatever waits while the
// disk is busy goes to it as one commit (store/commit_queue.hpp, the same as in a daemon); a commit is all or nothing.
// A crash loses all that was not told to be durable, but for the one commit that was being written: it may be there as
// a whole, without anybody having been told, or be torn, and then it is as if it had never been. A full disk refuses a
// commit whole; it is tried again every second, and its owner says so.
//
// Whoever watches sees each record at the moment at which it is durable.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "hansa/ports/store.hpp"
#include "protocol/perform.hpp"
#include "src/sim/timeline.hpp"
#include "src/store/commit_queue.hpp"

namespace hansa::sim {

class Disk {
 public:
  // Who looks on, and who is told.
  struct Owner {
    std::function<void(const StoreRecord& record)> watch;
    std::function<void(BatchNumber through)> durable;  // every batch up to this one
    std::function<void(bool full)> room_changed;
    std::function<Duration()> draw_commit_time;
    std::function<void()> failed;  // a write ended in an error: nothing more will be written in this life
  };

  Disk(Timeline& timeline, StoreId id, Owner owner) : timeline_(timeline), id_(id), owner_(std::move(owner)) {}

  void commit(BatchNumber batch, std::vector<StoreRecord> records);

  // No byte is left, or again some.
  void set_full(bool full) { full_ = full; }
  bool is_full() const { return full_; }
  // The next commit ends in an error.
  void fail_next() { failing_ = true; }
  void forget_failure() { failing_ = false; }
  // There is nothing that it was not told to be durable.
  bool is_idle() const { return !writing_ && !stuck_ && queue_.empty(); }
  bool is_writing() const { return writing_.has_value(); }

  // The daemon is gone. Whether the commit that was being written got there all the same.
  void crash(bool landed);
  // All is lost; a new store is made in its place.
  void wipe(StoreId fresh);

  StoredState load() const;
  const std::map<JobId, JobRecord>& jobs() const { return jobs_; }
  const std::map<RunKey, RunRecord>& runs() const { return runs_; }
  const StoreId& id() const { return id_; }

 private:
  void write_waiting();
  void write();
  void end_write();
  void refuse();
  void tell_room(bool full);
  void apply(const std::vector<StoreRecord>& records);
  void put(const StoreRecord& record);
  void later(Duration wait, void (Disk::*deed)());

  Timeline& timeline_;
  StoreId id_;
  Owner owner_;
  std::map<std::string, std::uint64_t> facts_;
  std::map<JobId, JobRecord> jobs_;
  std::map<RunKey, RunRecord> runs_;
  CommitQueue queue_;
  std::optional<CommitQueue::Commit> writing_;
  std::optional<CommitQueue::Commit> stuck_;  // met a full disk
  bool scheduled_ = false;                    // a commit follows by itself
  bool full_ = false;
  bool told_full_ = false;
  bool failing_ = false;
  std::uint64_t life_ = 0;  // raised by a crash: what was under way then never ends
};

}  // namespace hansa::sim
