// Group commit: whatever waits while the disk is busy goes to it as one commit.
//
// One sync costs as much for one batch as for a hundred. The store's owner appends each batch as it comes, commits what
// take() gives it, and tells everyone who waits for a sequence number up to `through` that it is durable. No waiting
// for more: under load the queue fills by itself during the last sync, and an idle store answers at once.
//
// Invariants: (1) batches leave in the order they came; (2) a batch leaves whole, within one commit, so that it stays
// all or none; (3) a commit is no larger than its bounds, unless its first batch alone is. Batches without records
// count too: what must be said only after every earlier batch is durable has a number of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <iterator>
#include <utility>
#include <variant>
#include <vector>

#include "hansa/types/records.hpp"

namespace hansa {

class CommitQueue {
 public:
  // What grows with them: the time that the first batch of a commit waits for the last one's encoding, and memory.
  struct Bounds {
    std::size_t records_max = 4096;
    std::size_t bytes_max = 4u << 20;
  };

  struct Commit {
    std::vector<StoreRecord> records;
    std::uint64_t through = 0;  // the last batch in it
    std::size_t batches = 0;
  };

  CommitQueue() : CommitQueue(Bounds{}) {}
  explicit CommitQueue(Bounds bounds) : bounds_(bounds) {}

  // `sequence` must be larger than that of the batch before.
  void append(std::uint64_t sequence, std::vector<StoreRecord> records) {
    const auto bytes = bytes_of(records);
    waiting_.push_back({sequence, std::move(records), bytes, 1});
  }

  bool empty() const { return waiting_.empty(); }
  std::size_t batches_waiting() const {
    std::size_t sum = 0;
    for (const auto& batch : waiting_) sum += batch.count;
    return sum;
  }

  // As much as fits, in order. Not to be called when empty.
  Commit take() {
    Commit commit;
    std::size_t bytes = 0;
    do {
      bytes += waiting_.front().bytes;
      move_front_to(commit);
    } while (!waiting_.empty() && fits(commit.records.size(), bytes, waiting_.front()));
    return commit;
  }

  // A commit that found the disk full comes back to the front, and goes out whole again.
  void put_back(Commit commit) {
    const auto bytes = bytes_of(commit.records);
    waiting_.push_front({commit.through, std::move(commit.records), bytes, commit.batches});
  }

 private:
  struct Batch {
    std::uint64_t sequence;
    std::vector<StoreRecord> records;
    std::size_t bytes;
    std::size_t count;  // of appended batches: more than one only after put_back
  };

  bool fits(std::size_t records, std::size_t bytes, const Batch& next) const {
    return records + next.records.size() <= bounds_.records_max && bytes + next.bytes <= bounds_.bytes_max;
  }

  void move_front_to(Commit& commit) {
    auto& batch = waiting_.front();
    commit.through = batch.sequence;
    commit.batches += batch.count;
    if (commit.records.empty())
      commit.records = std::move(batch.records);
    else
      commit.records.insert(commit.records.end(), std::make_move_iterator(batch.records.begin()),
                            std::make_move_iterator(batch.records.end()));
    waiting_.pop_front();
  }

  // Roughly what a record takes in the journal; only payloads and notes can be large.
  static std::size_t bytes_of(const std::vector<StoreRecord>& records) {
    constexpr std::size_t small_record_bytes = 256;
    std::size_t sum = records.size() * small_record_bytes;
    for (const auto& record : records) {
      if (const auto* job = std::get_if<PutJobPayload>(&record)) sum += job->payload->size();
      if (const auto* run = std::get_if<PutRunPayload>(&record)) sum += run->payload->size();
      if (const auto* note = std::get_if<PutNote>(&record)) sum += note->text.size();
    }
    return sum;
  }

  Bounds bounds_;
  std::deque<Batch> waiting_;
};

}  // namespace hansa
